package dev.keralens.onnx.operator;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Operators that move elements about. */
final class RearrangingOperators {
  static final Map<String, Operator> TABLE =
      Map.ofEntries(
          Map.entry("Concat", RearrangingOperators::concat),
          Map.entry("Expand", RepeatingOperators::expand),
          Map.entry("OneHot", RearrangingOperators::oneHot),
          Map.entry("Pad", RearrangingOperators::pad),
          Map.entry("Reshape", Reshaping::reshape),
          Map.entry("ReverseSequence", RearrangingOperators::reverseSequence),
          Map.entry("Slice", RearrangingOperators::slice),
          Map.entry("Split", RearrangingOperators::split),
          Map.entry("Squeeze", RearrangingOperators::squeeze),
          Map.entry("Tile", RepeatingOperators::tile),
          Map.entry("Transpose", RearrangingOperators::transpose),
          Map.entry("Unsqueeze", RearrangingOperators::unsqueeze));

  private RearrangingOperators() {}

  /**
   * {@return the shape that numbers say; those that depend on the batch must be multiples of it}
   */
  static Shape shapeOf(Numbers numbers) {
    int[] sizes = new int[numbers.size()];
    for (int axis = 0; axis < sizes.length; axis++) {
      Linear size = numbers.elements().get(axis);
      if (!size.isFixed() && (size.fixed() != 0 || size.perBatch() < 0)) {
        throw new Refusal("axis %d of its shape is no multiple of the batch".formatted(axis));
      }
      double number = size.isFixed() ? size.fixed() : -size.perBatch();
      if (Math.abs(number) > Integer.MAX_VALUE || (size.isFixed() && number < 0)) {
        throw new IllegalArgumentException(
            "axis %d of its shape has the size %.0f".formatted(axis, number));
      }
      sizes[axis] = (int) number;
    }
    return Shape.of(sizes);
  }

  /** {@return the axes, an attribute before version 13 and an input since; null for none} */
  static int @Nullable [] axes(OnnxNode node) {
    if (node.version() < 13) {
      return node.intsAttribute("axes");
    }
    return node.has(1) ? node.numbers(1).ints() : null;
  }

  static int[] reversed(int rank) {
    return IntStream.range(0, rank).map(axis -> rank - 1 - axis).toArray();
  }

  private static List<Known> slice(OnnxNode node) {
    Value x = node.value(0);
    SliceRange[] ranges = SliceRange.of(node, x.rank());
    List<Integer> axes = new ArrayList<>();
    List<Integer> starts = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    List<Integer> steps = new ArrayList<>();
    for (int axis = 0; axis < ranges.length; axis++) {
      SliceRange range = ranges[axis];
      int size = x.shape().size(axis);
      if (range == null || range.isWhole(Linear.ofSize(size))) {
        continue;
      }
      if (size < 0) {
        throw new Refusal("it takes some rows of the batch only");
      }
      int count = range.count(size);
      int step = (int) Math.max(-size, Math.min(size, range.step()));
      int start = Math.toIntExact(range.first(size));
      long last = start + (long) step * count;
      axes.add(axis);
      starts.add(start);
      ends.add((int) (step > 0 ? Math.min(last, size) : last < 0 ? -size - 1 : last));
      steps.add(step);
    }
    if (axes.isEmpty()) {
      return OnnxNode.one(x);
    }
    GraphBuilder b = node.builder();
    return OnnxNode.one(
        b.node(
            Op.SLICE,
            x,
            b.ints(ints(starts)),
            b.ints(ints(ends)),
            b.ints(ints(axes)),
            b.ints(ints(steps))));
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }

  private static List<Known> split(OnnxNode node) {
    Value x = node.value(0);
    int axis = OnnxNode.axis(node.longAttribute("axis", 0), x.rank());
    int size = x.shape().size(axis);
    if (size < 0) {
      throw new Refusal("it splits the batch");
    }
    int[] sizes = splitSizes(node, size);
    if (sizes.length == 1) {
      return OnnxNode.one(x);
    }
    return OnnxNode.computed(
        node.builder()
            .nodes(
                Op.SPLIT,
                Attributes.of("axis", axis),
                sizes.length,
                List.of(x, node.builder().ints(sizes))));
  }

  /** The sizes of the parts: given, or equal but for a smaller last one. */
  static int[] splitSizes(OnnxNode node, int size) {
    int @Nullable [] given = node.version() < 13 ? node.intsAttribute("split") : null;
    if (node.version() >= 13 && node.has(1)) {
      given = node.numbers(1).ints();
    }
    int count = node.intAttribute("num_outputs", node.outputs());
    int[] sizes = given == null ? equalParts(size, count) : given;
    if (Arrays.stream(sizes).sum() != size
        || Arrays.stream(sizes).anyMatch(part -> part < 0)
        || sizes.length != node.outputs()) {
      throw new IllegalArgumentException(
          "%d outputs of the sizes %s for an axis of %d"
              .formatted(node.outputs(), Arrays.toString(sizes), size));
    }
    return sizes;
  }

  private static int[] equalParts(int size, int count) {
    if (count < 1 || count > size) {
      throw new IllegalArgumentException("%d parts of an axis of %d".formatted(count, size));
    }
    int part = (size + count - 1) / count;
    int[] sizes = new int[count];
    Arrays.fill(sizes, part);
    sizes[count - 1] = size - part * (count - 1);
    return sizes;
  }

  private static List<Known> squeeze(OnnxNode node) {
    Shape shape = node.shape(0);
    int @Nullable [] axes = axes(node);
    if (axes == null && shape.hasBatch() && node.freesBatch()) {
      throw new Refusal("it takes away every axis of size one, and the batch's was one");
    }
    int[] gone =
        axes == null
            ? IntStream.range(0, shape.rank()).filter(i -> shape.size(i) == 1).toArray()
            : Arrays.stream(axes).map(axis -> OnnxNode.axis(axis, shape.rank())).toArray();
    Shape out = shape;
    for (int axis : Arrays.stream(gone).map(i -> -i).sorted().map(i -> -i).toArray()) {
      if (shape.size(axis) == -1) {
        throw new Refusal("it takes the batch's axis away");
      }
      if (shape.size(axis) != 1) {
        throw new IllegalArgumentException(
            "axis %d has the size %d, not 1".formatted(axis, shape.size(axis)));
      }
      out = out.remove(axis);
    }
    Shape result = out;
    return Reshaping.to(node, result, b -> b.squeeze(node.value(0), gone));
  }

  private static List<Known> unsqueeze(OnnxNode node) {
    int @Nullable [] given = axes(node);
    if (given == null || given.length == 0) {
      return List.of(node.known(0));
    }
    int rank = node.shape(0).rank() + given.length;
    int[] axes = Arrays.stream(given).map(axis -> OnnxNode.axis(axis, rank)).sorted().toArray();
    Shape out = node.shape(0);
    for (int axis : axes) {
      out = out.insert(axis, 1);
    }
    return Reshaping.to(node, out, b -> b.unsqueeze(node.value(0), axes));
  }

  private static List<Known> transpose(OnnxNode node) {
    Shape shape = node.shape(0);
    int[] perm = node.intsAttribute("perm");
    int[] order = perm == null ? reversed(shape.rank()) : perm;
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    if (!Arrays.equals(sorted, IntStream.range(0, shape.rank()).toArray())) {
      throw new IllegalArgumentException(
          "perm %s is no order of the axes of %s".formatted(Arrays.toString(order), shape));
    }
    if (node.known(0) instanceof Known.Weight) {
      return ConstantOperators.derived(
          node, shape.permute(order).sizes(), tensor -> tensor.transpose(order));
    }
    return OnnxNode.one(node.builder().transpose(node.value(0), order));
  }

  private static List<Known> concat(OnnxNode node) {
    List<Value> parts = new ArrayList<>();
    for (int i = 0; i < node.inputCount(); i++) {
      parts.add(node.value(i));
    }
    int axis = OnnxNode.axis(node.longAttribute("axis", 0), parts.get(0).rank());
    Shape batched =
        parts.stream().map(Value::shape).filter(Shape::hasBatch).findFirst().orElse(null);
    if (batched != null && node.freesBatch()) {
      parts.replaceAll(part -> withBatch(node, part, batched));
    }
    return OnnxNode.one(node.builder().concat(axis, parts));
  }

  /** A part whose rows were as many as the fixed batch, one, is repeated for each of the batch. */
  private static Value withBatch(OnnxNode node, Value part, Shape batched) {
    int axis = batched.batchAxis();
    boolean single =
        !part.shape().hasBatch() && part.rank() == batched.rank() && part.shape().size(axis) == 1;
    return single ? node.fill().expand(part, part.shape().with(axis, batched.size(axis))) : part;
  }

  private static List<Known> oneHot(OnnxNode node) {
    GraphBuilder b = node.builder();
    Value depth = b.ints((int) node.numbers(1).single().number());
    return OnnxNode.one(
        b.node(
            Op.ONE_HOT,
            Attributes.of("axis", node.intAttribute("axis", -1)),
            node.value(0),
            depth,
            node.value(2)));
  }

  private static List<Known> pad(OnnxNode node) {
    Value x = node.value(0);
    GraphBuilder b = node.builder();
    int[] pads = node.numbers(1).ints();
    int[] axes =
        node.has(3)
            ? Arrays.stream(node.numbers(3).ints())
                .map(axis -> OnnxNode.axis(axis, x.rank()))
                .toArray()
            : IntStream.range(0, x.rank()).toArray();
    if (pads.length != 2 * axes.length) {
      throw new IllegalArgumentException(
          "it has %d pads for %d axes".formatted(pads.length, axes.length));
    }
    int[] all = new int[2 * x.rank()];
    for (int i = 0; i < axes.length; i++) {
      all[axes[i]] = pads[i];
      all[x.rank() + axes[i]] = pads[axes.length + i];
    }
    if (Arrays.stream(all).allMatch(pad -> pad == 0)) {
      return OnnxNode.one(x);
    }
    return OnnxNode.one(b.node(Op.PAD, node.attributes(), x, b.ints(all), node.optionalValue(2)));
  }

  /** Reverses all of an axis, which is what exporters use it for; parts of it are refused. */
  private static List<Known> reverseSequence(OnnxNode node) {
    Value x = node.value(0);
    int axis = OnnxNode.axis(node.longAttribute("time_axis", 0), x.rank());
    int size = x.shape().size(axis);
    if (!RecurrentOperators.isAll(node, 1, size)) {
      throw new Refusal("it reverses sequences of different lengths");
    }
    GraphBuilder b = node.builder();
    return OnnxNode.one(
        b.node(Op.SLICE, x, b.ints(size - 1), b.ints(-size - 1), b.ints(axis), b.ints(-1)));
  }
}
