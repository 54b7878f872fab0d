package dev.keralens.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.grad.Differentiator;
import dev.keralens.grad.UnitRows;
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
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Products for several units an image: rewritten graphs compute what the graphs did. */
class UnitFactorsTest {
  private static final int UNITS = 3;

  private final Random random = new Random(11);
  private final GraphBuilder b = new GraphBuilder();
  private final Value x = b.input("x", ElementType.FLOAT32, Shape.of(-1, 4, 5));
  private final Value dy = b.input("dy", ElementType.FLOAT32, Shape.of(-UNITS, 4, 5));

  private Tensor numbers(int... shape) {
    float[] values = new float[(int) Tensor.elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, shape);
  }

  private Value times(Value gradient, Value factor) {
    return UnitRows.times(b, gradient, factor, UNITS);
  }

  /** Compares both graphs' results, and returns how many products of gradients are left. */
  private long products(Value... outputs) {
    Graph graph = b.build(List.of(outputs));
    Graph rewritten = UnitFactors.rewrite(graph);
    RuntimeOptions options = RuntimeOptions.defaults().withRewriting(false);
    List<Tensor> input = List.of(numbers(2, 4, 5), numbers(2 * UNITS, 4, 5));
    try (CompiledGraph before = CompiledGraph.compile(graph, options);
        CompiledGraph after = CompiledGraph.compile(rewritten, options)) {
      NonFinite.check(graph, before, after);
      List<Tensor> expected = before.run(input);
      List<Tensor> actual = after.run(input);
      for (int i = 0; i < outputs.length; i++) {
        assertArrayEquals(expected.get(i).shape(), actual.get(i).shape());
        assertArrayEquals(expected.get(i).toFloatArray(), actual.get(i).toFloatArray(), 1e-5f);
        assertTrue(expected.get(i).get(5, 3, 4) != 0, "a result is zero, which compares little");
      }
    }
    long left = productsOfGradients(rewritten);
    long afterAll = productsOfGradients(Rewriter.rewrite(graph, 1));
    assertEquals(left, afterAll, "another rewriting takes the products' shapes away");
    return left;
  }

  private static long productsOfGradients(Graph graph) {
    return graph.nodes().stream()
        .filter(node -> node.op() == Op.MUL && node.output().shape().rank() > 3)
        .count();
  }

  @Test
  void productsInARow_areOne() {
    assertEquals(1, products(times(times(times(dy, x), b.node(Op.SIN, x)), b.node(Op.COS, x))));
  }

  @Test
  void sumOfProducts_isOne() {
    assertEquals(1, products(b.add(times(dy, x), times(dy, b.node(Op.SIN, x)))));
  }

  @Test
  void sumOfProductsOfSeveralGradients_stays() {
    assertEquals(2, products(b.add(times(dy, x), times(b.abs(dy), x))));
  }

  @Test
  void productThatOthersRead_stays() {
    Value first = times(dy, x);
    assertEquals(2, products(times(first, b.node(Op.SIN, x)), b.neg(first)));
    assertEquals(2, products(b.add(first, times(dy, b.node(Op.COS, x))), first));
  }

  @Test
  void broadcastFactors_areJoined() {
    Value rows = b.reduceMean(x, true, 2);
    Value columns = b.reduceMean(x, true, 1);
    assertEquals(1, products(times(times(dy, rows), columns)));
    assertEquals(2, products(b.add(times(dy, rows), times(dy, columns))));
  }

  @Test
  void rowsForEachTimeStep_areJoined() {
    Value steps = b.reshape(x, Shape.of(-4, 1, 5));
    Value gradient = b.reshape(dy, Shape.of(-4 * UNITS, 1, 5));
    Value product = times(times(gradient, steps), b.node(Op.SIN, steps));
    assertEquals(1, products(b.reshape(product, Shape.of(-UNITS, 4, 5))));
  }

  @Test
  void gradientOfSwish_hasOneProduct() {
    Value y = b.mul(x, b.node(Op.SIGMOID, x));
    Value seed = times(dy, b.node(Op.COS, x));
    Value gradient =
        Objects.requireNonNull(
            Differentiator.of(b).repeats(UNITS).gradients(Map.of(y, seed), List.of(x)).get(x));
    assertEquals(1, products(gradient));
  }
}
