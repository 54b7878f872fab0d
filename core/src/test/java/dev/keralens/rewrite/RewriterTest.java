package dev.keralens.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Rewritten graphs compute what the graphs did: each is run as it is, without any optimization, and
 * rewritten, with all of them.
 */
class RewriterTest {
  private final Random random = new Random(11);
  private final GraphBuilder b = new GraphBuilder();

  private Value input(int... sizes) {
    int[] shape = sizes.clone();
    shape[0] = Shape.BATCH;
    return b.input("x", ElementType.FLOAT32, Shape.of(shape));
  }

  private Tensor numbers(int... shape) {
    float[] values = new float[(int) Tensor.elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, shape);
  }

  private Value weights(int... shape) {
    return b.constant(numbers(shape));
  }

  private Value conv(Value x, Attributes attributes, int... kernel) {
    return b.node(Op.CONV, attributes, x, weights(kernel));
  }

  private Value gradient(Value y, Value x) {
    Value seed = b.expand(b.scalar(1), y.shape().with(0, 1));
    Value ones = b.add(b.mul(y, 0), seed);
    return Objects.requireNonNull(
        Differentiator.of(b).gradients(Map.of(y, ones), List.of(x)).get(x));
  }

  private static long count(Graph graph, Op op) {
    return graph.nodes().stream().filter(node -> node.op() == op).count();
  }

  /** How often pixels are cut off by a node of its own, once pads are folded. */
  private long cuts(Value... outputs) {
    assertSame(outputs);
    return count(PadFolding.rewrite(b.build(Arrays.asList(outputs))), Op.PAD);
  }

  /** Runs a graph both ways, and gives its rewritten form. */
  private Graph assertSame(Value... outputs) {
    Graph graph = b.build(Arrays.asList(outputs));
    List<Tensor> feeds = new ArrayList<>();
    graph.inputs().forEach(value -> feeds.add(numbers(value.shape().forBatch(3))));
    RuntimeOptions plain =
        RuntimeOptions.defaults().withRewriting(false).withOptimization(Optimization.NONE);
    try (CompiledGraph before = CompiledGraph.compile(graph, plain);
        CompiledGraph after = CompiledGraph.compile(graph)) {
      NonFinite.check(graph, before, after);
      List<Tensor> expected = before.run(feeds);
      List<Tensor> actual = after.run(feeds);
      for (int i = 0; i < expected.size(); i++) {
        assertClose(expected.get(i), actual.get(i));
      }
    }
    return Rewriter.rewrite(graph, 1);
  }

  private static void assertClose(Tensor expected, Tensor actual) {
    assertArrayEquals(expected.shape(), actual.shape());
    float[] e = expected.toFloatArray();
    float largest = 0;
    for (float value : e) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertTrue(largest > 0, "the result is zero everywhere, which compares nothing");
    assertArrayEquals(e, actual.toFloatArray(), 1e-5f * largest);
  }

  @Test
  void padding_foldsIntoConvolution() {
    Value x = input(1, 4, 9, 8);
    Value padded = b.pad(x, new int[] {0, 0, 1, 2}, new int[] {0, 0, 3, 0});
    Attributes own = Attributes.of("pads", 0, 1, 1, 0).with("strides", 2, 1);
    Graph rewritten = assertSame(conv(padded, own, 5, 4, 3, 3));
    assertEquals(0, count(rewritten, Op.PAD));
  }

  @Test
  void padding_withOtherNumbersStays() {
    Value x = input(1, 4, 9, 8);
    Value padded = b.node(Op.PAD, x, b.ints(0, 0, 1, 1, 0, 0, 1, 1), b.scalar(2));
    assertEquals(1, count(assertSame(conv(padded, Attributes.NONE, 5, 4, 3, 3)), Op.PAD));
  }

  @Test
  void padding_ofChannelsStays() {
    Value x = input(1, 4, 9, 8);
    Value padded = b.pad(x, new int[] {0, 1, 1, 1}, new int[] {0, 0, 1, 1});
    assertEquals(1, count(assertSame(conv(padded, Attributes.NONE, 5, 5, 3, 3)), Op.PAD));
  }

  @Test
  void padding_beforeMaxPoolingStays() {
    Value x = input(1, 4, 9, 8);
    Value padded = b.pad(b.sub(x, b.scalar(9)), new int[] {0, 0, 1, 1}, new int[] {0, 0, 1, 1});
    Value y = b.node(Op.MAX_POOL, Attributes.of("kernel_shape", 3, 3), padded);
    assertEquals(1, count(assertSame(y), Op.PAD));
  }

  @Test
  void padding_thatOthersReadStaysForThem() {
    Value x = input(1, 4, 9, 8);
    Value padded = b.pad(x, new int[] {0, 0, 1, 1}, new int[] {0, 0, 1, 1});
    assertSame(conv(padded, Attributes.NONE, 5, 4, 3, 3), b.relu(padded));
  }

  @Test
  void cropping_ofConvolutionPadsLess() {
    Value x = input(1, 4, 9, 8);
    Value y = conv(x, Attributes.of("pads", 2, 2, 2, 2), 5, 4, 3, 3);
    Value cut = b.pad(y, new int[] {0, 0, -1, -2}, new int[] {0, 0, 0, -1});
    assertEquals(0, count(assertSame(cut), Op.PAD));
  }

  @Test
  void cropping_beyondThePadsStays() {
    Value x = input(1, 4, 9, 8);
    Value y = conv(x, Attributes.of("pads", 1, 1, 1, 1), 5, 4, 3, 3);
    Value cut = b.pad(y, new int[] {0, 0, -2, 0}, new int[] {0, 0, 0, 0});
    assertEquals(1, cuts(cut));
  }

  @Test
  void cropping_ofAxesInAnotherOrderStays() {
    Value y = b.relu(conv(input(1, 4, 9, 8), Attributes.NONE, 12, 4, 3, 3));
    Value pads = b.ints(0, 0, -1, 0, 0, 0, 0, -2);
    Value cut = b.node(Op.PAD, y, pads, b.scalar(0), b.ints(0, 2, 3, 1));
    Value wide = b.node(Op.PAD, y, b.ints(0, 1, 0, 0, 0, 0, 0, 2), null, b.ints(1, 2, 0, 3));
    assertSame(cut, conv(wide, Attributes.NONE, 5, 12, 1, 1));
  }

  @Test
  void cropping_ofStridedConvolutionStays() {
    Value x = input(1, 4, 9, 8);
    Value y = conv(x, Attributes.of("pads", 1, 1, 1, 1).with("strides", 2, 2), 5, 4, 3, 3);
    Value cut = b.pad(y, new int[] {0, 0, -1, 0}, new int[] {0, 0, 0, 0});
    assertEquals(1, cuts(cut));
  }

  @Test
  void cropping_ofConvolutionThatOthersReadStays() {
    Value x = input(1, 4, 9, 8);
    Value y = conv(x, Attributes.of("pads", 1, 1, 1, 1), 5, 4, 3, 3);
    Value cut = b.pad(y, new int[] {0, 0, -1, 0}, new int[] {0, 0, 0, 0});
    assertEquals(1, cuts(cut, b.relu(y)));
  }

  @Test
  void gradient_throughPaddingAndStride() {
    Value x = input(1, 8, 9, 8);
    Value padded = b.pad(x, new int[] {0, 0, 1, 1}, new int[] {0, 0, 1, 1});
    Value y = b.relu(conv(padded, Attributes.of("strides", 2, 2), 5, 8, 3, 3));
    assertEquals(0, count(assertSame(gradient(b.mul(y, y), x)), Op.PAD));
  }

  @Test
  void scale_foldsIntoTheConvolutionAfter() {
    Value x = input(1, 6, 5, 5);
    Value scaled = b.mul(x, weights(6, 1, 1));
    Value dense = conv(scaled, Attributes.NONE, 4, 6, 3, 3);
    Value grouped = conv(scaled, Attributes.of("group", 3), 9, 2, 3, 3);
    Value transposed =
        b.node(Op.CONV_TRANSPOSE, Attributes.of("group", 2), scaled, weights(6, 2, 3, 3));
    assertEquals(0, count(assertSame(dense, grouped, transposed), Op.MUL));
  }

  @Test
  void scale_foldsIntoTheConvolutionBefore() {
    Value x = input(1, 6, 5, 5);
    Value grouped = b.node(Op.CONV, Attributes.of("group", 3), x, weights(9, 2, 3, 3), weights(9));
    Value transposed = b.node(Op.CONV_TRANSPOSE, x, weights(6, 4, 3, 3), weights(4));
    Graph rewritten =
        assertSame(b.mul(grouped, weights(9, 1, 1)), b.mul(weights(1, 4, 1, 1), transposed));
    assertTrue(
        rewritten.nodes().stream().noneMatch(n -> n.op() == Op.MUL && n.output().rank() == 4));
  }

  @Test
  void scale_goesThroughMasksAndSums() {
    Value x = input(1, 6, 5, 5);
    Value mask = b.cast(b.node(Op.GREATER, x, b.scalar(0)), ElementType.FLOAT32);
    Value sum = b.add(conv(x, Attributes.NONE, 6, 6, 1, 1), conv(x, Attributes.NONE, 6, 6, 1, 1));
    Value scaled = b.mul(b.mul(sum, mask), weights(6, 1, 1));
    assertEquals(1, count(assertSame(b.relu(scaled)), Op.MUL));
  }

  @Test
  void scale_staysWhereOthersReadTheConvolution() {
    Value x = input(1, 6, 5, 5);
    Value y = conv(x, Attributes.NONE, 6, 6, 1, 1);
    Value scaled = b.mul(y, weights(6, 1, 1));
    assertSame(scaled, b.relu(y));
    Graph folded = ScaleFolding.rewrite(b.build(List.of(scaled, b.relu(y))));
    assertEquals(1, count(folded, Op.MUL));
  }

  @Test
  void scale_goesThroughRepeatedPixels() {
    Value x = input(1, 6, 5, 5);
    Value scaled = b.mul(b.relu(x), weights(6, 1, 1));
    Attributes nearest =
        Attributes.NONE
            .with("mode", "nearest")
            .with("coordinate_transformation_mode", "asymmetric")
            .with("nearest_mode", "floor");
    Value scales = b.constant(Tensor.of(new float[] {1, 1, 2, 2}, 4));
    Value large = b.node(Op.RESIZE, nearest, scaled, null, scales);
    Value y = conv(b.mul(large, weights(1, 1, 10, 10)), Attributes.of("group", 6), 6, 1, 3, 3);
    assertSame(y);
    Graph folded = ScaleFolding.rewrite(b.build(List.of(y)));
    assertEquals(1, count(folded, Op.MUL), "that with the pattern");
  }

  @Test
  void preprocessing_isDoneChannelsFirst() {
    Value x = input(1, 7, 6, 3);
    Value deviation = b.max(b.node(Op.SQRT, b.abs(weights(1, 1, 1, 3))), b.scalar(1e-3f));
    Value scaled = b.sub(b.scalar(2), b.mul(x, b.scalar(0.5f)));
    Value normal = b.div(b.sub(scaled, weights(3)), deviation);
    Graph rewritten = assertSame(b.transpose(normal, 0, 3, 1, 2));
    Value moved =
        rewritten.nodes().stream()
            .filter(node -> node.op() == Op.TRANSPOSE)
            .findFirst()
            .orElseThrow()
            .input(0);
    assertEquals(rewritten.inputs(), List.of(moved));
  }

  @Test
  void masks_areAppliedChannelsFirst() {
    Value x = input(1, 7, 6, 3);
    Value mask = b.input("mask", ElementType.FLOAT32, Shape.of(Shape.BATCH, 7, 6, 1));
    Value masked = b.mul(x, mask);
    Value picture = b.mul(weights(1, 7, 6, 3), mask);
    Graph rewritten =
        assertSame(
            b.transpose(masked, 0, 3, 1, 2),
            b.transpose(picture, 0, 3, 1, 2),
            b.transpose(b.mul(x, weights(3)), 0, 3, 1, 2));
    assertTrue(
        rewritten.nodes().stream()
            .filter(node -> node.op() == Op.MUL)
            .allMatch(node -> node.output().shape().size(1) == 3));
  }

  @Test
  void preprocessing_thatOthersReadStays() {
    Value x = input(1, 7, 6, 3);
    Value shifted = b.sub(x, weights(3));
    assertSame(b.transpose(shifted, 0, 3, 1, 2), b.relu(shifted));
    assertSame(b.transpose(b.mul(x, weights(7, 6, 3)), 0, 3, 1, 2));
    assertSame(b.transpose(b.mul(x, weights(3)), 0, 2, 1, 3));
  }

  private Value arranged(Value x, String mode) {
    return b.node(Op.DEPTH_TO_SPACE, Attributes.of("blocksize", 2).with("mode", mode), x);
  }

  @Test
  void channels_areAveragedBeforeTheyBecomePixels() {
    Value x = input(1, 12, 4, 5);
    Value cut = b.pad(arranged(x, "CRD"), new int[] {0, 0, 1, -1}, new int[] {0, 0, -1, 0});
    Value scaled = b.div(b.mul(cut, weights(3, 1, 1)), b.scalar(3));
    Value mean = b.reduceMean(b.abs(scaled), false, 1);
    assertEquals(0, count(assertSame(mean), Op.REDUCE_MEAN));
  }

  /** Whether channels are averaged before they become pixels. */
  private boolean averagesFirst(Value mean) {
    assertSame(mean);
    return count(PixelBlocks.rewrite(b.build(List.of(mean))), Op.REDUCE_MEAN) == 0;
  }

  @Test
  void channels_ofOtherOrdersAreAveragedAfter() {
    Value x = input(1, 12, 4, 5);
    Value pixels = arranged(x, "CRD");
    assertTrue(averagesFirst(b.reduceMean(pixels, false, 1)));
    assertFalse(averagesFirst(b.reduceMean(arranged(x, "DCR"), false, 1)));
    assertFalse(averagesFirst(b.reduceMean(pixels, true, 1)));
    assertFalse(averagesFirst(b.reduceMean(pixels, false, 2)));
    assertFalse(averagesFirst(b.reduceMean(b.mul(pixels, weights(8, 10)), false, 1)));
  }

  @Test
  void mean_overChannelsIsAProduct() {
    Value x = input(1, 6, 5, 4);
    Graph rewritten =
        assertSame(
            b.reduceMean(x, false, 1), b.reduceMean(x, true, 1), b.reduceMean(b.abs(x), true, 1));
    assertEquals(0, count(rewritten, Op.REDUCE_MEAN));
    assertEquals(
        2,
        count(assertSame(b.reduceMean(x, false, 2), b.reduceMean(x, true, 1, 2)), Op.REDUCE_MEAN));
  }

  @Test
  void scale_ofPlacesStays() {
    Value x = input(1, 6, 5, 6);
    Value y = conv(x, Attributes.NONE, 6, 6, 1, 1);
    assertEquals(1, count(assertSame(b.mul(y, weights(6))), Op.MUL));
  }

  @Test
  void gradient_throughNormalizationsBothWays() {
    Value x = input(1, 16, 6, 6);
    Value y = x;
    for (int i = 0; i < 2; i++) {
      Value normalized =
          b.node(Op.BATCH_NORMALIZATION, y, weights(16), weights(16), weights(16), held(1.5f));
      y = b.add(y, conv(b.relu(normalized), Attributes.of("pads", 1, 1, 1, 1), 16, 16, 3, 3));
    }
    assertSame(gradient(b.mul(y, y), x), y);
  }

  private Value held(float value) {
    float[] values = new float[16];
    Arrays.fill(values, value);
    return b.constant(Tensor.of(values, 16));
  }

  @Test
  void roundTrips_areLeftOut() {
    Value x = input(1, 6, 1, 1);
    Value image = b.reshape(b.neg(x), Shape.of(-1, 6));
    Value last = b.reshape(image, Shape.of(-1, 1, 1, 6));
    Value first = b.transpose(last, 0, 3, 1, 2);
    Graph graph = assertSame(conv(first, Attributes.NONE, 5, 6, 1, 1));
    assertEquals(0, count(graph, Op.RESHAPE) + count(graph, Op.TRANSPOSE));
    Value back = b.reshape(b.transpose(b.neg(x), 0, 2, 3, 1), Shape.of(-1, 6, 1, 1));
    assertEquals(0, count(assertSame(b.neg(back)), Op.TRANSPOSE));
  }

  @Test
  void roundTrips_thatMoveElementsStay() {
    Value x = b.neg(input(1, 2, 2, 3));
    Value moved = b.transpose(x, 0, 2, 1, 3);
    assertEquals(1, count(assertSame(b.neg(moved)), Op.TRANSPOSE));
    Value turned = b.reshape(b.transpose(x, 0, 3, 1, 2), Shape.of(-1, 2, 2, 3));
    assertEquals(1, count(assertSame(b.neg(turned)), Op.TRANSPOSE));
    Value twice = b.transpose(moved, 0, 2, 1, 3);
    assertSame(b.neg(twice));
  }

  @Test
  void transpositions_thatALayerGivesBetweenAreJoined() {
    Value x = input(2, 4, 5, 6);
    Value turned = b.transpose(conv(x, Attributes.NONE, 4, 4, 1, 1), 0, 2, 3, 1);
    b.keep(turned);
    Value back = b.transpose(turned, 0, 3, 1, 2);
    assertEquals(2, count(b.build(List.of(back)), Op.TRANSPOSE));
    assertEquals(0, count(assertSame(conv(back, Attributes.NONE, 3, 4, 2, 2)), Op.TRANSPOSE));
  }

  @Test
  void reshapes_thatALayerGivesBetweenAreLeftOut() {
    Value x = input(2, 4, 5, 6);
    Value images = conv(x, Attributes.NONE, 4, 4, 1, 1);
    Value whole = b.transpose(b.reshape(images, Shape.of(-1, 2, 2, 5, 6)), 0, 2, 1, 3, 4);
    b.keep(whole);
    Value rows = b.reshape(b.transpose(whole, 0, 2, 1, 3, 4), images.shape());
    Graph graph = assertSame(gradient(conv(rows, Attributes.NONE, 3, 4, 2, 2), x));
    assertEquals(0, count(graph, Op.TRANSPOSE));
    assertEquals(0, count(graph, Op.RESHAPE));
  }
}
