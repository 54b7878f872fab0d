package dev.keralens.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images of 2 x 3 pixels and 5 channels, as a product with a kernel gives them. */
class AveragedKernelsTest {
  private final Random random = new Random(8);
  private final GraphBuilder b = new GraphBuilder();
  private final Value x = b.input("x", ElementType.FLOAT32, Shape.of(-1, 4));

  private Tensor numbers(int... shape) {
    float[] values = new float[(int) Tensor.elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, shape);
  }

  /** A kernel that is read three rows at a time. */
  private Value product(boolean transposed) {
    Tensor kernel = transposed ? numbers(30, 4) : numbers(4, 30);
    Constant.Source source =
        new Constant.Source() {
          @Override
          public Tensor read() {
            return kernel;
          }

          @Override
          public boolean visitRows(int rows, Constant.RowVisitor visitor) {
            for (int first = 0; first < kernel.size(0); first += 3) {
              visitor.visit(first, kernel.rows(first, Math.min(first + 3, kernel.size(0))));
            }
            return true;
          }
        };
    return b.node(
        Op.GEMM,
        Attributes.of("transB", transposed ? 1 : 0),
        x,
        b.constant("kernel", Constant.deferred(ElementType.FLOAT32, kernel.shape(), source)));
  }

  /**
   * Compares both graphs' results, and returns the columns of the products in the rewritten one.
   */
  private List<Integer> columns(Value... outputs) {
    Graph graph = b.build(Arrays.asList(outputs));
    Graph rewritten = AveragedKernels.rewrite(graph);
    RuntimeOptions options = RuntimeOptions.defaults().withRewriting(false);
    List<Tensor> input = List.of(numbers(3, 4));
    try (CompiledGraph before = CompiledGraph.compile(graph, options);
        CompiledGraph after = CompiledGraph.compile(rewritten, options)) {
      NonFinite.check(graph, before, after);
      for (int i = 0; i < outputs.length; i++) {
        Tensor expected = before.run(input).get(i);
        Tensor actual = after.run(input).get(i);
        assertArrayEquals(expected.shape(), actual.shape());
        assertArrayEquals(expected.toFloatArray(), actual.toFloatArray(), 1e-6f);
      }
    }
    return rewritten.nodes().stream()
        .filter(node -> node.op() == Op.GEMM)
        .map(Node::output)
        .map(value -> value.shape().size(1))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void mean_overPixels(boolean transposed) {
    Value channelsFirst = b.reshape(product(transposed), Shape.of(-1, 5, 2, 3));
    assertEquals(List.of(5), columns(b.reduceMean(channelsFirst, false, 2, 3)));
    Value image = b.reshape(product(transposed), Shape.of(-1, 2, 3, 5));
    Value moved = b.transpose(image, 0, 3, 1, 2);
    assertEquals(List.of(5), columns(b.reduceMean(moved, true, 2, 3)));
    assertEquals(List.of(10), columns(b.reduceMean(moved, false, 3)));
    Value reshaped = b.reshape(moved, Shape.of(-1, 5, 6));
    assertEquals(List.of(5), columns(b.reduceMean(reshaped, false, 2)));
    assertEquals(List.of(6), columns(b.reduceMean(reshaped, true, 1)));
  }

  @Test
  void mean_ofWhatOthersReadStays() {
    Value image = b.reshape(product(true), Shape.of(-1, 5, 6));
    assertEquals(List.of(30), columns(b.reduceMean(image, false, 2), b.neg(image)));
  }

  @Test
  void mean_ofOtherKernelsStays() {
    Value bias = b.constant(numbers(30));
    Value sum = b.node(Op.GEMM, x, b.constant(numbers(4, 30)), bias);
    assertEquals(List.of(30), columns(b.reduceMean(b.reshape(sum, Shape.of(-1, 5, 6)), false, 2)));
    Value parts = b.reshape(product(false), Shape.of(-2, 3, 5));
    assertEquals(List.of(30), columns(b.reduceMean(parts, false, 1)));
  }
}
