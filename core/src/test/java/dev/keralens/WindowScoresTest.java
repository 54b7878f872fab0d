package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.patch.PatchGraph;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.method.Occlusion;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.network.Network;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Windows of which only what they reach is computed, beside full passes. */
class WindowScoresTest {
  private static final int HEIGHT = 24;
  private static final int WIDTH = 29;

  /**
   * A network in pieces: a convolution, what is to be tried, a convolution, a mean, three units.
   */
  private interface Middle {
    Value apply(SmallNetwork n, Value x);
  }

  private static SmallNetwork.Body body(Middle middle) {
    return (n, in) -> {
      KerasTensor first =
          n.relu("r1", n.convolution("c1", in.get(0), weights(1, 4, 2, 3), new float[4], 3, 3));
      KerasTensor tried = new KerasTensor(middle.apply(n, first.value()), Layout.CHANNELS_MOVED);
      int channels = tried.value().shape().size(1);
      KerasTensor last =
          n.relu("r2", n.convolution("c2", tried, weights(2, 5, channels, 3), new float[5], 3, 3));
      int[] shape = last.value().shape().sizes();
      Value flat = n.b.reshape(last.value(), Shape.of(Shape.BATCH, 5 * shape[2] * shape[3]));
      float[] kernel = SmallNetwork.random(3, 5 * shape[2] * shape[3] * 3);
      return List.of(
          n.dense("dense", n.layer("f", "Flatten", last, flat, Layout.PLAIN), kernel, 3));
    };
  }

  private static float[] weights(int seed, int out, int in, int side) {
    return SmallNetwork.random(seed, out * in * side * side);
  }

  private static Value conv(SmallNetwork n, Value x, int out, int side, Attributes attributes) {
    int in = x.shape().size(1) / attributes.getInt("group", 1);
    Tensor kernel = Tensor.of(weights(side + out, out, in, side), out, in, side, side);
    return n.b.node(Op.CONV, attributes, x, n.b.constant(kernel));
  }

  private static Attributes pads(int... pads) {
    return Attributes.of("pads", pads);
  }

  private static Attributes pool(int side, int stride, int... pads) {
    return pads(pads).with("kernel_shape", side, side).with("strides", stride, stride);
  }

  private static Arguments piece(String name, Middle middle) {
    return Arguments.of(name, middle);
  }

  static Stream<Arguments> pieces() {
    return Stream.of(
        piece("nothing", (n, x) -> x),
        piece("max pooling", (n, x) -> n.b.node(Op.MAX_POOL, pool(2, 2, 0, 0, 0, 0), x)),
        piece(
            "max pooling of negative numbers with padding",
            (n, x) -> n.b.node(Op.MAX_POOL, pool(3, 2, 1, 1, 1, 1), n.b.neg(x))),
        piece("average pooling", (n, x) -> n.b.node(Op.AVERAGE_POOL, pool(3, 3, 0, 0, 0, 0), x)),
        piece(
            "average pooling that counts padding",
            (n, x) ->
                n.b.node(Op.AVERAGE_POOL, pool(3, 2, 1, 0, 1, 0).with("count_include_pad", 1), x)),
        piece(
            "average pooling that does not count padding",
            (n, x) -> n.b.node(Op.AVERAGE_POOL, pool(3, 2, 1, 1, 1, 1), x)),
        piece(
            "strides, and padding at one side",
            (n, x) -> conv(n, x, 6, 3, pads(0, 0, 1, 1).with("strides", 2, 2))),
        piece(
            "strides that skip places",
            (n, x) -> conv(n, x, 6, 1, pads(0, 0, 0, 0).with("strides", 3, 3))),
        piece("dilations", (n, x) -> conv(n, x, 4, 3, pads(3, 3, 3, 3).with("dilations", 3, 3))),
        piece("groups", (n, x) -> conv(n, x, 4, 5, pads(2, 2, 2, 2).with("group", 4))),
        piece(
            "zeros around",
            (n, x) ->
                conv(
                    n,
                    n.b.pad(x, new int[] {0, 0, 1, 2}, new int[] {0, 0, 3, 0}),
                    5,
                    3,
                    pads(0, 0, 0, 0).with("strides", 2, 2))),
        piece(
            "other numbers around",
            (n, x) -> n.b.pad(x, new int[] {0, 0, 1, 1}, new int[] {0, 0, 1, 1}, 2)),
        piece(
            "a residual",
            (n, x) -> n.b.relu(n.b.add(x, conv(n, n.b.relu(x), 4, 3, pads(1, 1, 1, 1))))),
        piece(
            "two residuals of halves",
            (n, x) -> {
              Value half = conv(n, x, 4, 3, pads(1, 1, 1, 1).with("strides", 2, 2));
              Value shorter = conv(n, x, 4, 1, pads(0, 0, 0, 0).with("strides", 2, 2));
              Value sum = n.b.add(half, shorter);
              return n.b.add(sum, conv(n, n.b.relu(sum), 4, 3, pads(1, 1, 1, 1)));
            }),
        piece(
            "joined channels",
            (n, x) -> n.b.concat(1, List.of(x, conv(n, x, 3, 5, pads(2, 2, 2, 2)), x))),
        piece(
            "squeeze and excite",
            (n, x) -> n.b.mul(x, n.b.node(Op.SIGMOID, n.b.reduceMean(x, true, 2, 3)))),
        piece(
            "a factor of each place",
            (n, x) ->
                n.b.mul(
                    x,
                    n.b.constant(
                        Tensor.of(SmallNetwork.random(9, HEIGHT * WIDTH), 1, 1, HEIGHT, WIDTH)))),
        piece(
            "channels last and back",
            (n, x) ->
                n.b.transpose(
                    n.b.add(n.b.transpose(x, 0, 2, 3, 1), n.b.scalar(0.5f)), 0, 3, 1, 2)));
  }

  private static float[] maps(Model model, Occlusion method) {
    ExplainOptions options = ExplainOptions.defaults().withFilter(Filters::none);
    float[] x = SmallNetwork.random(5, 2 * HEIGHT * WIDTH * 2);
    try (Explainer explainer = Explainer.of(model, options, method)) {
      return explainer
          .explain(Tensor.of(x, 2, HEIGHT, WIDTH, 2), Units.of(0, 2))
          .maps()
          .toFloatArray();
    }
  }

  private static void assertSame(Model model, Occlusion method) {
    float[] full = maps(model, method.fullPasses());
    double largest = 0;
    for (float value : full) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertArrayEquals(full, maps(model, method.partialPasses()), (float) (1e-5 * largest));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pieces")
  void parts_giveWhatFullPassesGive(String name, Middle middle) {
    try (Model model = SmallNetwork.model(body(middle), new int[] {HEIGHT, WIDTH, 2})) {
      assertSame(model, Occlusion.create().window(8).stride(4));
      assertSame(model, Occlusion.create().window(7).stride(5).baseline(Baseline.mean()));
      assertSame(model, Occlusion.create().window(3).stride(3).baseline(0.7f));
    }
  }

  private static Optional<PatchGraph> patches(Middle middle, int window, int stride) {
    try (Model model = SmallNetwork.model(body(middle), new int[] {HEIGHT, WIDTH, 2})) {
      Network network = model.network(List.of(Shape.of(Shape.BATCH, HEIGHT, WIDTH, 2)));
      int[] counts = {
        1 + (HEIGHT - window + stride - 1) / stride, 1 + (WIDTH - window + stride - 1) / stride
      };
      return PatchGraph.of(
          network,
          network.outputs().get(0).value(),
          new int[] {window, window},
          new int[] {stride, stride},
          counts,
          true);
    }
  }

  /** Of two convolutions of 3 x 3, a window of 8 reaches 10 and 12 places along each axis. */
  @Test
  void share_isThatOfWhatIsReached() {
    double first = HEIGHT * WIDTH * 4.0 * 2 * 9;
    double second = HEIGHT * WIDTH * 5.0 * 4 * 9;
    double share = patches((n, x) -> x, 8, 4).orElseThrow().share();
    double parts = (100 * first + 144 * second) / (HEIGHT * WIDTH * (first + second));
    assertEquals(parts, share, 0.12); // the dense layer is whole
    assertTrue(share < 0.35, "share " + share);
  }

  @Test
  void operatorsThatReadAllPlaces_areWhole() {
    double plain = patches((n, x) -> x, 8, 4).orElseThrow().share();
    double mean =
        patches((n, x) -> n.b.mul(x, n.b.reduceMean(x, true, 2, 3)), 8, 4).orElseThrow().share();
    assertTrue(mean > 2 * plain, plain + " " + mean);
  }

  @Test
  void largeWindows_areNotCutOut() {
    assertTrue(patches((n, x) -> x, 24, 1).isEmpty());
    int[] sizes = {HEIGHT, WIDTH, 2};
    try (Model model = SmallNetwork.model(body((n, x) -> x), sizes)) {
      assertSame(model, Occlusion.create().window(24).stride(1));
    }
  }
}
