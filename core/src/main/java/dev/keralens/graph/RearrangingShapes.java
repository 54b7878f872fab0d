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

  List<ValueType> infer() {
    return switch (node.op()) {
      case CONCAT -> one(concat());
      case DEPTH_TO_SPACE -> one(depthToSpace());
      case SPACE_TO_DEPTH -> one(spaceToDepth());
      case EXPAND -> one(expand());
      case FLATTEN -> one(flatten());
      case GATHER -> one(gather());
      case GATHER_ELEMENTS -> one(gatherElements());
      case GATHER_ND -> one(gatherNd());
      case ONE_HOT -> ShapeInference.one(node.input(2).type(), oneHot());
      case PAD -> one(pad());
      case RESHAPE -> one(reshape());
      case RESIZE -> one(resize());
      case SCATTER_ELEMENTS, SCATTER_ND, TRILU -> one(shape);
      case SLICE -> one(slice());
      case SPLIT -> split();
      case SQUEEZE -> one(squeeze());
      case TILE -> one(tile());
      case TRANSPOSE -> one(transpose());
      case UNSQUEEZE -> one(unsqueeze());
      default -> throw new AssertionError(node.op());
    };
  }

  private List<ValueType> one(Shape result) {
    return ShapeInference.one(x.type(), result);
  }

  private Shape concat() {
    int axis = node.axis(node.attributes().getInt("axis", 0), shape.rank());
    int sum = 0;
    for (Value value : node.present()) {
      Shape part = value.shape();
      if (part.rank() != shape.rank() || !part.with(axis, 1).equals(shape.with(axis, 1))) {
        throw node.error("shapes %s and %s differ beside axis %d".formatted(shape, part, axis));
      }
      node.plainAxis(axis, part);
      sum += part.size(axis);
    }
    return shape.with(axis, sum);
  }

  private Shape depthToSpace() {
    int block = node.attributes().getInt("blocksize", 1);
    return Shape.of(
        shape.size(0),
        shape.size(1) / (block * block),
        shape.size(2) * block,
        shape.size(3) * block);
  }

  private Shape spaceToDepth() {
    int block = node.attributes().getInt("blocksize", 1);
    return Shape.of(
        shape.size(0), shape.size(1) * block * block, shape.size(2) / block, shape.size(3) / block);
  }

  private Shape expand() {
    int[] sizes = Arrays.stream(node.longs(1)).mapToInt(Math::toIntExact).toArray();
    return node.broadcast(shape, Shape.of(sizes));
  }

  private Shape flatten() {
    int given = node.attributes().getInt("axis", 1);
    int axis = given < 0 ? given + shape.rank() : given;
    int[] sizes = shape.sizes();
    return node.shape(
        product(Arrays.copyOfRange(sizes, 0, axis)),
        product(Arrays.copyOfRange(sizes, axis, sizes.length)));
  }

  private static int product(int[] sizes) {
    return Arrays.stream(sizes).reduce(1, Math::multiplyExact);
  }

  private Shape gather() {
    int axis = node.plainAxis(node.attributes().getInt("axis", 0), shape);
    int[] sizes = shape.sizes();
    int[] index = node.input(1).shape().sizes();
    int[] out = new int[sizes.length - 1 + index.length];
    System.arraycopy(sizes, 0, out, 0, axis);
    System.arraycopy(index, 0, out, axis, index.length);
    System.arraycopy(sizes, axis + 1, out, axis + index.length, sizes.length - axis - 1);
    return node.shape(out);
  }

  private Shape gatherElements() {
    node.plainAxis(node.attributes().getInt("axis", 0), shape);
    return node.input(1).shape();
  }

  private Shape gatherNd() {
    int batchDims = node.attributes().getInt("batch_dims", 0);
    Shape index = node.input(1).shape();
    int[] head = Arrays.copyOf(index.sizes(), index.rank() - 1);
    int[] tail = Arrays.copyOfRange(shape.sizes(), batchDims + index.size(-1), shape.rank());
    int[] out = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, out, head.length, tail.length);
    return node.shape(out);
  }

  private Shape oneHot() {
    int axis = node.attributes().getInt("axis", -1);
    return shape.insert(axis < 0 ? axis + shape.rank() + 1 : axis, (int) node.longs(1)[0]);
  }

  private Shape pad() {
    long[] pads = node.longs(1);
    int[] axes =
        node.optional(3) != null
            ? Arrays.stream(node.longs(3)).mapToInt(Math::toIntExact).toArray()
            : IntStream.range(0, shape.rank()).toArray();
    if (pads.length != 2 * axes.length) {
      throw node.error("it has %d pads for %d axes".formatted(pads.length, axes.length));
    }
    Shape out = shape;
    for (int i = 0; i < axes.length; i++) {
      int axis = node.axis(axes[i], shape.rank());
      int added = Math.toIntExact(pads[i] + pads[axes.length + i]);
      if (pads[i] != 0 || pads[axes.length + i] != 0) {
        node.plainAxis(axis, shape);
        out = out.with(axis, positive(shape.size(axis) + added));
      }
    }
    return out;
  }

  private int positive(int size) {
    if (size < 1) {
      throw node.error("nothing would be left of an axis");
    }
    return size;
  }

  private Shape reshape() {
    long[] target = node.longs(1);
    boolean allowZero = node.attributes().getInt("allowzero", 0) != 0;
    int[] sizes = new int[target.length];
    int open = -1;
    long known = 1;
    boolean batchKnown = false;
    for (int i = 0; i < target.length; i++) {
      sizes[i] = target[i] == 0 && !allowZero ? shape.size(i) : Math.toIntExact(target[i]);
      if (target[i] == -1) {
        open = i;
      } else {
        known = Math.multiplyExact(known, (long) Math.abs(sizes[i]));
        batchKnown |= sizes[i] < 0;
      }
    }
    long rest = known == 0 ? 0 : shape.elements() / known;
    if (open >= 0) {
      sizes[open] = Math.toIntExact(shape.hasBatch() && !batchKnown ? -rest : rest);
    }
    Shape result = node.shape(sizes);
    if (result.elements() != shape.elements() || result.hasBatch() != shape.hasBatch()) {
      throw node.error("its elements do not fit the shape %s".formatted(Arrays.toString(target)));
    }
    if (result.hasBatch() && beforeBatch(result) != beforeBatch(shape)) {
      throw node.error("it would mix the rows of the batch");
    }
    return result;
  }

  private static int beforeBatch(Shape shape) {
    return product(Arrays.copyOf(shape.sizes(), shape.batchAxis()));
  }

  private Shape resize() {
    Shape out = shape;
    if (node.optional(3) != null) {
      long[] sizes = node.longs(3);
      int[] axes = node.attributes().getInts("axes");
      for (int i = 0; i < sizes.length; i++) {
        int axis = axes == null ? i : axes[i];
        out = shape.size(axis) < 0 ? out : out.with(axis, Math.toIntExact(sizes[i]));
      }
      return out;
    }
    float[] scales = node.floats(2);
    for (int axis = 0; axis < scales.length; axis++) {
      if (scales[axis] != 1) {
        int plain = node.plainAxis(axis, shape);
        out = out.with(plain, (int) Math.floor((double) shape.size(axis) * scales[axis]));
      }
    }
    return out;
  }

  private Shape slice() {
    long[] starts = node.longs(1);
    long[] ends = node.longs(2);
    Shape out = shape;
    for (int i = 0; i < starts.length; i++) {
      long given = node.optional(3) == null ? i : node.longs(3)[i];
      long step = node.optional(4) == null ? 1 : node.longs(4)[i];
      int axis = node.plainAxis((int) given, shape);
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
      out = out.with(axis, positive(count));
    }
    return out;
  }

  private static long clamp(long value, long low, long high) {
    return Math.max(low, Math.min(high, value));
  }

  private List<ValueType> split() {
    int axis = node.plainAxis(node.attributes().getInt("axis", 0), shape);
    List<ValueType> out = new ArrayList<>();
    int part = -Math.floorDiv(-shape.size(axis), node.outputs());
    long sum = 0;
    for (int i = 0; i < node.outputs(); i++) {
      long size =
          node.optional(1) != null
              ? node.longs(1)[i]
              : Math.min(part, shape.size(axis) - (long) i * part);
      sum += size;
      out.add(new ValueType(x.type(), shape.with(axis, positive((int) size))));
    }
    if (sum != shape.size(axis)) {
      throw node.error("its parts add up to %d, not %d".formatted(sum, shape.size(axis)));
    }
    return out;
  }

  private Shape squeeze() {
    boolean[] gone = new boolean[shape.rank()];
    if (node.optional(1) == null) {
      for (int axis = 0; axis < gone.length; axis++) {
        gone[axis] = shape.size(axis) == 1;
      }
    } else {
      for (long axis : node.longs(1)) {
        gone[node.axis((int) axis, shape.rank())] = true;
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
        Arrays.stream(axes).mapToInt(axis -> node.axis((int) axis, rank)).sorted().toArray();
    Shape out = shape;
    for (int axis : sorted) {
      out = out.insert(axis, 1);
    }
    return out;
  }

  private Shape tile() {
    long[] repeats = node.longs(1);
    Shape out = shape;
    for (int axis = 0; axis < repeats.length; axis++) {
      if (repeats[axis] != 1) {
        int plain = node.plainAxis(axis, shape);
        out = out.with(plain, Math.toIntExact(shape.size(axis) * repeats[axis]));
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
