package dev.keralens.onnx.operator;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.graph.Window;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Convolutions and poolings: automatic padding is made explicit. */
final class WindowOperators {
  static final Map<String, Operator> TABLE =
      Map.of(
          "AveragePool",
          node -> padded(node, Op.AVERAGE_POOL),
          "Conv",
          node -> padded(node, Op.CONV),
          "ConvTranspose",
          WindowOperators::transposed,
          "GlobalLpPool",
          WindowOperators::globalLp,
          "LpPool",
          node -> padded(node, Op.LP_POOL),
          "MaxPool",
          WindowOperators::maxPool);

  private static final String[] PADDING = {"auto_pad", "pads", "output_shape", "output_padding"};

  private WindowOperators() {}

  private static int[] kernel(OnnxNode node, int spatial) {
    int[] given = node.intsAttribute("kernel_shape");
    int[] kernel = given;
    if (kernel == null) {
      int[] sizes = node.shape(1).sizes();
      kernel = Arrays.copyOfRange(sizes, Math.min(2, sizes.length), sizes.length);
    }
    return sized("kernel_shape", kernel, spatial, 1);
  }

  private static int[] perAxis(OnnxNode node, String name, int spatial, int usual, int least) {
    int[] given = node.intsAttribute(name);
    if (given != null) {
      return sized(name, given, spatial, least);
    }
    int[] out = new int[spatial];
    Arrays.fill(out, usual);
    return out;
  }

  private static int[] sized(String name, int[] values, int count, int least) {
    if (values.length != count || Arrays.stream(values).anyMatch(value -> value < least)) {
      throw new IllegalArgumentException(
          "%s=%s for %d spatial axes".formatted(name, Arrays.toString(values), count));
    }
    return values;
  }

  private static int spatial(Shape x) {
    if (x.rank() < 3) {
      throw new IllegalArgumentException(
          "its input %s has no batch, channels and spatial axes".formatted(x));
    }
    return x.rank() - 2;
  }

  private static List<Known> padded(OnnxNode node, Op op) {
    Shape x = node.shape(0);
    int spatial = spatial(x);
    int[] kernel = kernel(node, spatial);
    int[] strides = perAxis(node, "strides", spatial, 1, 1);
    int[] dilations = perAxis(node, "dilations", spatial, 1, 1);
    String mode = node.stringAttribute("auto_pad", "NOTSET");
    int[] pads = new int[2 * spatial];
    switch (mode) {
      case "NOTSET" -> pads = perAxis(node, "pads", 2 * spatial, 0, 0);
      case "VALID" -> {}
      case "SAME_UPPER", "SAME_LOWER" -> {
        for (int i = 0; i < spatial; i++) {
          int size = x.size(i + 2);
          int windows = (size + strides[i] - 1) / strides[i];
          int reach = (kernel[i] - 1) * dilations[i] + 1;
          int total = Math.max(0, (windows - 1) * strides[i] + reach - size);
          pads[i] = mode.equals("SAME_UPPER") ? total / 2 : total - total / 2;
          pads[spatial + i] = total - pads[i];
        }
      }
      default -> throw new IllegalArgumentException("auto_pad is '%s'".formatted(mode));
    }
    Attributes attributes = node.attributes(PADDING).with("pads", pads);
    boolean partial = op == Op.AVERAGE_POOL && node.intAttribute("ceil_mode", 0) != 0;
    if (partial && Arrays.stream(pads).allMatch(pad -> pad == 0)) {
      // No padding is counted; the engine's blocked layout counts what a last window lacks if
      // asked.
      attributes = attributes.with("count_include_pad", 0);
    }
    boolean ceil = op != Op.CONV && node.intAttribute("ceil_mode", 0) != 0;
    if (partial && attributes.getInt("count_include_pad", 0) != 0) {
      Window window = window(kernel, strides, dilations, pads);
      List<Known> counted = countingPads(node, attributes, window);
      if (!counted.isEmpty()) {
        return counted;
      }
    }
    int[] whole = ceil ? wholeWindows(node, op, kernel, strides, dilations, pads) : pads;
    return node.with(
        op, whole == pads ? attributes : attributes.with("pads", whole).with("ceil_mode", 0));
  }

  /**
   * The padding with which a pooling that counts partial windows has the same ones without counting
   * them. It is needed where the last window would start in the padding: it is left out then, which
   * ONNX Runtime heeds when it computes, but not when it infers shapes.
   *
   * @return the padding as it is where that is not needed, or does not give the same
   */
  private static int[] wholeWindows(
      OnnxNode node, Op op, int[] kernel, int[] strides, int[] dilations, int[] pads) {
    int spatial = kernel.length;
    Window window = window(kernel, strides, dilations, pads);
    int[] before = window.before();
    int[] after = window.after();
    boolean countsPads = op == Op.AVERAGE_POOL && node.intAttribute("count_include_pad", 0) != 0;
    int[] whole = pads.clone();
    boolean leftOut = false;
    for (int i = 0; i < spatial; i++) {
      int size = node.shape(0).size(i + 2);
      int windows = window.outputSize(i, size);
      int reached = (windows - 1) * strides[i] + window.reach(i);
      leftOut |= reached < size + before[i] + after[i]; // a partial window had room
      whole[spatial + i] = Math.max(0, reached - size - before[i]);
      if (whole[spatial + i] >= kernel[i] || (countsPads && whole[spatial + i] > after[i])) {
        return pads;
      }
    }
    return leftOut ? whole : pads;
  }

  private static Window window(int[] kernel, int[] strides, int[] dilations, int[] pads) {
    int spatial = kernel.length;
    int[] before = Arrays.copyOf(pads, spatial);
    int[] after = Arrays.copyOfRange(pads, spatial, 2 * spatial);
    return new Window(kernel, strides, dilations, before, after, new int[spatial], true);
  }

  /**
   * A mean over windows of which the last reach beyond the padding, which is counted: what lies
   * beyond is not. The engine's blocked layout counts it, so that whole windows are taken, and
   * their means multiplied by how much of each is counted.
   *
   * @return nothing where no window reaches beyond the padding, or the engine has no such padding
   */
  private static List<Known> countingPads(OnnxNode node, Attributes attributes, Window window) {
    int spatial = window.rank();
    int[] pads = Arrays.copyOf(window.before(), 2 * spatial);
    int[] shape = new int[spatial + 2];
    Arrays.fill(shape, 1);
    float[] factors = {1};
    boolean beyond = false;
    for (int i = 0; i < spatial; i++) {
      int size = node.shape(0).size(i + 2);
      int windows = window.outputSize(i, size);
      int reached = (windows - 1) * window.strides()[i] + window.reach(i) - window.before()[i];
      pads[spatial + i] = Math.max(0, reached - size);
      beyond |= pads[spatial + i] > window.after()[i];
      if (pads[spatial + i] >= window.kernel()[i]) {
        return List.of();
      }
      shape[i + 2] = windows;
      factors = times(factors, wholeOverCounted(window, i, size, windows));
    }
    if (!beyond) {
      return List.of();
    }
    Value means =
        node.builder()
            .node(
                Op.AVERAGE_POOL, attributes.with("pads", pads).with("ceil_mode", 0), node.value(0));
    Value counted = node.builder().constant(Tensor.of(factors, shape));
    return OnnxNode.one(node.builder().mul(means, node.builder().cast(counted, means.type())));
  }

  /** Of each window along an axis, its elements over those within the padding. */
  private static float[] wholeOverCounted(Window window, int axis, int size, int windows) {
    int kernel = window.kernel()[axis];
    float[] factors = new float[windows];
    for (int i = 0; i < windows; i++) {
      int counted = 0;
      for (int k = 0; k < kernel; k++) {
        int at = i * window.strides()[axis] + k * window.dilations()[axis] - window.before()[axis];
        counted += at < size + window.after()[axis] ? 1 : 0;
      }
      factors[i] = (float) kernel / counted;
    }
    return factors;
  }

  private static float[] times(float[] left, float[] right) {
    float[] all = new float[left.length * right.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = left[i / right.length] * right[i % right.length];
    }
    return all;
  }

  private static List<Known> maxPool(OnnxNode node) {
    if (node.wants(1) && node.intAttribute("storage_order", 0) != 0) {
      throw new Refusal("it gives positions in column-major order");
    }
    return padded(node, Op.MAX_POOL);
  }

  /**
   * The output's size may be given instead of the padding; what is cut off is split, and the odd
   * one is at the end for SAME_UPPER, else at the beginning.
   */
  private static List<Known> transposed(OnnxNode node) {
    Shape x = node.shape(0);
    int spatial = spatial(x);
    int[] kernel = kernel(node, spatial);
    int[] strides = perAxis(node, "strides", spatial, 1, 1);
    int[] dilations = perAxis(node, "dilations", spatial, 1, 1);
    int[] added = perAxis(node, "output_padding", spatial, 0, 0).clone();
    String mode = node.stringAttribute("auto_pad", "NOTSET");
    int[] pads = perAxis(node, "pads", 2 * spatial, 0, 0).clone();
    int[] target = node.intsAttribute("output_shape");
    boolean same = mode.startsWith("SAME");
    if (target == null && same) {
      target = IntStream.range(0, spatial).map(i -> x.size(i + 2) * strides[i]).toArray();
    }
    if (target != null) {
      int[] sizes = Arrays.copyOfRange(target, Math.max(0, target.length - spatial), target.length);
      sized("output_shape", sizes, spatial, 1);
      for (int i = 0; i < spatial; i++) {
        int reach = (kernel[i] - 1) * dilations[i] + 1;
        int total = strides[i] * (x.size(i + 2) - 1) + added[i] + reach - sizes[i];
        added[i] += Math.max(0, -total);
        int cut = Math.max(0, total);
        pads[i] = mode.equals("SAME_UPPER") ? cut / 2 : cut - cut / 2;
        pads[spatial + i] = cut - pads[i];
      }
    } else if (mode.equals("VALID")) {
      Arrays.fill(pads, 0);
    }
    Attributes attributes = node.attributes(PADDING).with("pads", pads);
    return node.with(Op.CONV_TRANSPOSE, attributes.with("output_padding", added));
  }

  private static List<Known> globalLp(OnnxNode node) {
    Value x = node.value(0);
    int[] axes = IntStream.range(2, x.rank()).toArray();
    Op op =
        switch (node.intAttribute("p", 2)) {
          case 1 -> Op.REDUCE_L1;
          case 2 -> Op.REDUCE_L2;
          default -> throw new Refusal("it pools with another power than 1 or 2");
        };
    return OnnxNode.one(node.builder().reduce(op, x, true, axes));
  }
}
