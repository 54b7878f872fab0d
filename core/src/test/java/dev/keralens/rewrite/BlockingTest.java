package dev.keralens.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.grad.Differentiator;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.Optimization;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Graphs in the engine's blocked layout compute what the graphs did: each is run as it is, without
 * any optimization, and rewritten, with all of them.
 */
class BlockingTest {
  private static final int CHANNELS = 16;
  private static final RuntimeOptions PLAIN =
      RuntimeOptions.defaults().withRewriting(false).withOptimization(Optimization.NONE);

  private final Random random = new Random(5);
  private final GraphBuilder b = new GraphBuilder();
  private final Value x = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, CHANNELS, 7, 6));

  private Tensor numbers(int... shape) {
    float[] values = new float[(int) Tensor.elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, shape);
  }

  private Value conv(Value value, int... kernel) {
    int pad = kernel[2] / 2;
    Attributes attributes =
        Attributes.of("pads", pad, pad, pad, pad).with("group", value.shape().size(1) / kernel[1]);
    return b.node(Op.CONV, attributes, value, b.constant(numbers(kernel)));
  }

  /** The gradient with weights that depend on the values, as those of later layers do. */
  private Value gradient(Value y) {
    Value seed = conv(y, CHANNELS, CHANNELS, 1, 1);
    return Objects.requireNonNull(
        Differentiator.of(b).gradients(Map.of(y, seed), List.of(x)).get(x));
  }

  private Graph assertSame(Tensor input, double tolerance, Value... outputs) {
    Graph graph = b.build(Arrays.asList(outputs));
    Graph rewritten = Blocking.rewrite(SwishFolding.rewrite(graph));
    try (CompiledGraph before = CompiledGraph.compile(graph, PLAIN);
        CompiledGraph after =
            CompiledGraph.compile(rewritten, RuntimeOptions.defaults().withRewriting(false))) {
      NonFinite.check(graph, before, after);
      List<Tensor> expected = before.run(List.of(input));
      List<Tensor> actual = after.run(List.of(input));
      for (int i = 0; i < expected.size(); i++) {
        float[] e = expected.get(i).toFloatArray();
        double largest = 0;
        for (float value : e) {
          largest = Math.max(largest, Math.abs(value));
        }
        assertTrue(largest > 0, "the result is zero everywhere, which compares nothing");
        assertArrayEquals(expected.get(i).shape(), actual.get(i).shape());
        assertArrayEquals(e, actual.get(i).toFloatArray(), (float) (tolerance * largest));
      }
    }
    return rewritten;
  }

  private Graph assertSame(Value... outputs) {
    return assertSame(numbers(3, CHANNELS, 7, 6), 1e-5, outputs);
  }

  private static Set<Op> ops(Graph graph) {
    return graph.nodes().stream().map(node -> node.op()).collect(Collectors.toSet());
  }

  private static void assertNone(Graph graph, Op... ops) {
    Set<Op> found = ops(graph);
    found.retainAll(List.of(ops));
    assertEquals(Set.of(), found);
  }

  @Test
  void mask_ofReluIsAConvolution() {
    Value y = b.relu(conv(x, CHANNELS, CHANNELS, 3, 3));
    assertNone(assertSame(gradient(y)), Op.CAST, Op.GREATER);
  }

  @Test
  void mask_ofRelu6IsConvolutions() {
    Value y = b.node(Op.CLIP, conv(x, CHANNELS, CHANNELS, 3, 3), b.scalar(0), b.scalar(6));
    assertNone(assertSame(gradient(y)), Op.CAST, Op.GREATER, Op.LESS);
  }

  /** Numbers that lie on the bounds, and as near to them as floats can. */
  private static Tensor near(float bound) {
    float[] near = {
      0,
      -0f,
      1e-37f,
      -1e-37f,
      Float.MIN_NORMAL,
      -Float.MIN_NORMAL,
      bound,
      Math.nextDown(bound),
      Math.nextUp(bound),
      Math.nextDown(bound / 2),
      bound / 2,
      Math.nextUp(bound / 2),
      1e-7f * bound,
      1e30f,
      -1e30f
    };
    float[] values = new float[CHANNELS * 42];
    for (int i = 0; i < values.length; i++) {
      values[i] = near[i % near.length];
    }
    return Tensor.of(values, 1, CHANNELS, 7, 6);
  }

  /** x times a number, as a convolution gives it. */
  private Value times(float number) {
    float[] kernel = new float[CHANNELS];
    Arrays.fill(kernel, number);
    return b.node(
        Op.CONV,
        Attributes.of("group", CHANNELS),
        x,
        b.constant(Tensor.of(kernel, CHANNELS, 1, 1, 1)));
  }

  private Value above(Value y, float bound) {
    return b.node(Op.GREATER, y, b.scalar(bound));
  }

  private Value below(Value y, float bound) {
    return b.node(Op.LESS, y, b.scalar(bound));
  }

  private Value product(Value test) {
    Value factor = b.node(Op.SIGMOID, conv(x, CHANNELS, 1, 1, 1));
    return b.mul(factor, b.cast(test, ElementType.FLOAT32));
  }

  private static long products(Graph graph) {
    return graph.nodes().stream().filter(node -> node.op() == Op.MUL).count();
  }

  @Test
  void mask_isExactAtItsBounds() {
    Value y = times(1);
    Value lower = product(above(y, 0));
    Value both = product(b.node(Op.AND, above(y, 0), below(y, 6)));
    assertNone(assertSame(near(6), 0, lower, both), Op.CAST);
  }

  @ParameterizedTest
  @ValueSource(floats = {6, 8, 1, 0.1f, 4.5f, 20, 16777215, 1e-10f, 1e10f})
  void mask_ofWhatWasClippedIsExactAtItsBounds(float bound) {
    Value y = b.node(Op.CLIP, times(1), b.scalar(0), b.scalar(bound));
    Value both = product(b.node(Op.AND, above(y, 0), below(y, bound)));
    Graph graph = assertSame(near(bound), 0, both, y);
    assertNone(graph, Op.CAST);
    assertEquals(1, products(graph), "the mask is one value");
  }

  @Test
  void mask_ofWhatWasClippedElsewhereIsExactAtItsBounds() {
    Value y = b.node(Op.CLIP, times(1), b.scalar(0), b.scalar(6));
    Value signed = b.node(Op.CLIP, times(2), b.scalar(-1), b.scalar(6));
    Value below = product(b.node(Op.AND, above(y, 0), below(y, 3)));
    Value between = product(b.node(Op.AND, above(y, 3), below(y, 6)));
    Value positive = product(b.node(Op.AND, above(signed, 0), below(signed, 6)));
    Value inner = product(b.node(Op.AND, above(signed, -1), below(signed, 6)));
    Value two = product(b.node(Op.AND, above(y, 0), below(signed, 6)));
    Graph graph = assertSame(near(6), 0, below, between, positive, inner, two);
    assertNone(graph, Op.CAST);
    assertEquals(10, products(graph), "each mask is a product of two");
  }

  @Test
  void mask_ofChannelsThatFillNoBlockStays() {
    Value y = b.relu(conv(x, 12, CHANNELS, 3, 3));
    Value factor = conv(x, 12, CHANNELS, 1, 1);
    Value mask = b.cast(b.node(Op.GREATER, y, b.scalar(0)), ElementType.FLOAT32);
    assertTrue(ops(assertSame(b.mul(factor, mask))).contains(Op.GREATER));
  }

  @Test
  void mask_ofWhatNoConvolutionGivesStays() {
    Value y = b.relu(x);
    Value mask = b.cast(b.node(Op.GREATER, y, b.scalar(0)), ElementType.FLOAT32);
    Value product = b.mul(conv(x, CHANNELS, CHANNELS, 1, 1), mask);
    assertTrue(ops(assertSame(product)).contains(Op.GREATER));
  }

  @Test
  void swish_gradientIsOneProduct() {
    Value z = conv(x, CHANNELS, CHANNELS, 3, 3);
    Value y = b.mul(z, b.node(Op.SIGMOID, z));
    Graph graph = assertSame(gradient(y), y);
    assertNone(graph, Op.SUB);
    long products = graph.nodes().stream().filter(node -> node.op() == Op.MUL).count();
    assertEquals(3, products, "x s, y (1 - s), dy times the sum");
  }

  @Test
  void squeezeAndExcitation_staysInBlocks() {
    Value z = b.relu(conv(x, CHANNELS, CHANNELS, 3, 3));
    Value squeezed = conv(b.node(Op.GLOBAL_AVERAGE_POOL, z), CHANNELS, CHANNELS, 1, 1);
    Value y = b.mul(z, b.node(Op.SIGMOID, squeezed));
    assertNone(assertSame(gradient(y), y), Op.REDUCE_SUM, Op.EXPAND, Op.CAST);
  }

  @Test
  void secondPixels_areTakenByAConvolution() {
    Value z = conv(x, CHANNELS, CHANNELS, 1, 1);
    Value[] taken = new Value[4];
    for (int i = 0; i < 4; i++) {
      Value starts = b.ints(i / 2, i % 2);
      taken[i] = b.node(Op.SLICE, z, starts, b.ints(7, 6), b.ints(2, 3), b.ints(2, 2));
    }
    assertNone(assertSame(taken), Op.SLICE);
  }

  @Test
  void secondPixels_betweenZerosAreTakenByAConvolution() {
    Value z = conv(x, CHANNELS, CHANNELS, 1, 1);
    Value padded = b.pad(z, new int[] {0, 0, 1, 2}, new int[] {0, 0, 3, 1});
    Value[] taken = new Value[4];
    for (int i = 0; i < 4; i++) {
      Value starts = b.ints(i / 2, i % 2);
      taken[i] = b.node(Op.SLICE, padded, starts, b.ints(11, 9), b.ints(2, 3), b.ints(2, 2));
    }
    assertNone(assertSame(taken), Op.SLICE, Op.PAD);
  }

  @Test
  void secondRowsAndColumns_areTakenByAConvolution() {
    Value z = conv(x, CHANNELS, CHANNELS, 1, 1);
    Value padded = b.pad(z, new int[] {0, 0, 1, 2}, new int[] {0, 0, 3, 1});
    assertNone(
        assertSame(
            b.node(Op.SLICE, z, b.ints(0), b.ints(7), b.ints(2), b.ints(2)),
            b.node(Op.SLICE, z, b.ints(1), b.ints(6), b.ints(3), b.ints(2)),
            b.node(Op.SLICE, padded, b.ints(1), b.ints(11), b.ints(2), b.ints(2)),
            b.node(Op.SLICE, padded, b.ints(0), b.ints(9), b.ints(3), b.ints(2)),
            b.node(Op.SLICE, padded, b.ints(1, 0), b.ints(9, 11), b.ints(3, 2), b.ints(2, 2))),
        Op.SLICE,
        Op.PAD);
  }

  @Test
  void secondPixels_betweenOtherNumbersStay() {
    Value z = conv(x, CHANNELS, CHANNELS, 1, 1);
    Value padded = b.node(Op.PAD, z, b.ints(0, 0, 1, 1, 0, 0, 0, 0), b.scalar(3));
    Value taken = b.node(Op.SLICE, padded, b.ints(0, 0), b.ints(8, 7), b.ints(2, 3), b.ints(2, 2));
    assertTrue(ops(assertSame(taken)).containsAll(Set.of(Op.SLICE, Op.PAD)));
  }

  @Test
  void secondPixels_ofAPartStay() {
    Value z = conv(x, CHANNELS, CHANNELS, 1, 1);
    Value part = b.node(Op.SLICE, z, b.ints(0, 0), b.ints(5, 6), b.ints(2, 3), b.ints(2, 2));
    Value later = b.node(Op.SLICE, z, b.ints(2, 0), b.ints(7, 6), b.ints(2, 3), b.ints(2, 2));
    Graph graph = assertSame(part, later);
    assertEquals(2, graph.nodes().stream().filter(node -> node.op() == Op.SLICE).count());
  }

  @Test
  void pattern_ofPixelsComesOfAConvolution() {
    Value z = conv(x, CHANNELS, CHANNELS, 3, 3);
    Graph graph = assertSame(b.mul(z, b.constant(numbers(1, 1, 7, 6))));
    Value product = graph.outputs().get(0);
    assertTrue(
        graph.producer(product).orElseThrow().inputs().stream()
            .allMatch(factor -> factor != null && factor.shape().equals(product.shape())));
  }

  @Test
  void pattern_doesNotDependOnThePixels() {
    Value z = conv(b.mul(x, 0), CHANNELS, CHANNELS, 3, 3);
    float[] pixels = new float[CHANNELS * 42];
    Arrays.fill(pixels, 7f);
    Value sum = b.add(b.mul(z, b.constant(numbers(1, 1, 7, 6))), b.scalar(1));
    assertSame(Tensor.of(pixels, 1, CHANNELS, 7, 6), 0, sum);
  }

  @Test
  void scale_ofChannelsIsAConvolution() {
    Value z = conv(x, CHANNELS, CHANNELS, 3, 3);
    Value scale = b.constant(numbers(CHANNELS, 1, 1));
    assertNone(assertSame(b.mul(z, scale)), Op.MUL);
  }

  @Test
  void onePixel_isCutOffByAConvolution() {
    Value z = conv(x, CHANNELS, CHANNELS, 3, 3);
    Value last = b.pad(z, new int[] {0, 0, 0, 0}, new int[] {0, 0, -1, -1});
    Value first = b.pad(z, new int[] {0, 0, -1, 0}, new int[] {0, 0, 0, -1});
    assertNone(assertSame(last, first), Op.PAD, Op.SLICE);
  }

  @Test
  void morePixels_areCutOffByASlice() {
    Value z = conv(x, CHANNELS, CHANNELS, 3, 3);
    Value inside = b.pad(z, new int[] {0, 0, -1, 0}, new int[] {0, 0, -1, 0});
    Value early = b.pad(x, new int[] {0, 0, 0, -2}, new int[] {0, 0, 0, -1});
    Graph graph = assertSame(inside, early);
    assertNone(graph, Op.PAD);
    assertTrue(ops(graph).contains(Op.SLICE));
  }

  @Test
  void zeros_areAddedForPoolings() {
    Value z = conv(x, CHANNELS, CHANNELS, 3, 3);
    Value wide = b.pad(z, new int[] {0, 0, 1, 0}, new int[] {0, 0, 2, 1});
    Attributes window = Attributes.of("kernel_shape", 3, 3).with("strides", 2, 2);
    Value pooled = b.node(Op.MAX_POOL, window, wide);
    assertNone(assertSame(pooled, b.node(Op.AVERAGE_POOL, window, wide)), Op.PAD);
    Value other = b.node(Op.PAD, z, b.ints(0, 0, 1, 1, 0, 0, 0, 0), b.scalar(3));
    assertTrue(ops(assertSame(b.node(Op.MAX_POOL, window, other))).contains(Op.PAD));
  }

  @Test
  void padding_bothWaysStays() {
    Value z = conv(x, CHANNELS, CHANNELS, 3, 3);
    Value moved = b.pad(z, new int[] {0, 0, -1, 0}, new int[] {0, 0, 1, 0});
    Value channels = b.pad(z, new int[] {0, -1, 0, 0}, new int[] {0, 0, 0, 0});
    assertTrue(ops(assertSame(moved, channels)).contains(Op.PAD));
  }
}
