package dev.keralens.grad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Gradients of long axes that are read several times, which need no matrix of their size. */
class ScatteringTest {
  private static final int SIZE = 700;
  private static final int BORDER = 60;

  /**
   * The gradient of a border around a long axis, where each element has the weight of its place.
   */
  private static float[] gradient(String mode) {
    GraphBuilder b = new GraphBuilder();
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 1, SIZE));
    Attributes attributes = Attributes.NONE.with("mode", mode);
    Value y = b.node(Op.PAD, attributes, x, b.ints(0, 0, BORDER, 0, 0, BORDER));
    Value seed = b.input("seed", ElementType.FLOAT32, y.shape());
    Value g =
        Objects.requireNonNull(Differentiator.of(b).gradients(Map.of(y, seed), List.of(x)).get(x));
    Graph graph = b.build(List.of(g));
    assertTrue(
        graph.constants().values().stream()
            .allMatch(constant -> Tensor.elements(constant.shape()) <= 2 * SIZE),
        "no matrix");
    float[] weights = new float[SIZE + 2 * BORDER];
    IntStream.range(0, weights.length).forEach(i -> weights[i] = i);
    try (CompiledGraph compiled = CompiledGraph.compile(graph)) {
      return compiled
          .run(
              List.of(
                  Tensor.of(new float[SIZE], 1, 1, SIZE), Tensor.of(weights, 1, 1, weights.length)))
          .get(0)
          .toFloatArray();
    }
  }

  private static float[] expected(IntUnaryOperator source) {
    float[] out = new float[SIZE];
    for (int i = 0; i < SIZE + 2 * BORDER; i++) {
      out[source.applyAsInt(i - BORDER)] += i;
    }
    return out;
  }

  @Test
  void pad_reflectOfALongAxis() {
    assertArrayEquals(
        expected(i -> i < 0 ? -i : i < SIZE ? i : 2 * (SIZE - 1) - i), gradient("reflect"), 0.01f);
  }

  @Test
  void pad_edgeOfALongAxis() {
    assertArrayEquals(expected(i -> Math.max(0, Math.min(SIZE - 1, i))), gradient("edge"), 0.01f);
  }

  @Test
  void gather_ofALongAxisTwice() {
    GraphBuilder b = new GraphBuilder();
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, SIZE));
    int[] index = IntStream.range(0, 2 * SIZE).map(i -> i / 2).toArray();
    Value y = b.node(Op.GATHER, Attributes.of("axis", 1), x, b.ints(index));
    Value seed = b.input("seed", ElementType.FLOAT32, y.shape());
    Value g =
        Objects.requireNonNull(Differentiator.of(b).gradients(Map.of(y, seed), List.of(x)).get(x));
    float[] weights = new float[2 * SIZE];
    float[] expected = new float[SIZE];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i;
      expected[i / 2] += i;
    }
    try (CompiledGraph compiled = CompiledGraph.compile(b.build(List.of(g)))) {
      float[] actual =
          compiled
              .run(List.of(Tensor.of(new float[SIZE], 1, SIZE), Tensor.of(weights, 1, 2 * SIZE)))
              .get(0)
              .toFloatArray();
      assertArrayEquals(expected, actual, 0.01f);
    }
  }
}
