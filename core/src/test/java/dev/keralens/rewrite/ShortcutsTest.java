package dev.keralens.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.graph.Attributes;
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

class ShortcutsTest {
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
    Graph rewritten = Shortcuts.rewrite(graph);
    RuntimeOptions options = RuntimeOptions.defaults().withRewriting(false);
    try (CompiledGraph before = CompiledGraph.compile(graph, options);
        CompiledGraph after = CompiledGraph.compile(rewritten, options)) {
      NonFinite.check(graph, before, after);
      Tensor expected = before.run(List.of(input)).get(0);
      Tensor actual = after.run(List.of(input)).get(0);
      assertArrayEquals(expected.shape(), actual.shape());
      assertArrayEquals(expected.toFloatArray(), actual.toFloatArray(), 1e-6f);
    }
    return rewritten.nodes().stream().filter(node -> node.op() == op).count();
  }

  private Value hot(Value units, float off, float on) {
    Value depth = b.constant(Tensor.of(new long[] {6}, 1));
    Value values = b.constant(Tensor.of(new float[] {off, on}, 2));
    return b.node(Op.ONE_HOT, Attributes.of("axis", -1), units, depth, values);
  }

  private Value units(int count) {
    return b.input("units", ElementType.INT64, Shape.of(-1, count));
  }

  private static final Tensor CHOSEN = Tensor.of(new long[] {5, 0, 3, 3, 1, 2}, 3, 2);

  @Test
  void unit_isARowOfTheKernel() {
    Value seed = b.reshape(hot(units(2), 0, 1), Shape.of(-2, 6));
    assertEquals(0, left(Op.GEMM, b.node(Op.GEMM, seed, b.constant(numbers(6, 4))), CHOSEN));
  }

  @Test
  void unit_isAColumnOfTheKernel() {
    Value seed = b.reshape(hot(units(2), 0, 1), Shape.of(-2, 6));
    Value product = b.node(Op.GEMM, Attributes.of("transB", 1), seed, b.constant(numbers(4, 6)));
    assertEquals(0, left(Op.GEMM, product, CHOSEN));
  }

  @Test
  void unit_withOtherNumbersStays() {
    Value seed = b.reshape(hot(units(2), 0, 2), Shape.of(-2, 6));
    assertEquals(1, left(Op.GEMM, b.node(Op.GEMM, seed, b.constant(numbers(6, 4))), CHOSEN));
  }

  @Test
  void unit_ofAllPlacesTogetherStays() {
    Value seed = b.reshape(hot(units(2), 0, 1), Shape.of(-1, 12));
    assertEquals(1, left(Op.GEMM, b.node(Op.GEMM, seed, b.constant(numbers(12, 4))), CHOSEN));
  }

  @Test
  void unit_timesANumberIsOfTheKernel() {
    Value seed = b.reshape(hot(units(2), 0, 1), Shape.of(-2, 6));
    Value product = b.node(Op.GEMM, Attributes.of("transB", 1), seed, b.constant(numbers(4, 6)));
    Value mean = b.mul(b.reshape(product, Shape.of(-2, 4, 1, 1)), b.scalar(1 / 49f));
    assertEquals(0, left(Op.MUL, mean, CHOSEN));
    Value row = b.node(Op.GEMM, seed, b.constant(numbers(6, 4)));
    assertEquals(0, left(Op.MUL, b.mul(row, b.scalar(3)), CHOSEN));
  }

  @Test
  void unit_timesANumberEachStays() {
    Value seed = b.reshape(hot(units(2), 0, 1), Shape.of(-2, 6));
    Value product = b.node(Op.GEMM, seed, b.constant(numbers(6, 4)));
    assertEquals(1, left(Op.MUL, b.mul(product, b.constant(numbers(4))), CHOSEN));
    assertEquals(2, left(Op.MUL, b.mul(b.mul(product, b.scalar(3)), product), CHOSEN));
  }

  private Value rows() {
    return b.input("rows", ElementType.FLOAT32, Shape.of(-1, 4));
  }

  private Value columns(Value product, int axis, long... places) {
    Value chosen = b.constant(Tensor.of(places, places.length));
    return b.node(Op.GATHER, Attributes.of("axis", axis), product, chosen);
  }

  /** How many columns the product has that is left. */
  private int width(Value output, Tensor input) {
    left(Op.GEMM, output, input);
    return Shortcuts.rewrite(b.build(List.of(output))).nodes().stream()
        .filter(node -> node.op() == Op.GEMM)
        .mapToInt(node -> node.output().shape().size(1))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void columnsThatAreTaken_areAllThatIsComputed() {
    Tensor input = numbers(3, 4);
    Value rows = rows();
    Value plain = b.node(Op.GEMM, rows, b.constant(numbers(4, 9)), b.constant(numbers(9)));
    assertEquals(2, width(columns(plain, 1, 8, 3), input));
    assertEquals(1, width(columns(plain, -1, 5), input));
    Value turned =
        b.node(
            Op.GEMM,
            Attributes.of("transB", 1),
            rows,
            b.constant(numbers(9, 4)),
            b.constant(numbers(1, 9)));
    assertEquals(3, width(columns(turned, 1, 1, 1, 0), input));
    assertEquals(
        2, width(columns(b.node(Op.GEMM, rows, b.constant(numbers(4, 9))), 1, 7, 2), input));
  }

  @Test
  void columnsThatAreTaken_ofWhatIsReadElsewhereOrWiderStay() {
    Tensor input = numbers(3, 4);
    Value rows = rows();
    Value product = b.node(Op.GEMM, rows, b.constant(numbers(4, 5)));
    Value both = b.add(b.reduceSum(product, true, 1), columns(product, 1, 2));
    assertEquals(5, width(both, input));
    assertEquals(5, width(columns(product, 1, 0, 1, 2, 3, 4, 0), input));
    Value scalar = b.node(Op.GEMM, rows, b.constant(numbers(4, 5)), b.constant(numbers(1)));
    assertEquals(5, width(columns(scalar, 1, 3), input));
  }
}
