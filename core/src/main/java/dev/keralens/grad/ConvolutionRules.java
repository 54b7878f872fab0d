package dev.keralens.grad;

import static dev.keralens.grad.Backward.gradients;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.graph.Window;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Gradients of convolutions with respect to their image; kernels are weights and have none. */
final class ConvolutionRules {
  private static final int FEW_CHANNELS = 4;

  private ConvolutionRules() {}

  static List<@Nullable Value> conv(Backward n) {
    Window window = Window.of(n.node());
    boolean unit = Arrays.stream(window.strides()).allMatch(stride -> stride == 1);
    boolean depthwise = n.x(1).shape().size(1) == 1 && n.attributes().getInt("group", 1) > 1;
    boolean point = Arrays.stream(window.kernel()).allMatch(size -> size == 1);
    if (!unit && point && n.builder().constantOf(n.x(1)) != null) {
      return gradients(pointwise(n, window));
    }
    if (!unit && depthwise) {
      return gradients(spread(n, window));
    }
    Value phases = unit ? null : phases(n, window);
    return gradients(unit ? unitStride(n, window) : phases != null ? phases : strided(n, window));
  }

  /** A convolution of stride 1 is transposed by one with the flipped kernel. */
  private static Value unitStride(Backward n, Window window) {
    int rank = window.rank();
    int[] pads = new int[2 * rank];
    for (int i = 0; i < rank; i++) {
      pads[i] = window.reach(i) - 1 - window.before()[i];
      pads[rank + i] = window.reach(i) - 1 - window.after()[i];
    }
    return transposed(n, window, n.dy(), pads);
  }

  private static Value transposed(Backward n, Window window, Value gradient, int[] pads) {
    int group = n.attributes().getInt("group", 1);
    Value dy = crop(n.builder(), gradient, pads);
    Attributes attributes =
        Attributes.of("group", group)
            .with("kernel_shape", window.kernel())
            .with("dilations", window.dilations())
            .with("pads", Arrays.stream(pads).map(pad -> Math.max(pad, 0)).toArray());
    return n.builder().node(Op.CONV, attributes, dy, Kernels.flipped(n, group));
  }

  /**
   * A convolution of single pixels with strides: zeros are put between what one of stride 1 gives.
   */
  private static Value pointwise(Backward n, Window window) {
    GraphBuilder b = n.builder();
    Value small = transposed(n, window, n.dy(), new int[2 * window.rank()]);
    int[] sizes = Arrays.copyOfRange(n.x().shape().sizes(), 2, window.rank() + 2);
    return Interleaving.window(
        b, Interleaving.spread(b, small, window.strides()), window.before(), sizes);
  }

  /**
   * A depthwise convolution with strides is transposed by one of stride 1 over the gradients with
   * zeros between them: ONNX Runtime has no fast depthwise transposed convolution.
   */
  private static Value spread(Backward n, Window window) {
    int rank = window.rank();
    Value dy = Interleaving.spread(n.builder(), n.dy(), window.strides());
    int[] pads = new int[2 * rank];
    for (int i = 0; i < rank; i++) {
      pads[i] = window.reach(i) - 1 - window.before()[i];
      int size = n.x().shape().size(i + 2);
      pads[rank + i] = size + window.reach(i) - 1 - dy.shape().size(i + 2) - pads[i];
    }
    return transposed(n, window, dy, pads);
  }

  /**
   * A convolution of a picture of few channels, as the first one of a network, is transposed by one
   * of stride 1 that gives the pixels of a block as channels. It has more products than a
   * transposed convolution, but ONNX Runtime spreads all of it over its threads.
   *
   * @return null where that does not apply
   */
  private static @Nullable Value phases(Backward n, Window window) {
    int stride = window.strides()[0];
    Constant kernel = n.builder().constantOf(n.x(1));
    boolean fits =
        window.rank() == 2
            && window.strides()[1] == stride
            && Arrays.stream(window.dilations()).allMatch(dilation -> dilation == 1)
            && n.attributes().getInt("group", 1) == 1
            && n.x(1).shape().size(1) <= FEW_CHANNELS;
    if (!fits || kernel == null) {
      return null;
    }
    int[] pads = new int[4];
    int[] sizes = new int[2];
    for (int i = 0; i < 2; i++) {
      sizes[i] = n.x().shape().size(i + 2);
      int blocks = -Math.floorDiv(-(window.before()[i] + sizes[i]), stride);
      pads[i] = -Math.floorDiv(-window.kernel()[i], stride) - 1;
      pads[2 + i] = Math.max(0, blocks - n.dy().shape().size(i + 2));
    }
    GraphBuilder b = n.builder();
    Value channels =
        b.node(Op.CONV, Attributes.of("pads", pads), n.dy(), Kernels.phases(n, kernel, stride));
    Attributes attributes = Attributes.of("blocksize", stride).with("mode", "CRD");
    Value grid = b.node(Op.DEPTH_TO_SPACE, attributes, channels);
    return Interleaving.window(b, grid, window.before(), sizes);
  }

  /** Where a pad would be negative, cuts that much off instead. */
  private static Value crop(GraphBuilder b, Value x, int[] pads) {
    int rank = pads.length / 2;
    int[] before = new int[rank + 2];
    int[] after = new int[rank + 2];
    for (int i = 0; i < rank; i++) {
      before[i + 2] = Math.min(pads[i], 0);
      after[i + 2] = Math.min(pads[rank + i], 0);
    }
    return b.pad(x, before, after);
  }

  private static Value strided(Backward n, Window window) {
    Shape x = n.x().shape();
    int rank = window.rank();
    int[] rest = new int[rank];
    for (int i = 0; i < rank; i++) {
      rest[i] = x.size(i + 2) - window.transposedSize(i, n.y().shape().size(i + 2));
    }
    Attributes attributes =
        Attributes.of("group", n.attributes().getInt("group", 1))
            .with("kernel_shape", window.kernel())
            .with("strides", window.strides())
            .with("dilations", window.dilations())
            .with("pads", pads(window))
            .with("output_padding", rest);
    return n.builder().node(Op.CONV_TRANSPOSE, attributes, n.dy(), n.x(1));
  }

  private static int[] pads(Window window) {
    return IntStream.concat(Arrays.stream(window.before()), Arrays.stream(window.after()))
        .toArray();
  }

  /** The transpose of a transposed convolution is the convolution with the same kernel. */
  static List<@Nullable Value> convTranspose(Backward n) {
    Window window = Window.of(n.node());
    Attributes attributes =
        Attributes.of("group", n.attributes().getInt("group", 1))
            .with("kernel_shape", window.kernel())
            .with("strides", window.strides())
            .with("dilations", window.dilations())
            .with("pads", pads(window));
    return gradients(n.builder().node(Op.CONV, attributes, n.dy(), n.x(1)));
  }
}
