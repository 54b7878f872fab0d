package dev.keralens.grad;

import static dev.keralens.grad.Backward.gradients;

import dev.keralens.graph.Attributes;
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
  private ConvolutionRules() {}

  static List<@Nullable Value> conv(Backward n) {
    Window window = Window.of(n.node());
    boolean unit = Arrays.stream(window.strides()).allMatch(stride -> stride == 1);
    return gradients(unit ? unitStride(n, window) : strided(n, window));
  }

  /** A convolution of stride 1 is transposed by one with the flipped kernel. */
  private static Value unitStride(Backward n, Window window) {
    int rank = window.rank();
    int[] pads = new int[2 * rank];
    for (int i = 0; i < rank; i++) {
      pads[i] = window.reach(i) - 1 - window.before()[i];
      pads[rank + i] = window.reach(i) - 1 - window.after()[i];
    }
    int group = n.attributes().getInt("group", 1);
    Value dy = crop(n.builder(), n.dy(), pads);
    Attributes attributes =
        Attributes.of("group", group)
            .with("kernel_shape", window.kernel())
            .with("dilations", window.dilations())
            .with("pads", Arrays.stream(pads).map(pad -> Math.max(pad, 0)).toArray());
    return n.builder().node(Op.CONV, attributes, dy, Kernels.flipped(n, group));
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
