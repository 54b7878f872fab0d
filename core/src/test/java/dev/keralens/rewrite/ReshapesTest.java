package dev.keralens.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.filter.Resizing;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReshapesTest {
  private final GraphBuilder b = new GraphBuilder();

  /** Compares both graphs' results, and returns how many reshapes are left. */
  private long left(Value output, Tensor input) {
    Graph graph = b.build(List.of(output));
    Graph rewritten = Reshapes.rewrite(graph);
    RuntimeOptions options = RuntimeOptions.defaults().withRewriting(false);
    try (CompiledGraph before = CompiledGraph.compile(graph, options);
        CompiledGraph after = CompiledGraph.compile(rewritten, options)) {
      NonFinite.check(graph, before, after);
      Tensor expected = before.run(List.of(input)).get(0);
      Tensor actual = after.run(List.of(input)).get(0);
      assertArrayEquals(expected.shape(), actual.shape());
      assertArrayEquals(expected.toFloatArray(), actual.toFloatArray());
    }
    return rewritten.nodes().stream().filter(node -> node.op() == Op.RESHAPE).count();
  }

  private static Tensor numbers(int... shape) {
    float[] values = new float[(int) Tensor.elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 37 % 101) / 7f;
    }
    return Tensor.of(values, shape);
  }

  @Test
  void reshapes_inARowAreOne() {
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(-2, 3, 4));
    Value flat = b.reshape(b.reshape(x, Shape.of(-2, 12)), Shape.of(-2, 2, 6));
    assertEquals(1, left(b.relu(b.reshape(flat, Shape.of(-1, 24))), numbers(6, 3, 4)));
  }

  @Test
  void reshapes_thatComeBackAreNone() {
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(-1, 3, 4));
    assertEquals(
        0,
        left(
            b.relu(b.reshape(b.reshape(x, Shape.of(-1, 12)), Shape.of(-1, 3, 4))),
            numbers(2, 3, 4)));
  }

  @ParameterizedTest
  @EnumSource
  void reshapes_betweenATranspositionAndAResizingStay(Resizing.Mode mode) {
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(-1, 8, 6, 1));
    Value maps = b.reshape(b.transpose(x, 0, 3, 1, 2), Shape.of(-1, 8, 6));
    Value resized = Resizing.of(b, mode, maps, 4, 9);
    assertEquals(3, left(b.relu(resized), numbers(2, 8, 6, 1)));
  }
}
