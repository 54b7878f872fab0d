package dev.keralens.graph;

import java.util.Arrays;
import java.util.List;

/** The output shapes of operators that take or put elements by position. */
final class IndexingShapes {
  private final ShapeInference node;
  private final Value x;
  private final Shape shape;

  IndexingShapes(ShapeInference node) {
    this.node = node;
    this.x = node.input(0);
    this.shape = x.shape();
  }

  static List<ValueType> gather(ShapeInference node) {
    IndexingShapes s = new IndexingShapes(node);
    return s.one(s.gather());
  }

  static List<ValueType> gatherElements(ShapeInference node) {
    IndexingShapes s = new IndexingShapes(node);
    return s.one(s.positions());
  }

  static List<ValueType> gatherNd(ShapeInference node) {
    IndexingShapes s = new IndexingShapes(node);
    return s.one(s.gatherNd());
  }

  static List<ValueType> oneHot(ShapeInference node) {
    IndexingShapes s = new IndexingShapes(node);
    return ShapeInference.one(s.node.input(2).type(), s.oneHot());
  }

  static List<ValueType> scatterElements(ShapeInference node) {
    IndexingShapes s = new IndexingShapes(node);
    return s.one(s.updated(s.positions()));
  }

  static List<ValueType> scatterNd(ShapeInference node) {
    IndexingShapes s = new IndexingShapes(node);
    return s.one(s.updated(s.slices(0)));
  }

  static List<ValueType> slice(ShapeInference node) {
    IndexingShapes s = new IndexingShapes(node);
    return s.one(s.slice());
  }

  private List<ValueType> one(Shape result) {
    return ShapeInference.one(x.type(), result);
  }

  private Shape gather() {
    int axis = node.plainAxis(node.attributes().getInt("axis", 0), shape);
    node.checkPositions(1, axis, shape.size(axis));
    int[] sizes = shape.sizes();
    int[] index = node.input(1).shape().sizes();
    int[] out = new int[sizes.length - 1 + index.length];
    System.arraycopy(sizes, 0, out, 0, axis);
    System.arraycopy(index, 0, out, axis, index.length);
    System.arraycopy(sizes, axis + 1, out, axis + index.length, sizes.length - axis - 1);
    return node.shape(out);
  }

  /** The shape of indices that pick along one axis, each within its row of the batch. */
  private Shape positions() {
    int axis = node.plainAxis(node.attributes().getInt("axis", 0), shape);
    Shape index = node.input(1).shape();
    if (index.rank() != shape.rank()) {
      throw node.error("its indices have %d axes, not %d".formatted(index.rank(), shape.rank()));
    }
    for (int i = 0; i < shape.rank(); i++) {
      boolean batch = shape.size(i) < 0 || index.size(i) < 0;
      boolean fits = batch ? shape.size(i) == index.size(i) : index.size(i) <= shape.size(i);
      if (i != axis && !fits) {
        throw node.error("its indices of shape %s do not fit axis %d".formatted(index, i));
      }
    }
    return index;
  }

  private Shape gatherNd() {
    return slices(node.attributes().getInt("batch_dims", 0));
  }

  /** The shape of the slices that are picked by indices into the first axes after some. */
  private Shape slices(int outer) {
    Shape index = node.input(1).shape();
    int depth = index.size(-1);
    for (int axis = 0; axis < outer; axis++) {
      if (shape.size(axis) != index.size(axis)) {
        throw node.error(
            "its input of shape %s and its indices of shape %s differ in axis %d"
                .formatted(shape, index, axis));
      }
    }
    for (int axis = outer; axis < outer + depth; axis++) {
      node.plainAxis(axis, shape);
    }
    int[] head = Arrays.copyOf(index.sizes(), index.rank() - 1);
    int[] tail = Arrays.copyOfRange(shape.sizes(), outer + depth, shape.rank());
    int[] out = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, out, head.length, tail.length);
    return node.shape(out);
  }

  private Shape updated(Shape expected) {
    Shape updates = node.input(2).shape();
    if (!updates.equals(expected)) {
      throw node.error("its updates are of shape %s, expected %s".formatted(updates, expected));
    }
    if (node.input(2).type() != x.type()) {
      throw node.error("its updates are of type %s".formatted(node.input(2).type()));
    }
    return shape;
  }

  private Shape oneHot() {
    int axis = node.attributes().getInt("axis", -1);
    return shape.insert(axis < 0 ? axis + shape.rank() + 1 : axis, node.ints(1)[0]);
  }

  private Shape slice() {
    long[] starts = node.longs(1);
    long[] ends = node.longs(2);
    Shape out = shape;
    for (int i = 0; i < starts.length; i++) {
      long given = node.optional(3) == null ? i : node.longs(3)[i];
      long step = node.optional(4) == null ? 1 : node.longs(4)[i];
      int axis = node.plainAxis(node.size(given, i), shape);
      if (step == 0 || step == Long.MIN_VALUE) {
        throw node.error("its step along axis %d is %d".formatted(axis, step));
      }
      int size = shape.size(axis);
      long start =
          clamp(starts[i] < 0 ? starts[i] + size : starts[i], 0, step < 0 ? size - 1 : size);
      long end =
          clamp(
              ends[i] < 0 && ends[i] >= -size ? ends[i] + size : ends[i], step < 0 ? -1 : 0, size);
      int count =
          (int)
              Math.max(
                  0,
                  step > 0
                      ? -Math.floorDiv(start - end, step)
                      : -Math.floorDiv(end - start, -step));
      if (count < 1) {
        throw node.error("nothing would be left of axis %d".formatted(axis));
      }
      out = out.with(axis, count);
    }
    return out;
  }

  private static long clamp(long value, long low, long high) {
    return Math.max(low, Math.min(high, value));
  }
}
