package dev.keralens.objective;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Proves that numbers lie between 0 and 1 for every input: they are a sigmoid or softmax, cut to
 * that range, or made of such numbers by what picks, joins, rearranges or multiplies them. Numbers
 * of one image that happen to lie there prove nothing.
 */
final class ProvedScores {
  /** Any axis: all elements have to be proved. */
  private static final int ALL = -1;

  /** Values that are looked at more often prove nothing. */
  private static final int MOST_LOOKS = 2000;

  private final Graph graph;
  private int looks;

  private ProvedScores(Graph graph) {
    this.graph = graph;
  }

  /**
   * Whether some elements lie between 0 and 1.
   *
   * @param axis the axis along which they are picked, as the graph has it
   * @param from the first of them
   * @param to the first that is none of them
   */
  static boolean of(Graph graph, Value value, int axis, int from, int to) {
    boolean whole = from == 0 && to == value.shape().size(axis);
    return new ProvedScores(graph).proves(value, whole ? ALL : axis, from, to);
  }

  /** Whether all elements lie between 0 and 1. */
  static boolean of(Graph graph, Value value) {
    return new ProvedScores(graph).all(value);
  }

  /**
   * Whether elements are a softmax over all that lie along an axis, or several such, joined along
   * another one: they add up to 1.
   *
   * @param size how many elements lie along the axis
   */
  static boolean isSoftmax(Graph graph, Value value, int size) {
    Node node = graph.producer(value).orElse(null);
    if (node == null) {
      return false;
    }
    return switch (node.op()) {
      case SOFTMAX -> {
        int axis = Math.floorMod(node.attributes().getInt("axis", -1), value.rank());
        yield value.shape().size(axis) == size;
      }
      case IDENTITY, CAST, TRANSPOSE, RESHAPE, SQUEEZE, UNSQUEEZE, FLATTEN ->
          isSoftmax(graph, node.input(0), size);
      case CONCAT ->
          node.inputs().stream().allMatch(part -> part != null && isSoftmax(graph, part, size));
      default -> false;
    };
  }

  private boolean all(@Nullable Value value) {
    return value != null && proves(value, ALL, 0, 0);
  }

  private boolean proves(Value value, int axis, int from, int to) {
    Constant constant = graph.constant(value);
    Node node = graph.producer(value).orElse(null);
    if (constant != null) {
      return isWithin(constant, 0, 1);
    } else if (node == null || ++looks > MOST_LOOKS) {
      return false;
    }
    Value x = node.optionalInput(0);
    return switch (node.op()) {
      case SIGMOID, HARD_SIGMOID, SOFTMAX -> true;
      case CLIP -> isAt(node.optionalInput(1), 0) && isAt(node.optionalInput(2), 1);
      case IDENTITY, CAST -> x != null && x.type().isFloating() && proves(x, axis, from, to);
      case TRANSPOSE -> {
        int[] order = Objects.requireNonNull(node.attributes().getInts("perm"));
        yield proves(Objects.requireNonNull(x), axis == ALL ? ALL : order[axis], from, to);
      }
      case RESHAPE, SQUEEZE, UNSQUEEZE, FLATTEN -> {
        int before = axis == ALL ? ALL : before(Objects.requireNonNull(x), value, axis);
        yield proves(Objects.requireNonNull(x), before, from, to);
      }
      case CONCAT -> joined(node, axis, from, to);
      case MUL, WHERE -> {
        int first = node.inputs().size() - 2;
        yield all(node.optionalInput(first)) && all(node.optionalInput(first + 1));
      }
      case EXPAND,
          GATHER,
          GATHER_ELEMENTS,
          GATHER_ND,
          GLOBAL_MAX_POOL,
          MAX_POOL,
          REDUCE_MAX,
          REDUCE_MIN,
          SLICE,
          SPLIT,
          SQRT,
          TILE,
          TOP_K ->
          all(x);
      case MAX, MIN -> node.inputs().stream().allMatch(each -> all(each));
      default -> false;
    };
  }

  /** Whether the parts that the elements lie in are proved. */
  private boolean joined(Node node, int axis, int from, int to) {
    Value first = node.input(0);
    int along = Math.floorMod(node.attributes().getInt("axis", 0), first.rank());
    int at = 0;
    for (Value part : node.inputs()) {
      if (part == null) {
        return false;
      }
      int size = part.shape().size(along);
      boolean proved;
      if (axis != along) {
        proved = proves(part, axis, from, to);
      } else if (at >= to || at + size <= from) {
        proved = true;
      } else if (at >= from && at + size <= to) {
        proved = all(part);
      } else {
        proved = proves(part, axis, Math.max(0, from - at), Math.min(size, to - at));
      }
      if (!proved) {
        return false;
      }
      at += size;
    }
    return true;
  }

  /** The axis that an axis was before a reshape that leaves it whole; else any. */
  private static int before(Value x, Value reshaped, int axis) {
    long inner = inner(reshaped.shape(), axis);
    for (int i = 0; i < x.rank(); i++) {
      if (x.shape().size(i) == reshaped.shape().size(axis) && inner(x.shape(), i) == inner) {
        return i;
      }
    }
    return ALL;
  }

  private static long inner(Shape shape, int axis) {
    return Arrays.stream(shape.sizes()).skip(axis + 1L).asLongStream().reduce(1, (a, b) -> a * b);
  }

  private boolean isAt(@Nullable Value value, float number) {
    Constant constant = value == null ? null : graph.constant(value);
    return constant != null && isWithin(constant, number, number);
  }

  private static boolean isWithin(Constant constant, float lowest, float highest) {
    Tensor tensor = constant.tensor();
    if (!constant.type().isFloating()) {
      return false;
    }
    for (float element : tensor.toFloatArray()) {
      if (!(element >= lowest && element <= highest)) {
        return false;
      }
    }
    return true;
  }
}
