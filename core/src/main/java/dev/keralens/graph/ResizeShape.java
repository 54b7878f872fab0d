package dev.keralens.graph;

import java.util.stream.IntStream;

/** The output shape of Resize, from sizes or from scales. */
final class ResizeShape {
  private ResizeShape() {}

  static Shape infer(ShapeInference node) {
    Shape shape = node.input(0).shape();
    int[] axes = node.attributes().getInts("axes", IntStream.range(0, shape.rank()).toArray());
    boolean toSizes = node.optional(3) != null;
    int[] sizes = toSizes ? node.ints(3) : new int[0];
    float[] scales = toSizes ? new float[0] : node.floats(2);
    if (sizes.length + scales.length != axes.length) {
      throw node.error(
          "it has %d sizes for %d axes".formatted(sizes.length + scales.length, axes.length));
    }
    Shape out = shape;
    for (int i = 0; i < axes.length; i++) {
      if (toSizes || scales[i] != 1) {
        int axis = node.plainAxis(axes[i], shape);
        int size = toSizes ? sizes[i] : scaled(node, axis, scales[i]);
        if (size < 1) {
          throw node.error("nothing would be left of axis %d".formatted(axis));
        }
        out = out.with(axis, size);
      }
    }
    return out;
  }

  /** ONNX Runtime multiplies in single precision here and in double there: they must agree. */
  private static int scaled(ShapeInference node, int axis, float scale) {
    int from = node.input(0).shape().size(axis);
    int size = node.size((long) Math.floor(from * scale), axis);
    if (size != (long) Math.floor((double) from * scale)) {
      throw node.error(
          "the size %d of axis %d times %s is too near a whole number, give sizes"
              .formatted(from, axis, scale));
    }
    return size;
  }
}
