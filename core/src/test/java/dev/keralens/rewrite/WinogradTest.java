package dev.keralens.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.grad.Differentiator;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.Optimization;
import dev.keralens.runtime.Precision;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Convolutions by tiles compute what the convolutions did: each graph is run as it is in double
 * precision, and rewritten in single precision, with all that the engine does to it.
 */
class WinogradTest {
  private static final int CHANNELS = 256;
  private static final int BATCH = 2;
  private static final double TOLERANCE = 2e-6;
  private static final RuntimeOptions EXACT =
      RuntimeOptions.defaults()
          .withPrecision(Precision.FLOAT64)
          .withOptimization(Optimization.NONE);
  private static final RuntimeOptions AS_IT_IS = RuntimeOptions.defaults().withRewriting(false);

  private final Random random = new Random(3);
  private final GraphBuilder b = new GraphBuilder();

  private Value image(int height, int width) {
    return b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, CHANNELS, height, width));
  }

  private Tensor numbers(double deviation, int... shape) {
    float[] values = new float[(int) Tensor.elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return Tensor.of(values, shape);
  }

  private Tensor positive(int... shape) {
    float[] values = numbers(1, shape).toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.1f + Math.abs(values[i]);
    }
    return Tensor.of(values, shape);
  }

  private Value conv(Value x, int... pads) {
    return b.node(Op.CONV, Attributes.of("pads", pads), x, kernel(CHANNELS, CHANNELS));
  }

  private Value kernel(int outputs, int inputs) {
    return b.constant(numbers(Math.sqrt(2.0 / 9 / inputs), outputs, inputs, 3, 3));
  }

  private Value vector() {
    return b.constant(numbers(1, CHANNELS));
  }

  private Value normalized(Value x) {
    return b.node(
        Op.BATCH_NORMALIZATION,
        Attributes.NONE.with("epsilon", 0.01f),
        x,
        vector(),
        vector(),
        vector(),
        b.constant(positive(CHANNELS)));
  }

  private Graph assertSame(Value... outputs) {
    Graph graph = b.build(Arrays.asList(outputs));
    return assertSame(numbers(1, graph.inputs().get(0).shape().forBatch(BATCH)), graph);
  }

  private static Graph assertSame(Tensor image, Graph graph) {
    Graph rewritten = Winograd.rewrite(graph, 1);
    try (CompiledGraph exact = CompiledGraph.compile(graph, EXACT);
        CompiledGraph tiled = CompiledGraph.compile(rewritten, AS_IT_IS)) {
      NonFinite.check(graph, exact, tiled);
      List<Tensor> expected = exact.run(List.of(image));
      List<Tensor> actual = tiled.run(List.of(image));
      for (int i = 0; i < expected.size(); i++) {
        assertClose(expected.get(i), actual.get(i));
      }
    }
    return rewritten;
  }

  private static void assertClose(Tensor expected, Tensor actual) {
    assertArrayEquals(expected.shape(), actual.shape());
    float[] e = expected.toFloatArray();
    double largest = 0;
    for (float value : e) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertTrue(largest > 0, "the result is zero everywhere, which compares nothing");
    assertArrayEquals(e, actual.toFloatArray(), (float) (TOLERANCE * largest));
  }

  private static long threeByThree(Graph graph) {
    return graph.nodes().stream()
        .filter(node -> node.op() == Op.CONV)
        .filter(node -> Arrays.equals(kernelSize(node.input(1)), new int[] {3, 3}))
        .count();
  }

  private static int[] kernelSize(Value kernel) {
    int[] sizes = kernel.shape().sizes();
    return Arrays.copyOfRange(sizes, 2, sizes.length);
  }

  private static long count(Graph graph, Op op) {
    return graph.nodes().stream().filter(node -> node.op() == op).count();
  }

  @Test
  void convolution_isComputedByTiles() {
    assertEquals(0, threeByThree(assertSame(conv(image(14, 14), 1, 1, 1, 1))));
  }

  @Test
  void convolution_hasOneProductForEachPlaceOfATile() {
    Graph rewritten = Winograd.rewrite(b.build(List.of(conv(image(14, 14), 1, 1, 1, 1))), 1);
    long products =
        rewritten.nodes().stream()
            .filter(node -> node.op() == Op.CONV && node.attributes().getInt("group", 1) == 1)
            .count();
    assertEquals(16, products);
  }

  @Test
  void convolution_takesAnyPadding() {
    Value x = image(14, 20);
    Graph rewritten =
        assertSame(
            conv(x, 0, 0, 0, 0), conv(x, 2, 2, 2, 2), conv(x, 0, 1, 2, 1), conv(x, 1, 0, 3, 2));
    assertEquals(0, threeByThree(rewritten));
  }

  @Test
  void convolution_keepsItsBias() {
    Value x = image(14, 14);
    Attributes attributes = Attributes.of("pads", 1, 1, 1, 1);
    Value known = b.node(Op.CONV, attributes, x, kernel(CHANNELS, CHANNELS), vector());
    Value sum = b.add(vector(), vector());
    Value computed = b.node(Op.CONV, attributes, x, kernel(CHANNELS, CHANNELS), sum);
    assertEquals(0, threeByThree(assertSame(known, computed)));
  }

  @Test
  void convolution_ofFewerOutputsThanInputs() {
    Value x = image(28, 28);
    Value y = b.node(Op.CONV, Attributes.of("pads", 1, 1, 1, 1), x, kernel(192, CHANNELS));
    assertEquals(0, threeByThree(assertSame(y)));
  }

  @Test
  void normalization_goesIntoTheKernels() {
    Value x = image(14, 14);
    Value y =
        b.node(Op.CONV, Attributes.of("pads", 1, 1, 1, 1), x, kernel(CHANNELS, CHANNELS), vector());
    Graph rewritten = assertSame(b.relu(normalized(y)), normalized(conv(x, 1, 1, 1, 1)));
    assertEquals(0, threeByThree(rewritten));
    assertEquals(0, count(rewritten, Op.BATCH_NORMALIZATION));
  }

  @Test
  void normalization_afterABiasThatIsComputedStays() {
    Value bias = b.add(vector(), vector());
    Value y =
        b.node(
            Op.CONV,
            Attributes.of("pads", 1, 1, 1, 1),
            image(14, 14),
            kernel(CHANNELS, CHANNELS),
            bias);
    Graph rewritten = assertSame(normalized(y));
    assertEquals(0, threeByThree(rewritten));
    assertEquals(1, count(rewritten, Op.BATCH_NORMALIZATION));
  }

  @Test
  void activation_isTakenOfTheFourPixels() {
    Value y = conv(image(14, 14), 1, 1, 1, 1);
    Value clipped = b.node(Op.CLIP, y, b.scalar(0), b.scalar(2));
    Graph rewritten = assertSame(clipped);
    assertEquals(4, count(rewritten, Op.CLIP));
  }

  @Test
  void values_thatOthersReadAreComputed() {
    Value y = conv(image(14, 14), 1, 1, 1, 1);
    Value normalized = normalized(y);
    assertEquals(0, threeByThree(assertSame(y, normalized, b.relu(normalized))));
  }

  @Test
  void convolutions_oneAfterTheOther() {
    Value y = b.relu(conv(b.relu(conv(image(14, 14), 1, 1, 1, 1)), 1, 1, 1, 1));
    assertEquals(0, threeByThree(assertSame(y)));
  }

  @Test
  void gradient_isComputedByTilesToo() {
    Value x = image(14, 14);
    Value y = conv(x, 1, 1, 1, 1);
    Value seed = b.mul(y, y);
    Value gradient =
        Objects.requireNonNull(Differentiator.of(b).gradients(Map.of(y, seed), List.of(x)).get(x));
    assertEquals(0, threeByThree(assertSame(gradient)));
  }

  @Test
  void zeros_stayZerosBeyondTheTilesOfOtherNumbers() {
    float[] pixels = new float[CHANNELS * 14 * 14];
    for (int i = 0; i < CHANNELS; i++) {
      pixels[i * 14 * 14] = 1;
    }
    Graph graph = b.build(List.of(conv(image(14, 14), 1, 1, 1, 1)));
    Tensor image = Tensor.of(pixels, 1, CHANNELS, 14, 14);
    try (CompiledGraph tiled = CompiledGraph.compile(assertSame(image, graph), AS_IT_IS)) {
      float[] values = tiled.run(List.of(image)).get(0).toFloatArray();
      for (int i = 0; i < values.length; i++) {
        boolean near = i % (14 * 14) / 14 < 2 && i % 14 < 2;
        assertTrue(near || values[i] == 0, "pixel " + i + " is " + values[i]);
      }
    }
  }

  @Test
  void convolutions_thatTilesDoNotMakeFasterStay() {
    Value x = image(14, 14);
    Value odd = image(15, 14);
    Value few = b.input("few", ElementType.FLOAT32, Shape.of(Shape.BATCH, 64, 56, 56));
    Value small = b.input("small", ElementType.FLOAT32, Shape.of(Shape.BATCH, CHANNELS, 8, 8));
    Attributes same = Attributes.of("pads", 1, 1, 1, 1);
    Value strides = b.node(Op.CONV, same.with("strides", 2, 2), image(28, 28), kernel(256, 256));
    Value dilated =
        b.node(
            Op.CONV,
            Attributes.of("pads", 2, 2, 2, 2).with("dilations", 2, 2),
            x,
            kernel(CHANNELS, CHANNELS));
    Value groups = b.node(Op.CONV, same.with("group", 2), x, kernel(CHANNELS, CHANNELS / 2));
    Value computed = b.node(Op.CONV, same, x, b.mul(kernel(CHANNELS, CHANNELS), 2));
    Graph graph =
        b.build(
            List.of(
                conv(odd, 1, 1, 1, 1),
                b.node(Op.CONV, same, few, kernel(64, 64)),
                conv(small, 1, 1, 1, 1),
                strides,
                dilated,
                groups,
                computed));
    assertEquals(7, threeByThree(Winograd.rewrite(graph, 1)));
  }

  @Test
  void convolution_ofSeveralThreadsNeedsMoreToDo() {
    Graph small = b.build(List.of(conv(image(14, 14), 1, 1, 1, 1)));
    Graph large = b.build(List.of(conv(image(56, 56), 1, 1, 1, 1)));
    assertEquals(1, threeByThree(Winograd.rewrite(small, 2)));
    assertEquals(0, threeByThree(Winograd.rewrite(large, 2)));
  }

  @Test
  void kernel_isReadOnceForAllPlaces() {
    Tensor kernel = numbers(1, CHANNELS, CHANNELS, 3, 3);
    AtomicInteger reads = new AtomicInteger();
    Constant deferred =
        Constant.deferred(
            ElementType.FLOAT32,
            kernel.shape(),
            () -> {
              reads.incrementAndGet();
              return kernel;
            });
    Value y =
        b.node(
            Op.CONV,
            Attributes.of("pads", 1, 1, 1, 1),
            image(14, 14),
            b.constant("kernel", deferred));
    Graph rewritten = Winograd.rewrite(b.build(List.of(y)), 1);
    for (int time = 1; time <= 2; time++) {
      rewritten.constants().values().forEach(Constant::tensor);
      assertEquals(time, reads.get());
    }
  }
}
