package dev.keralens.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
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
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Graphs whose channels were filled up to whole blocks compute what they did. */
class ChannelPaddingTest {
  private static final int CHANNELS = 20;
  private static final RuntimeOptions PLAIN =
      RuntimeOptions.defaults().withRewriting(false).withOptimization(Optimization.NONE);

  private final Random random = new Random(3);
  private final GraphBuilder b = new GraphBuilder();
  private final Value x = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 3, 7, 6));
  private final Value y = conv(x, CHANNELS, 3, 3, 3);

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

  private Value conv(Value value, int... kernel) {
    int pad = kernel[2] / 2;
    Attributes attributes =
        Attributes.of("pads", pad, pad, pad, pad).with("group", value.shape().size(1) / kernel[1]);
    return b.node(Op.CONV, attributes, value, weights(kernel), weights(kernel[0]));
  }

  /** Runs a graph both ways, and gives its form with more channels. */
  private Graph assertSame(Value... outputs) {
    Graph graph = b.build(Arrays.asList(outputs));
    Graph padded = ChannelPadding.rewrite(graph);
    List<Tensor> feeds = List.of(numbers(2, 3, 7, 6));
    try (CompiledGraph before = CompiledGraph.compile(graph, PLAIN);
        CompiledGraph after = CompiledGraph.compile(padded, PLAIN)) {
      NonFinite.check(graph, before, after);
      List<Tensor> expected = before.run(feeds);
      List<Tensor> actual = after.run(feeds);
      for (int i = 0; i < expected.size(); i++) {
        assertArrayEquals(expected.get(i).shape(), actual.get(i).shape());
        assertArrayEquals(expected.get(i).toFloatArray(), actual.get(i).toFloatArray(), 1e-4f);
      }
    }
    return padded;
  }

  /** Makes sure that only so many slices are there, and that all else has full blocks. */
  private static void assertFilled(Graph padded, int slices) {
    assertEquals(slices, padded.nodes().stream().filter(n -> n.op() == Op.SLICE).count());
    for (Node node : padded.nodes()) {
      assertTrue(
          node.op() == Op.SLICE || node.output().shape().size(1) % BlockedLayout.block() == 0,
          node::toString);
    }
  }

  @Test
  void convolutions_haveFullBlocks() {
    Value depthwise = conv(b.relu(y), CHANNELS, 1, 3, 3);
    assertFilled(assertSame(conv(b.node(Op.CLIP, depthwise, b.scalar(0)), 32, CHANNELS, 1, 1)), 0);
  }

  @Test
  void outputs_haveTheirOwnChannels() {
    assertFilled(assertSame(b.relu(y)), 1);
  }

  @Test
  void poolings_takeTheChannelsAlong() {
    Attributes window = Attributes.of("kernel_shape", 2, 2).with("strides", 2, 2);
    assertFilled(
        assertSame(
            conv(b.node(Op.MAX_POOL, window, y), 16, CHANNELS, 1, 1),
            conv(b.node(Op.AVERAGE_POOL, window, y), 16, CHANNELS, 1, 1),
            conv(b.node(Op.GLOBAL_AVERAGE_POOL, y), 16, CHANNELS, 1, 1),
            conv(b.reduceMean(y, true, 2, 3), 16, CHANNELS, 1, 1)),
        0);
  }

  @Test
  void masks_takeTheChannelsAlong() {
    Value above = b.node(Op.GREATER, y, b.scalar(0.5f));
    Value mask = b.cast(b.node(Op.AND, above, b.node(Op.NOT, above)), ElementType.FLOAT32);
    Value whole = b.add(b.mul(y, mask), b.where(above, y, b.scalar(2)));
    assertFilled(assertSame(conv(whole, 16, CHANNELS, 1, 1)), 0);
  }

  @Test
  void constants_haveMoreChannelsToo() {
    Value scaled = b.add(b.mul(y, weights(CHANNELS, 1, 1)), weights(1, CHANNELS, 7, 6));
    Value normalized =
        b.node(
            Op.BATCH_NORMALIZATION,
            scaled,
            weights(CHANNELS),
            weights(CHANNELS),
            weights(CHANNELS),
            b.constant(positive()));
    assertFilled(assertSame(conv(normalized, 16, CHANNELS, 1, 1)), 0);
  }

  private Tensor positive() {
    float[] values = new float[CHANNELS];
    Arrays.fill(values, 0.7f);
    return Tensor.of(values, CHANNELS);
  }

  @Test
  void images_areCutAndPaddedAsTheyWere() {
    Value cut = b.slice(y, new int[] {2, 3}, new int[] {1, 0}, new int[] {6, 5});
    Value wide = b.pad(cut, new int[] {0, 0, 1, 0}, new int[] {0, 0, 0, 2});
    Attributes nearest =
        Attributes.NONE
            .with("mode", "nearest")
            .with("coordinate_transformation_mode", "asymmetric")
            .with("nearest_mode", "floor");
    Value scales = b.constant(Tensor.of(new float[] {1, 1, 2, 3}, 4));
    Value large = b.node(Op.RESIZE, nearest, wide, null, scales);
    Value both = b.concat(3, List.of(large, large));
    Value repeated = b.expand(b.reduceSum(both, true, 2, 3), both.shape());
    assertFilled(assertSame(conv(b.add(both, repeated), 16, CHANNELS, 1, 1)), 1);
  }

  @Test
  void whatMixesChannels_getsItsOwn() {
    Value sum = b.reduceSum(b.relu(y), true, 1);
    Value joined = b.concat(1, List.of(b.relu(y), x));
    Value turned = b.transpose(b.relu(y), 0, 2, 3, 1);
    Value picked = b.slice(b.relu(y), new int[] {1}, new int[] {2}, new int[] {5});
    Value other = b.add(b.relu(y), b.concat(1, List.of(conv(x, 19, 3, 1, 1), sum)));
    assertSame(sum, joined, turned, picked, other, b.node(Op.SOFTMAX, Attributes.of("axis", 1), y));
  }

  @Test
  void convolution_ofFewOutputsStays() {
    Graph padded = assertSame(b.node(Op.SIGMOID, conv(b.relu(y), 1, CHANNELS, 1, 1)));
    assertTrue(padded.nodes().stream().anyMatch(node -> node.output().shape().size(1) == 1));
  }

  @Test
  void gate_ofOneChannelReachesAllChannels() {
    Value gate = b.node(Op.SIGMOID, conv(b.node(Op.GLOBAL_AVERAGE_POOL, y), 1, CHANNELS, 1, 1));
    Value few = conv(x, 12, 3, 3, 3);
    assertSame(conv(b.mul(few, gate), 16, 12, 1, 1), conv(b.mul(y, gate), 16, CHANNELS, 1, 1));
  }

  @Test
  void convolution_ofGroupsStays() {
    assertSame(conv(b.relu(y), 10, 4, 3, 3));
  }
}
