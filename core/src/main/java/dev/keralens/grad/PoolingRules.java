package dev.keralens.grad;

import static dev.keralens.grad.Backward.gradients;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.graph.Window;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
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
    Value weighted = n.times(n.dy(), b.node(Op.POW, norm, b.scalar(1 - p, norm.type())));
    Value slope =
        b.mul(b.node(Op.SIGN, n.x()), b.node(Op.POW, b.abs(n.x()), b.scalar(p - 1, n.x().type())));
    return gradients(n.times(handOut(n, Window.of(n.node()), weighted), slope));
  }

  /**
   * Hands the gradient of each window to each of its elements: an average pooling, times the
   * window's size, of stride 1, of the gradients with zeros between them.
   */
  private static Value handOut(Backward n, Window window, Value windows) {
    GraphBuilder b = n.builder();
    Shape x = n.x().shape();
    int rank = window.rank();
    int[] before = new int[rank + 2];
    int[] after = new int[rank + 2];
    int area = 1;
    Value g = Interleaving.spread(b, windows, window.strides());
    for (int i = 0; i < rank; i++) {
      int axis = i + 2;
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
}
