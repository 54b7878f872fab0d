package dev.keralens.onnx.operator;

import dev.keralens.graph.Constant;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Operators that move numbers about which are known beforehand. */
final class RearrangedNumbers {
  static final Map<String, Operator> TABLE =
      Map.ofEntries(
          Map.entry("Concat", RearrangedNumbers::concat),
          Map.entry("Expand", RearrangedNumbers::expand),
          Map.entry("Gather", RearrangedNumbers::gather),
          Map.entry("NonZero", RearrangedNumbers::nonZero),
          Map.entry("Range", RearrangedNumbers::range),
          Map.entry("Reshape", RearrangedNumbers::reshape),
          Map.entry("Slice", RearrangedNumbers::slice),
          Map.entry("Split", RearrangedNumbers::split),
          Map.entry("Squeeze", RearrangedNumbers::squeeze),
          Map.entry("Tile", RearrangedNumbers::tile),
          Map.entry("Transpose", RearrangedNumbers::transpose),
          Map.entry("Unsqueeze", RearrangedNumbers::unsqueeze));

  private RearrangedNumbers() {}

  /** Takes the elements along one axis at the given positions. */
  private static Numbers take(Numbers numbers, int axis, int[] positions) {
    int[] shape = numbers.shape().clone();
    int inner = 1;
    for (int i = axis + 1; i < shape.length; i++) {
      inner *= shape[i];
    }
    int size = shape[axis];
    int outer = numbers.size() / Math.max(1, inner * size);
    shape[axis] = positions.length;
    Numbers.checkedSize(shape);
    List<Linear> out = new ArrayList<>();
    for (int o = 0; o < outer; o++) {
      for (int position : positions) {
        for (int i = 0; i < inner; i++) {
          out.add(numbers.elements().get((o * size + position) * inner + i));
        }
      }
    }
    return new Numbers(numbers.type(), shape, out);
  }

  private static List<Known> gather(OnnxNode node) {
    Numbers numbers = node.numbers(0);
    Numbers index = node.numbers(1);
    int axis = OnnxNode.axis(node.longAttribute("axis", 0), numbers.shape().length);
    int size = numbers.shape()[axis];
    int[] positions =
        Arrays.stream(index.ints()).map(position -> OnnxNode.axis(position, size)).toArray();
    int[] shape = numbers.shape();
    int[] out = new int[shape.length - 1 + index.shape().length];
    System.arraycopy(shape, 0, out, 0, axis);
    System.arraycopy(index.shape(), 0, out, axis, index.shape().length);
    System.arraycopy(shape, axis + 1, out, axis + index.shape().length, shape.length - axis - 1);
    return OnnxNode.one(take(numbers, axis, positions).reshaped(out));
  }

  private static List<Known> concat(OnnxNode node) {
    int[] shape = node.numbers(0).shape().clone();
    int axis = OnnxNode.axis(node.longAttribute("axis", 0), shape.length);
    int[] others = shape.clone();
    others[axis] = 0;
    shape[axis] = 0;
    for (int i = 0; i < node.inputCount(); i++) {
      int[] part = node.numbers(i).shape().clone();
      if (part.length != shape.length) {
        throw new IllegalArgumentException("its inputs differ in their number of axes");
      }
      shape[axis] = Math.addExact(shape[axis], part[axis]);
      part[axis] = 0;
      if (!Arrays.equals(part, others)) {
        throw new IllegalArgumentException(
            "its inputs differ in another axis than %d".formatted(axis));
      }
    }
    Numbers.checkedSize(shape);
    int inner = Arrays.stream(shape).skip(axis + 1).reduce(1, Math::multiplyExact);
    int outer = Arrays.stream(shape).limit(axis).reduce(1, Math::multiplyExact);
    List<Linear> out = new ArrayList<>();
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < node.inputCount(); i++) {
        int length = node.numbers(i).shape()[axis] * inner;
        out.addAll(node.numbers(i).elements().subList(o * length, (o + 1) * length));
      }
    }
    return OnnxNode.one(new Numbers(node.numbers(0).type(), shape, out));
  }

  private static List<Known> slice(OnnxNode node) {
    Numbers numbers = node.numbers(0);
    SliceRange[] ranges = SliceRange.of(node, numbers.shape().length);
    for (int axis = 0; axis < ranges.length; axis++) {
      SliceRange range = ranges[axis];
      if (range != null) {
        numbers = take(numbers, axis, range.positions(numbers.shape()[axis]));
      }
    }
    return OnnxNode.one(numbers);
  }

  private static List<Known> split(OnnxNode node) {
    Numbers numbers = node.numbers(0);
    int axis = OnnxNode.axis(node.longAttribute("axis", 0), numbers.shape().length);
    List<Known> out = new ArrayList<>();
    int from = 0;
    for (int size : RearrangingOperators.splitSizes(node, numbers.shape()[axis])) {
      int[] positions = new int[size];
      for (int i = 0; i < size; i++) {
        positions[i] = from++;
      }
      out.add(new Known.Folded(take(numbers, axis, positions)));
    }
    return out;
  }

  private static List<Known> expand(OnnxNode node) {
    Numbers shape = node.numbers(1);
    if (!shape.isFixed()) {
      return RepeatingOperators.expand(node);
    }
    int[] sizes = shape.ints();
    if (Tensor.elements(sizes) > Numbers.MOST) {
      return RepeatingOperators.expand(node);
    }
    Numbers ones = Numbers.scalar(ElementType.INT64, Linear.ZERO).expanded(sizes);
    return OnnxNode.one(
        Numbers.combine(node.numbers(0), ones, node.numbers(0).type(), (a, b) -> a));
  }

  private static List<Known> tile(OnnxNode node) {
    Numbers numbers = node.numbers(0);
    if (!node.numbers(1).isFixed()) {
      return RepeatingOperators.tile(node);
    }
    int[] repeats = node.numbers(1).ints();
    if (repeats.length != numbers.shape().length) {
      throw new IllegalArgumentException(
          "%d repeats for %d axes".formatted(repeats.length, numbers.shape().length));
    }
    for (int axis = 0; axis < repeats.length; axis++) {
      int size = numbers.shape()[axis];
      int[] positions = new int[Numbers.checkedSize(size, repeats[axis])];
      for (int i = 0; i < positions.length; i++) {
        positions[i] = i % size;
      }
      numbers = take(numbers, axis, positions);
    }
    return OnnxNode.one(numbers);
  }

  private static List<Known> range(OnnxNode node) {
    double start = node.numbers(0).single().number();
    double limit = node.numbers(1).single().number();
    double delta = node.numbers(2).single().number();
    double count = Math.max(0, Math.ceil((limit - start) / delta));
    if (!(count <= Numbers.MOST)) {
      throw new Refusal("it counts from %s to %s by %s".formatted(start, limit, delta));
    }
    ElementType type = node.numbers(0).type();
    List<Linear> out = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      out.add(Linear.of(start + i * delta).as(type));
    }
    return OnnxNode.one(Numbers.list(type, out));
  }

  private static List<Known> reshape(OnnxNode node) {
    Numbers numbers = node.numbers(0);
    int[] target = node.numbers(1).ints();
    boolean zeros = node.intAttribute("allowzero", 0) != 0;
    int known = 1;
    int open = -1;
    for (int axis = 0; axis < target.length; axis++) {
      if (target[axis] == 0 && !zeros) {
        target[axis] = numbers.shape()[axis];
      }
      if (target[axis] == -1) {
        open = axis;
      } else {
        known = Math.multiplyExact(known, target[axis]);
      }
    }
    if (open >= 0) {
      target[open] = known == 0 ? 0 : numbers.size() / known;
    }
    return OnnxNode.one(numbers.reshaped(target));
  }

  private static List<Known> squeeze(OnnxNode node) {
    Numbers numbers = node.numbers(0);
    int[] shape = numbers.shape();
    int @Nullable [] axes = RearrangingOperators.axes(node);
    boolean[] gone = new boolean[shape.length];
    for (int axis = 0; axis < shape.length; axis++) {
      gone[axis] = axes == null && shape[axis] == 1;
    }
    for (int axis : axes == null ? new int[0] : axes) {
      gone[OnnxNode.axis(axis, shape.length)] = true;
    }
    List<Integer> left = new ArrayList<>();
    for (int axis = 0; axis < shape.length; axis++) {
      if (!gone[axis]) {
        left.add(shape[axis]);
      }
    }
    return OnnxNode.one(numbers.reshaped(left.stream().mapToInt(Integer::intValue).toArray()));
  }

  private static List<Known> unsqueeze(OnnxNode node) {
    Numbers numbers = node.numbers(0);
    int @Nullable [] axes = RearrangingOperators.axes(node);
    int[] given = axes == null ? new int[0] : axes;
    int rank = numbers.shape().length + given.length;
    int[] sizes = new int[rank];
    Arrays.fill(sizes, -1);
    for (int axis : given) {
      sizes[OnnxNode.axis(axis, rank)] = 1;
    }
    int from = 0;
    for (int axis = 0; axis < rank; axis++) {
      if (sizes[axis] < 0) {
        sizes[axis] = numbers.shape()[from++];
      }
    }
    return OnnxNode.one(numbers.reshaped(sizes));
  }

  private static List<Known> transpose(OnnxNode node) {
    Numbers numbers = node.numbers(0);
    if (numbers.shape().length < 2) {
      return OnnxNode.one(numbers);
    }
    if (!numbers.isFixed()) {
      throw new Refusal("it reorders sizes that depend on the batch");
    }
    int rank = numbers.shape().length;
    int @Nullable [] perm = node.intsAttribute("perm");
    int[] order = perm == null ? RearrangingOperators.reversed(rank) : perm;
    Tensor tensor = numbers.tensor().transpose(order);
    return OnnxNode.one(Numbers.of(Constant.of(tensor)));
  }

  private static List<Known> nonZero(OnnxNode node) {
    Numbers numbers = node.numbers(0);
    int rank = numbers.shape().length;
    List<List<Linear>> axes = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      axes.add(new ArrayList<>());
    }
    for (int i = 0; i < numbers.size(); i++) {
      if (numbers.elements().get(i).isTrue()) {
        int rest = i;
        for (int axis = rank - 1; axis >= 0; axis--) {
          axes.get(axis).add(Linear.of(rest % numbers.shape()[axis]));
          rest /= numbers.shape()[axis];
        }
      }
    }
    int found = rank == 0 ? 0 : axes.get(0).size();
    List<Linear> out = axes.stream().flatMap(List::stream).toList();
    return OnnxNode.one(new Numbers(ElementType.INT64, new int[] {rank, found}, out));
  }
}
