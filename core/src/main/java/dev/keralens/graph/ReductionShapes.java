package dev.keralens.graph;

import dev.keralens.tensor.ElementType;
import java.util.List;
import java.util.stream.IntStream;

/** The output shapes of operators that work along axes, none of which may be the batch's. */
final class ReductionShapes {
  private ReductionShapes() {}

  static List<ValueType> infer(ShapeInference node) {
    return switch (node.op()) {
      case ARG_MAX, ARG_MIN -> argument(node);
      case CUM_SUM -> cumSum(node);
      case TOP_K -> topK(node);
      default -> ShapeInference.one(node.input(0).type(), reduce(node));
    };
  }

  private static List<ValueType> argument(ShapeInference node) {
    Shape shape = node.input(0).shape();
    int axis = node.plainAxis(node.attributes().getInt("axis", 0), shape);
    boolean keep = node.attributes().getInt("keepdims", 1) != 0;
    return ShapeInference.one(ElementType.INT64, keep ? shape.with(axis, 1) : shape.remove(axis));
  }

  private static List<ValueType> cumSum(ShapeInference node) {
    Shape shape = node.input(0).shape();
    node.plainAxis(node.ints(1)[0], shape);
    return ShapeInference.one(node.input(0).type(), shape);
  }

  private static Shape reduce(ShapeInference node) {
    Shape x = node.input(0).shape();
    boolean all = node.optional(1) == null;
    if (all && node.attributes().getInt("noop_with_empty_axes", 0) != 0) {
      return x;
    }
    boolean keep = node.attributes().getInt("keepdims", 1) != 0;
    boolean[] gone = new boolean[x.rank()];
    for (int axis : all ? IntStream.range(0, x.rank()).toArray() : node.ints(1)) {
      gone[node.plainAxis(axis, x)] = true;
    }
    Shape out = x;
    for (int axis = x.rank() - 1; axis >= 0; axis--) {
      if (gone[axis]) {
        out = keep ? out.with(axis, 1) : out.remove(axis);
      }
    }
    return out;
  }

  private static List<ValueType> topK(ShapeInference node) {
    Shape shape = node.input(0).shape();
    int axis = node.plainAxis(node.attributes().getInt("axis", -1), shape);
    int k = node.ints(1)[0];
    if (k < 1 || k > shape.size(axis)) {
      throw node.error("it takes %d of %d elements".formatted(k, shape.size(axis)));
    }
    Shape result = shape.with(axis, k);
    return List.of(
        new ValueType(node.input(0).type(), result), new ValueType(ElementType.INT64, result));
  }
}
