package dev.keralens.grad;

import static dev.keralens.grad.Backward.gradients;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.graph.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of max pooling: that of each window goes to its first maximum, in row-major order,
 * as in TensorFlow.
 *
 * <p>The largest of a window is the largest of its rows' largest. So the gradient first goes to the
 * first row that has the maximum, then to the first element of the row that does: 3 + 3 comparisons
 * of a window of 3 x 3, where there would be 9, and of each three only two are made.
 */
final class MaxPooling {
  private final Backward n;
  private final GraphBuilder b;
  private final Window window;
  private final int rank;

  static List<@Nullable Value> maxPool(Backward n) {
    return gradients(new MaxPooling(n).gradient());
  }

  private MaxPooling(Backward n) {
    this.n = n;
    this.b = n.builder();
    this.window = Window.of(n.node());
    this.rank = window.rank();
  }

  private Value gradient() {
    if (Arrays.stream(window.kernel()).allMatch(size -> size == 1)) {
      int[] sizes = Arrays.copyOfRange(n.x().shape().sizes(), 2, rank + 2);
      Value spread = Interleaving.spread(b, n.dy(), window.strides());
      return Interleaving.window(b, spread, window.before(), sizes);
    }
    List<MaxPoolingAxis> axes = axes();
    Value g = n.dy();
    for (MaxPoolingAxis axis : axes) {
      g = axis.gradient(g);
    }
    return g;
  }

  /** The axes along which something is pooled, the first one first; the last is pooled first. */
  private List<MaxPoolingAxis> axes() {
    int[] pooled =
        IntStream.range(0, rank)
            .filter(i -> window.kernel()[i] > 1 || window.strides()[i] > 1)
            .toArray();
    List<MaxPoolingAxis> axes = new ArrayList<>();
    Value x = n.x();
    for (int i = pooled.length - 1; i >= 0; i--) {
      Value y = i == 0 ? n.y() : b.node(Op.MAX_POOL, along(pooled[i]), x);
      axes.add(0, new MaxPoolingAxis(n, window, pooled[i], x, y));
      x = y;
    }
    return axes;
  }

  private Attributes along(int axis) {
    int[] ones = new int[rank];
    Arrays.fill(ones, 1);
    int[] kernel = ones.clone();
    int[] strides = ones.clone();
    int[] dilations = ones.clone();
    int[] pads = new int[2 * rank];
    kernel[axis] = window.kernel()[axis];
    strides[axis] = window.strides()[axis];
    dilations[axis] = window.dilations()[axis];
    pads[axis] = window.before()[axis];
    pads[rank + axis] = window.after()[axis];
    return Attributes.of("kernel_shape", kernel)
        .with("strides", strides)
        .with("dilations", dilations)
        .with("pads", pads)
        .with("ceil_mode", window.ceil() ? 1 : 0);
  }
}
