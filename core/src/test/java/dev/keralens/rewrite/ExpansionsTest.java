package dev.keralens.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExpansionsTest {
  private final Random random = new Random(4);
  private final GraphBuilder b = new GraphBuilder();

  private Tensor numbers(int... shape) {
    float[] values = new float[(int) Tensor.elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, shape);
  }

  /** Compares both graphs' results, and returns how often the operator is left. */
  private long left(Op op, Value output, Tensor input) {
    Graph graph = b.build(List.of(output));
    Graph rewritten = Expansions.rewrite(graph);
    RuntimeOptions options = RuntimeOptions.defaults().withRewriting(false);
    try (CompiledGraph before = CompiledGraph.compile(graph, options);
        CompiledGraph after = CompiledGraph.compile(rewritten, options)) {
      NonFinite.check(graph, before, after);
      Tensor expected = before.run(List.of(input)).get(0);
      Tensor actual = after.run(List.of(input)).get(0);
      assertArrayEquals(expected.shape(), actual.shape());
      float[] e = expected.toFloatArray();
      float largest = 0;
      for (float number : e) {
        largest = Math.max(largest, Math.abs(number));
      }
      assertArrayEquals(e, actual.toFloatArray(), 1e-6f * largest);
    }
    return rewritten.nodes().stream().filter(node -> node.op() == op).count();
  }

  @Test
  void mean_ofOneNumberEverywhereIsIt() {
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(-1, 4, 1, 1));
    Value wide = b.expand(x, Shape.of(-1, 4, 7, 7));
    assertEquals(0, left(Op.REDUCE_MEAN, b.reduceMean(wide, true, 2, 3), numbers(3, 4, 1, 1)));
    assertEquals(0, left(Op.REDUCE_MEAN, b.reduceMean(wide, false, -2, -1), numbers(3, 4, 1, 1)));
  }

  @Test
  void mean_ofOtherAxesStays() {
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(-1, 4, 1, 1));
    Value wide = b.expand(x, Shape.of(-1, 4, 7, 7));
    assertEquals(1, left(Op.REDUCE_MEAN, b.reduceMean(wide, true, 1, 2, 3), numbers(3, 4, 1, 1)));
    assertEquals(1, left(Op.REDUCE_MEAN, b.reduceMean(wide, true, 2), numbers(3, 4, 1, 1)));
  }

  @Test
  void elements_areComputedOnce() {
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(-1, 4, 1, 1));
    Value wide = b.expand(x, Shape.of(-1, 4, 7, 7));
    Value square = b.mul(wide, wide);
    Value scaled = b.add(b.mul(square, b.constant(numbers(4, 1, 1))), b.mul(wide, x));
    Value empty = b.node(Op.EQUAL, scaled, b.scalar(0));
    Value safe = b.where(empty, b.scalar(1), scaled);
    Value share = b.relu(b.sub(b.div(square, safe), b.scalar(0.5f)));
    Value sum = b.reduceSum(b.mul(share, wide), false, 2, 3);
    assertEquals(0, left(Op.EXPAND, sum, numbers(3, 4, 1, 1)));
    assertEquals(1, left(Op.EXPAND, share, numbers(3, 4, 1, 1)));
  }

  @Test
  void elements_ofWholeImagesStay() {
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(-1, 4, 1, 1));
    Value wide = b.expand(x, Shape.of(-1, 4, 7, 5));
    Value images = b.mul(wide, b.constant(numbers(7, 5)));
    assertEquals(1, left(Op.EXPAND, images, numbers(3, 4, 1, 1)));
    assertEquals(1, left(Op.REDUCE_SUM, b.reduceSum(images, true, 2, 3), numbers(3, 4, 1, 1)));
    Value rows = b.mul(wide, b.constant(numbers(7, 1)));
    assertEquals(1, left(Op.REDUCE_SUM, b.reduceSum(rows, true, 2, 3), numbers(3, 4, 1, 1)));
    assertEquals(0, left(Op.REDUCE_SUM, b.reduceSum(rows, true, 3), numbers(3, 4, 1, 1)));
  }

  @Test
  void sum_ofMoreThanOneUnit() {
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(-2, 4, 1, 1));
    Value wide = b.mul(b.expand(x, Shape.of(-2, 4, 3, 5)), b.scalar(2));
    assertEquals(0, left(Op.REDUCE_SUM, b.reduceSum(wide, false, 2, 3), numbers(6, 4, 1, 1)));
  }
}
