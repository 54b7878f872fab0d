package dev.keralens.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The output shapes of operators that move elements about without computing with them. */
final class RearrangingShapes {
  private final ShapeInference node;
  private final Value x;
  private final Shape shape;

  RearrangingShapes(ShapeInference node) {
    this.node = node;
    this.x = node.input(0);
    this.shape = x.shape();
  }

  static List<ValueType> concat(ShapeInference node) {
    RearrangingShapes s = new RearrangingShapes(node);
    return s.one(s.concat());
  }

  static List<ValueType> expand(ShapeInference node) {
    RearrangingShapes s = new RearrangingShapes(node);
    return s.one(s.expand());
  }

  static List<ValueType> flatten(ShapeInference node) {
    RearrangingShapes s = new RearrangingShapes(node);
    return s.one(s.flatten());
  }

  static List<ValueType> pad(ShapeInference node) {
    RearrangingShapes s = new RearrangingShapes(node);
    return s.one(s.pad());
  }

  static List<ValueType> reshape(ShapeInference node) {
    RearrangingShapes s = new RearrangingShapes(node);
    return s.one(s.reshape());
  }

  static List<ValueType> resize(ShapeInference node) {
    RearrangingShapes s = new RearrangingShapes(node);
    return s.one(ResizeShape.infer(s.node));
  }

  static List<ValueType> trilu(ShapeInference node) {
    RearrangingShapes s = new RearrangingShapes(node);
    return s.one(s.trilu());
  }

  static List<ValueType> split(ShapeInference node) {
    RearrangingShapes s = new RearrangingShapes(node);
    return s.split();
  }

  static List<ValueType> squeeze(ShapeInference node) {
    RearrangingShapes s = new RearrangingShapes(node);
    return s.one(s.squeeze());
  }

  static List<ValueType> tile(ShapeInference node) {
    RearrangingShapes s = new RearrangingShapes(node);
    return s.one(s.tile());
  }

  static List<ValueType> transpose(ShapeInference node) {
    RearrangingShapes s = new RearrangingShapes(node);
    return s.one(s.transpose());
  }

  static List<ValueType> unsqueeze(ShapeInference node) {
    RearrangingShapes s = new RearrangingShapes(node);
    return s.one(s.unsqueeze());
  }

  private List<ValueType> one(Shape result) {
    return ShapeInference.one(x.type(), result);
  }

  private Shape concat() {
    int axis = node.axis(node.attributes().getInt("axis", 0), shape.rank());
    node.sameType(0);
    long sum = 0;
    for (Value value : node.present()) {
      Shape part = value.shape();
      if (part.rank() != shape.rank() || !part.with(axis, 1).equals(shape.with(axis, 1))) {
        throw node.error("shapes %s and %s differ beside axis %d".formatted(shape, part, axis));
      }
      node.plainAxis(axis, part);
      sum += part.size(axis);
    }
    return shape.with(axis, node.size(sum, axis));
  }

  private Shape trilu() {
    node.plainAxis(-2, shape);
    node.plainAxis(-1, shape);
    return shape;
  }

  private Shape expand() {
    return node.broadcast(shape, Shape.of(node.ints(1)));
  }

  private Shape flatten() {
    int given = node.attributes().getInt("axis", 1);
    int axis = given < 0 ? given + shape.rank() : given;
    if (axis < 0 || axis > shape.rank()) {
      throw node.error("there is no axis %d among %d".formatted(given, shape.rank()));
    }
    int[] sizes = shape.sizes();
    int first = shape.batchAxis() < axis ? 0 : axis;
    if (shape.hasBatch() && product(Arrays.copyOfRange(sizes, first, shape.batchAxis())) != 1) {
      throw node.error("it would mix the rows of the batch, axis %d".formatted(shape.batchAxis()));
    }
    return node.shape(
        product(Arrays.copyOfRange(sizes, 0, axis)),
        product(Arrays.copyOfRange(sizes, axis, sizes.length)));
  }

  private static int product(int[] sizes) {
    return Arrays.stream(sizes).reduce(1, Math::multiplyExact);
  }

  private Shape pad() {
    long[] pads = node.longs(1);
    int[] axes =
        node.optional(3) != null ? node.ints(3) : IntStream.range(0, shape.rank()).toArray();
    if (pads.length != 2 * axes.length) {
      throw node.error("it has %d pads for %d axes".formatted(pads.length, axes.length));
    }
    Shape out = shape;
    for (int i = 0; i < axes.length; i++) {
      int axis = node.axis(axes[i], shape.rank());
      long added = Math.addExact(pads[i], pads[axes.length + i]);
      if (pads[i] != 0 || pads[axes.length + i] != 0) {
        node.plainAxis(axis, shape);
        out = out.with(axis, positive(Math.addExact(shape.size(axis), added), axis));
      }
    }
    return out;
  }

  private int positive(long size, int axis) {
    if (size < 1) {
      throw node.error(
          "nothing would be left of axis %d: its size would be %d".formatted(axis, size));
    }
    return node.size(size, axis);
  }

  private Shape reshape() {
    long[] target = node.longs(1);
    boolean allowZero = node.attributes().getInt("allowzero", 0) != 0;
    int[] sizes = new int[target.length];
    int open = -1;
    long known = 1;
    boolean batchKnown = false;
    for (int i = 0; i < target.length; i++) {
      sizes[i] =
          target[i] == 0 && !allowZero
              ? shape.size(node.axis(i, shape.rank()))
              : node.size(target[i], i);
      if (target[i] == -1) {
        open = i;
      } else {
        known = Math.multiplyExact(known, (long) Math.abs(sizes[i]));
        batchKnown |= sizes[i] < 0;
      }
    }
    long rest = known == 0 ? 0 : shape.elements() / known;
    if (open >= 0) {
      sizes[open] = node.size(shape.hasBatch() && !batchKnown ? -rest : rest, open);
    }
    Shape result = node.shape(sizes);
    if (result.elements() != shape.elements() || result.hasBatch() != shape.hasBatch()) {
      throw node.error("its elements do not fit the shape %s".formatted(Arrays.toString(target)));
    }
    if (result.hasBatch() && beforeBatch(result) != beforeBatch(shape)) {
      throw node.error("it would mix the rows of the batch, axis %d".formatted(shape.batchAxis()));
    }
    return result;
  }

  private static int beforeBatch(Shape shape) {
    return product(Arrays.copyOf(shape.sizes(), shape.batchAxis()));
  }

  private List<ValueType> split() {
    int axis = node.plainAxis(node.attributes().getInt("axis", 0), shape);
    if (node.optional(1) == null && node.attributes().getInt("num_outputs", 0) != node.outputs()) {
      throw node.error(
          "it has %d outputs: num_outputs or the parts' sizes must say so"
              .formatted(node.outputs()));
    }
    List<ValueType> out = new ArrayList<>();
    int part = -Math.floorDiv(-shape.size(axis), node.outputs());
    long[] sizes = node.optional(1) == null ? new long[0] : node.longs(1);
    if (node.optional(1) != null && sizes.length != node.outputs()) {
      throw node.error("it has %d sizes for %d outputs".formatted(sizes.length, node.outputs()));
    }
    long sum = 0;
    for (int i = 0; i < node.outputs(); i++) {
      long size =
          node.optional(1) != null ? sizes[i] : Math.min(part, shape.size(axis) - (long) i * part);
      sum = Math.addExact(sum, size);
      out.add(new ValueType(x.type(), shape.with(axis, positive(size, axis))));
    }
    if (sum != shape.size(axis)) {
      throw node.error("its parts add up to %d, not %d".formatted(sum, shape.size(axis)));
    }
    return out;
  }

  private Shape squeeze() {
    boolean[] gone = new boolean[shape.rank()];
    if (node.optional(1) == null && shape.hasBatch()) {
      throw node.error("its axes must be named: a batch of one row would be removed too");
    }
    if (node.optional(1) == null) {
      for (int axis = 0; axis < gone.length; axis++) {
        gone[axis] = shape.size(axis) == 1;
      }
    } else {
      for (long axis : node.longs(1)) {
        gone[node.axis(node.size(axis, 0), shape.rank())] = true;
      }
    }
    Shape out = shape;
    for (int axis = gone.length - 1; axis >= 0; axis--) {
      if (gone[axis]) {
        if (shape.size(axis) != 1) {
          throw node.error("axis %d has the size %d, not 1".formatted(axis, shape.size(axis)));
        }
        out = out.remove(axis);
      }
    }
    return out;
  }

  private Shape unsqueeze() {
    long[] axes = node.longs(1);
    int rank = shape.rank() + axes.length;
    int[] sorted =
        Arrays.stream(axes)
            .mapToInt(axis -> node.axis(node.size(axis, 0), rank))
            .sorted()
            .toArray();
    Shape out = shape;
    for (int axis : sorted) {
      out = out.insert(axis, 1);
    }
    return out;
  }

  private Shape tile() {
    long[] repeats = node.longs(1);
    if (repeats.length != shape.rank()) {
      throw node.error("it has %d repeats for %d axes".formatted(repeats.length, shape.rank()));
    }
    Shape out = shape;
    for (int axis = 0; axis < repeats.length; axis++) {
      if (repeats[axis] != 1) {
        int plain = node.plainAxis(axis, shape);
        if (repeats[axis] < 0) {
          throw node.error("it repeats axis %d %d times".formatted(axis, repeats[axis]));
        }
        out = out.with(plain, node.size(Math.multiplyExact(shape.size(axis), repeats[axis]), axis));
      }
    }
    return out;
  }

  private Shape transpose() {
    int[] order = node.attributes().getInts("perm");
    if (order == null) {
      order = new int[shape.rank()];
      for (int axis = 0; axis < order.length; axis++) {
        order[axis] = order.length - 1 - axis;
      }
    }
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    if (!Arrays.equals(sorted, IntStream.range(0, shape.rank()).toArray())) {
      throw node.error("perm is no order of the axes");
    }
    return shape.permute(order);
  }
}
