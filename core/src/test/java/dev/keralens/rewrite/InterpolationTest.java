package dev.keralens.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.filter.Resizing;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InterpolationTest {
  private final Random random = new Random(6);

  @ParameterizedTest
  @CsvSource({
    "LINEAR,7,7,224,224,0",
    "LINEAR,10,3,299,200,0",
    "LINEAR,1,16,5,16,0",
    "LINEAR,8,9,3,4,0",
    "LINEAR,17,7,224,224,1",
    "NEAREST,7,7,224,224,1",
    "CUBIC,7,7,14,14,1"
  })
  void resizing_givesTheSame(
      Resizing.Mode mode, int height, int width, int newHeight, int newWidth, int left) {
    GraphBuilder b = new GraphBuilder();
    Graph graph =
        b.build(
            List.of(
                Resizing.of(
                    b,
                    mode,
                    b.input("x", ElementType.FLOAT32, Shape.of(-1, height, width)),
                    newHeight,
                    newWidth)));
    Graph rewritten = Reshapes.rewrite(Interpolation.rewrite(graph));
    float[] values = new float[3 * height * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Tensor input = Tensor.of(values, 3, height, width);
    RuntimeOptions options = RuntimeOptions.defaults().withRewriting(false);
    try (CompiledGraph before = CompiledGraph.compile(graph, options);
        CompiledGraph after = CompiledGraph.compile(rewritten, options)) {
      NonFinite.check(graph, before, after);
      Tensor expected = before.run(List.of(input)).get(0);
      Tensor actual = after.run(List.of(input)).get(0);
      assertArrayEquals(expected.shape(), actual.shape());
      assertArrayEquals(expected.toFloatArray(), actual.toFloatArray(), 1e-5f);
    }
    assertEquals(left, rewritten.nodes().stream().filter(n -> n.op() == Op.RESIZE).count());
  }
}
