package dev.keralens.graph;

import dev.keralens.tensor.ElementType;
import java.util.List;

/** The output shapes of convolutions and poolings: operators that slide a window over an image. */
final class WindowShapes {
  private WindowShapes() {}

  /** A convolution, or a pooling; a max pooling also gives the positions of the maxima. */
  static List<ValueType> types(ShapeInference node) {
    ValueType result = new ValueType(node.sameType(0), infer(node));
    return node.outputs() == 2 && node.op() == Op.MAX_POOL
        ? List.of(result, new ValueType(ElementType.INT64, result.shape()))
        : List.of(result);
  }

  static List<ValueType> globalTypes(ShapeInference node) {
    return ShapeInference.one(node.input(0).type(), global(node));
  }

  private static Shape infer(ShapeInference node) {
    Shape x = node.input(0).shape();
    checkSpatial(node, x);
    int spatial = x.rank() - 2;
    Window window = Window.of(node.attributes(), node.present());
    if (window.rank() != spatial) {
      throw node.error("it has %d spatial axes, its kernel %d".formatted(spatial, window.rank()));
    }
    Shape out = x;
    if (node.op() == Op.CONV || node.op() == Op.CONV_TRANSPOSE) {
      out = x.with(1, channels(node, x));
    }
    for (int i = 0; i < spatial; i++) {
      if (window.strides()[i] < 1 || window.dilations()[i] < 1 || window.kernel()[i] < 1) {
        throw node.error(
            "along spatial axis %d its kernel is %d, its stride %d, its dilation %d; all are 1 or more"
                .formatted(i, window.kernel()[i], window.strides()[i], window.dilations()[i]));
      }
      int size =
          node.op() == Op.CONV_TRANSPOSE
              ? window.transposedSize(i, x.size(i + 2))
              : window.outputSize(i, x.size(i + 2));
      if (size < 1) {
        throw node.error(
            "along spatial axis %d the image has the size %d, the window reaches %d"
                .formatted(i, x.size(i + 2), window.reach(i)));
      }
      checkPads(node, window, i);
      out = out.with(i + 2, size);
    }
    return out;
  }

  private static Shape global(ShapeInference node) {
    Shape x = node.input(0).shape();
    checkSpatial(node, x);
    Shape out = x;
    for (int axis = 2; axis < x.rank(); axis++) {
      out = out.with(axis, 1);
    }
    return out;
  }

  private static void checkSpatial(ShapeInference node, Shape x) {
    if (x.rank() < 3) {
      throw node.error("its input needs a batch, a channel and at least one spatial axis");
    }
    for (int axis = 2; axis < x.rank(); axis++) {
      node.plainAxis(axis, x);
    }
  }

  /** A pooling must not have a window that lies in the padding altogether. */
  private static void checkPads(ShapeInference node, Window window, int axis) {
    boolean pooling = node.op() != Op.CONV && node.op() != Op.CONV_TRANSPOSE;
    int pad = Math.max(window.before()[axis], window.after()[axis]);
    if (pooling && pad >= window.kernel()[axis]) {
      throw node.error(
          "along spatial axis %d it pads by %d, its kernel has the size %d"
              .formatted(axis, pad, window.kernel()[axis]));
    }
  }

  private static int channels(ShapeInference node, Shape x) {
    Shape kernel = node.input(1).shape();
    int group = node.attributes().getInt("group", 1);
    if (group < 1) {
      throw node.error("it has %d groups, expected 1 or more".formatted(group));
    }
    boolean transposed = node.op() == Op.CONV_TRANSPOSE;
    int expected = transposed ? kernel.size(0) : Math.multiplyExact(kernel.size(1), group);
    if (x.size(1) != expected) {
      throw node.error("its kernel takes %d channels, got %d".formatted(expected, x.size(1)));
    }
    int outputs = transposed ? Math.multiplyExact(kernel.size(1), group) : kernel.size(0);
    if (outputs % group != 0) {
      throw node.error("its %d outputs do not part into %d groups".formatted(outputs, group));
    }
    Value bias = node.optional(2);
    if (bias != null && !bias.shape().equals(Shape.of(outputs))) {
      throw node.error("its bias is of shape %s, for %d outputs".formatted(bias.shape(), outputs));
    }
    return outputs;
  }
}
