package dev.keralens.onnx.operator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.Model;
import dev.keralens.Units;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.method.InputXGradient;
import dev.keralens.onnx.write.OnnxWriter;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A pooling that counts partial windows leaves out the last one where it would start in the
 * padding: 2 wide with a stride of 2 on 9 elements padded by 1 on both sides has 5 windows, not 6.
 */
class PartialWindowTest {
  private static final int HEIGHT = 9;
  private static final int WIDTH = 12;

  @TempDir Path folder;

  private Model model(Op op, Attributes attributes, int windows) throws IOException {
    GraphBuilder b = new GraphBuilder();
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 3, HEIGHT, WIDTH));
    Value kernel = b.constant(Tensor.of(values(4 * 3 * 9, 1), 4, 3, 3, 3));
    Value conv = b.node(Op.CONV, Attributes.of("pads", 1, 1, 1, 1), x, kernel);
    Value pooled = b.node(op, attributes, conv);
    Value flat = b.reshape(pooled, Shape.of(Shape.BATCH, 4 * windows));
    Value dense = b.constant(Tensor.of(values(4 * windows * 2, 2), 4 * windows, 2));
    Path file = folder.resolve(op + ".onnx");
    OnnxWriter.write(b.build(List.of(b.matMul(flat, dense))), file);
    return Model.load(file);
  }

  private static float[] values(int count, int seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({"MAX_POOL, 0", "AVERAGE_POOL, 0", "AVERAGE_POOL, 1"})
  void lastWindow_thatStartsInThePadding_isLeftOut(Op op, int counts) throws IOException {
    Attributes kernel = Attributes.of("kernel_shape", 2, 2).with("strides", 2, 2);
    if (op == Op.AVERAGE_POOL) {
      kernel = kernel.with("count_include_pad", counts);
    }
    Tensor x = Tensor.of(values(2 * 3 * HEIGHT * WIDTH, 3), 2, 3, HEIGHT, WIDTH);
    ExplainOptions raw = ExplainOptions.defaults().withFilter(Filters::none);
    try (Model partial = model(op, kernel.with("pads", 1, 1, 1, 1).with("ceil_mode", 1), 5 * 7);
        Explainer explainer = Explainer.of(partial, raw, InputXGradient.create())) {
      Explanation why = explainer.explain(x, Units.of(1));
      try (Model whole = model(op, kernel.with("pads", 1, 1, 0, 1), 5 * 7);
          Explainer right = Explainer.of(whole, raw, InputXGradient.create())) {
        Explanation expected = right.explain(x, Units.of(1));
        assertEquals(expected.scores().get(0, 0), why.scores().get(0, 0), 1e-5);
        assertArrayEquals(
            expected.maps().toFloatArray(), why.maps().toFloatArray(), 1e-5f, op.onnxName());
      }
    }
  }
}
