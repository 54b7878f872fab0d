package dev.keralens.grad;

import static dev.keralens.grad.Backward.gradients;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.graph.Window;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gradients of poolings with a window. */
final class PoolingRules {
  private PoolingRules() {}

  /** Each output's gradient is divided by the number of elements that it averaged. */
  static List<@Nullable Value> averagePool(Backward n) {
    Window window = Window.of(n.node());
    Value shared = n.builder().mul(n.dy(), n.builder().constant(shares(n, window)));
    return gradients(handOut(n, window, shared));
  }

  /** y = (sum |x|^p)^(1/p): dx = sign(x) |x|^(p-1) times the sum of dy y^(1-p). */
  static List<@Nullable Value> lpPool(Backward n) {
    GraphBuilder b = n.builder();
    int p = n.attributes().getInt("p", 2);
    Value norm = ReductionRules.notZero(b, n.y());
    Value weighted = n.times(n.dy(), b.node(Op.POW, norm, b.scalar(1 - p)));
    Value slope = b.mul(b.node(Op.SIGN, n.x()), b.node(Op.POW, b.abs(n.x()), b.scalar(p - 1)));
    return gradients(n.times(handOut(n, Window.of(n.node()), weighted), slope));
  }

  /**
   * Hands the gradient of each window to each of its elements: an average pooling, times the
   * window's size, of stride 1, of the gradients with zeros between them.
   */
  private static Value handOut(Backward n, Window window, Value windows) {
    GraphBuilder b = n.builder();
    Shape x = n.x().shape();
    Value g = windows;
    int rank = window.rank();
    int[] before = new int[rank + 2];
    int[] after = new int[rank + 2];
    int area = 1;
    for (int i = 0; i < rank; i++) {
      int axis = i + 2;
      g = Interleaving.spread(b, g, axis, window.strides()[i]);
      before[axis] = window.reach(i) - 1 - window.before()[i];
      after[axis] = x.size(axis) + window.reach(i) - 1 - g.shape().size(axis) - before[axis];
      area *= window.kernel()[i];
    }
    Value padded = b.pad(g, before, after);
    if (Arrays.stream(window.dilations()).anyMatch(dilation -> dilation > 1)) {
      return dilatedSum(b, window, padded, area);
    }
    Attributes attributes = Attributes.of("kernel_shape", window.kernel());
    return b.mul(b.node(Op.AVERAGE_POOL, attributes, padded), area);
  }

  /** ONNX Runtime merges padding into poolings, and then refuses pads as wide as the kernel. */
  private static Value dilatedSum(GraphBuilder b, Window window, Value x, int area) {
    int channels = x.shape().size(1);
    int[] shape = new int[window.rank() + 2];
    shape[0] = channels;
    shape[1] = 1;
    System.arraycopy(window.kernel(), 0, shape, 2, window.rank());
    float[] ones = new float[channels * area];
    Arrays.fill(ones, 1);
    Attributes attributes = Attributes.of("group", channels).with("dilations", window.dilations());
    return b.node(Op.CONV, attributes, x, b.constant(Tensor.of(ones, shape)));
  }

  /** One over the number of elements in each window. */
  private static Tensor shares(Backward n, Window window) {
    boolean includePad = n.attributes().getInt("count_include_pad", 0) != 0;
    Shape x = n.x().shape();
    Shape y = n.y().shape();
    int rank = window.rank();
    int[] shape = new int[rank + 2];
    Arrays.fill(shape, 1);
    float[] shares = {1};
    for (int i = 0; i < rank; i++) {
      int size = x.size(i + 2);
      int low = includePad ? -window.before()[i] : 0;
      int high = includePad ? size + window.after()[i] : size;
      shape[i + 2] = y.size(i + 2);
      float[] longer = new float[shares.length * shape[i + 2]];
      for (int o = 0; o < shape[i + 2]; o++) {
        int count = 0;
        for (int k = 0; k < window.kernel()[i]; k++) {
          int at = o * window.strides()[i] + k * window.dilations()[i] - window.before()[i];
          count += at >= low && at < high ? 1 : 0;
        }
        for (int j = 0; j < shares.length; j++) {
          longer[j * shape[i + 2] + o] = shares[j] / count;
        }
      }
      shares = longer;
    }
    return Tensor.of(shares, shape);
  }

  /**
   * The gradient of each window goes to its first maximum, in row-major order, as in TensorFlow.
   * One position of the window after the other is compared with the maximum; positions that fall on
   * the same phase of the stride are summed, and the phases interleaved.
   */
  static List<@Nullable Value> maxPool(Backward n) {
    return gradients(new MaxPool(n).gradient());
  }

  private static final class MaxPool {
    private final Backward n;
    private final GraphBuilder b;
    private final Window window;
    private final int rank;
    private final Value padded;
    private final Map<List<Integer>, Value> phases = new HashMap<>();
    private @Nullable Value taken;

    MaxPool(Backward n) {
      this.n = n;
      this.b = n.builder();
      this.window = Window.of(n.node());
      this.rank = window.rank();
      this.padded = padded();
    }

    private Value padded() {
      int[] pads = new int[2 * (rank + 2)];
      for (int i = 0; i < rank; i++) {
        int last = (n.y().shape().size(i + 2) - 1) * window.strides()[i] + window.reach(i);
        pads[i + 2] = window.before()[i];
        pads[rank + 4 + i] = Math.max(0, last - n.x().shape().size(i + 2) - window.before()[i]);
      }
      return Arrays.stream(pads).allMatch(pad -> pad == 0)
          ? n.x()
          : b.node(Op.PAD, n.x(), b.ints(pads), b.scalar(Float.NEGATIVE_INFINITY));
    }

    Value gradient() {
      int count = Arrays.stream(window.kernel()).reduce(1, (p, q) -> p * q);
      for (int k = 0; k < count; k++) {
        int[] offset = new int[rank];
        for (int i = rank - 1, rest = k; i >= 0; rest /= window.kernel()[i--]) {
          offset[i] = rest % window.kernel()[i] * window.dilations()[i];
        }
        collect(offset, n.times(n.dy(), mask(offset, k == count - 1)));
      }
      Value grid = joined(new ArrayList<>(), 0);
      for (int i = 0; i < rank; i++) {
        int size = n.x().shape().size(i + 2);
        grid = Interleaving.window(b, grid, i + 2, window.before()[i], size);
      }
      return grid;
    }

    /** One where the element at an offset is its window's first maximum. */
    private Value mask(int[] offset, boolean last) {
      int[] axes = new int[rank];
      int[] ends = new int[rank];
      for (int i = 0; i < rank; i++) {
        axes[i] = i + 2;
        ends[i] = offset[i] + (n.y().shape().size(i + 2) - 1) * window.strides()[i] + 1;
      }
      Value at =
          b.node(
              Op.SLICE,
              padded,
              b.ints(offset),
              b.ints(ends),
              b.ints(axes),
              b.ints(window.strides()));
      Value hit = b.node(Op.EQUAL, at, n.y());
      Value first = taken == null ? hit : b.node(Op.GREATER, number(hit), number(taken));
      if (!last) {
        taken = taken == null ? hit : b.node(Op.OR, taken, hit);
      }
      return number(first);
    }

    private Value number(Value truth) {
      return b.cast(truth, n.y().type());
    }

    /** Adds a part to its phase, shifted by the whole strides of its offset. */
    private void collect(int[] offset, Value part) {
      List<Integer> phase = new ArrayList<>();
      int[] before = new int[rank + 2];
      int[] after = new int[rank + 2];
      for (int i = 0; i < rank; i++) {
        int stride = window.strides()[i];
        phase.add(offset[i] % stride);
        before[i + 2] = offset[i] / stride;
        after[i + 2] = (window.reach(i) - 1) / stride - before[i + 2];
      }
      phases.merge(phase, b.pad(part, before, after), b::add);
    }

    /** The phases of the axes from a given one on, interleaved; null where there are none. */
    private Value joined(List<Integer> prefix, int axis) {
      Value value = joinedOrNull(prefix, axis);
      if (value == null) {
        throw new AssertionError(prefix);
      }
      return value;
    }

    private @Nullable Value joinedOrNull(List<Integer> prefix, int axis) {
      if (axis == rank) {
        return phases.get(prefix);
      }
      List<@Nullable Value> parts = new ArrayList<>();
      for (int p = 0; p < window.strides()[axis]; p++) {
        List<Integer> longer = new ArrayList<>(prefix);
        longer.add(p);
        parts.add(joinedOrNull(longer, axis + 1));
      }
      boolean none = parts.stream().allMatch(part -> part == null);
      return none ? null : Interleaving.interleave(b, parts, axis + 2);
    }
  }
}
