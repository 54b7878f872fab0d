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

  /**
   * A last window that reaches beyond the padding counts what lies within it: 3 wide with a stride
   * of 2 on 8 elements padded by 1 on both sides, the fifth lacks one. In the engine's blocked
   * layout, which convolutions of 16 channels bring, it would count nine.
   */
  @ParameterizedTest
  @CsvSource({"1, 1, 1, 1", "0, 0, 1, 1", "1, 0, 1, 1", "0, 1, 0, 0", "1, 1, 0, 1", "2, 2, 2, 2"})
  void lastWindow_thatReachesBeyondThePadding_countsWhatLiesWithin(
      int top, int left, int bottom, int right) throws IOException {
    int channels = 16;
    int[] pads = {top, left, bottom, right};
    GraphBuilder b = new GraphBuilder();
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, channels, 8, 10));
    float[] same = new float[channels * channels];
    for (int i = 0; i < channels; i++) {
      same[i * channels + i] = 1;
    }
    Value conv =
        b.node(Op.CONV, Attributes.of("group", 1), x, b.constant(Tensor.of(same, 16, 16, 1, 1)));
    Attributes kernel =
        Attributes.of("kernel_shape", 3, 3)
            .with("strides", 2, 2)
            .with("pads", pads)
            .with("ceil_mode", 1)
            .with("count_include_pad", 1);
    Value pooled = b.node(Op.AVERAGE_POOL, kernel, conv);
    int rows = pooled.shape().size(2);
    int columns = pooled.shape().size(3);
    Value again =
        b.node(
            Op.CONV, Attributes.of("group", 1), pooled, b.constant(Tensor.of(same, 16, 16, 1, 1)));
    Value flat = b.reshape(again, Shape.of(Shape.BATCH, channels * rows * columns));
    float[] weights = values(channels * rows * columns, 2);
    Value dense = b.constant(Tensor.of(weights, channels * rows * columns, 1));
    Path file = folder.resolve("beyond.onnx");
    OnnxWriter.write(b.build(List.of(b.matMul(flat, dense))), file);
    float[] image = values(channels * 80, 3);
    double score = 0;
    float[] slopes = new float[80];
    for (int c = 0; c < channels; c++) {
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          int y = 2 * row - top;
          int z = 2 * column - left;
          int high = Math.min(y + 3, 8 + bottom) - y;
          int wide = Math.min(z + 3, 10 + right) - z;
          double weight = weights[(c * rows + row) * columns + column] / (high * wide);
          for (int i = Math.max(0, y); i < Math.min(8, y + 3); i++) {
            for (int j = Math.max(0, z); j < Math.min(10, z + 3); j++) {
              score += weight * image[c * 80 + i * 10 + j];
              slopes[i * 10 + j] += (float) (weight * image[c * 80 + i * 10 + j]);
            }
          }
        }
      }
    }
    ExplainOptions raw = ExplainOptions.defaults().withFilter(Filters::none);
    try (Model model = Model.load(file);
        Explainer explainer = Explainer.of(model, raw, InputXGradient.create())) {
      Tensor one = Tensor.of(image, 1, channels, 8, 10);
      assertEquals(score, model.predict(one).get(0, 0), 1e-4);
      Explanation why = explainer.explain(one, Units.of(0));
      assertEquals(score, why.scores().get(0, 0), 1e-4);
      assertArrayEquals(slopes, why.maps().toFloatArray(), 1e-4f);
    }
  }
}
