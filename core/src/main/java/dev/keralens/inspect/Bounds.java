package dev.keralens.inspect;

import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The interval that the elements of a value lie in, whatever the inputs are.
 *
 * @param low the lower end
 * @param high the upper end
 */
record Bounds(double low, double high) {
  private static final double INFINITY = Double.POSITIVE_INFINITY;
  private static final Bounds ALL = new Bounds(-INFINITY, INFINITY);
  private static final Bounds UNIT = new Bounds(0, 1);
  private static final Bounds POSITIVE = new Bounds(0, INFINITY);
  private static final int MOST_VALUES = 300;

  /** Operators whose elements lie between the smallest and the largest of their first input. */
  private static final Set<Op> WITHIN_FIRST = withinFirst();

  private static Set<Op> withinFirst() {
    Set<Op> all =
        EnumSet.of(
            Op.REDUCE_MEAN,
            Op.REDUCE_MAX,
            Op.REDUCE_MIN,
            Op.GLOBAL_AVERAGE_POOL,
            Op.GLOBAL_MAX_POOL,
            Op.MAX_POOL,
            Op.TOP_K);
    all.addAll(FinalActivation.REARRANGING);
    return all;
  }

  /** The interval of a value of a graph. */
  static Bounds of(GraphBuilder b, @Nullable Value value) {
    return of(b, value, new int[] {MOST_VALUES});
  }

  /** Whether all elements lie between 0 and 1, and not all are one number. */
  boolean looksLikeProbability() {
    return low >= -1e-6 && high <= 1 + 1e-6 && low < high;
  }

  private static Bounds of(GraphBuilder b, @Nullable Value value, int[] left) {
    if (value == null || left[0]-- <= 0 || !value.type().isFloating()) {
      return ALL;
    }
    Constant constant = b.constantOf(value);
    if (constant != null) {
      return constant(value, constant);
    }
    Node node = b.producerOf(value);
    if (node == null || node.inputs().isEmpty()) {
      return ALL;
    }
    Bounds first = first(b, node, left);
    if (WITHIN_FIRST.contains(node.op())) {
      return first;
    }
    return switch (node.op()) {
      case SIGMOID, HARD_SIGMOID, SOFTMAX -> UNIT;
      case TANH, ERF, SOFTSIGN, SIN, COS -> new Bounds(-1, 1);
      case LOG_SOFTMAX -> new Bounds(-INFINITY, 0);
      case RELU, SQRT -> new Bounds(Math.max(0, first.low), Math.max(0, first.high));
      case EXP -> new Bounds(Math.exp(first.low), Math.exp(first.high));
      case ABS, SOFTPLUS, REDUCE_L1, REDUCE_L2, REDUCE_SUM_SQUARE -> new Bounds(0, INFINITY);
      case NEG -> new Bounds(-first.high, -first.low);
      case RECIPROCAL -> first.inverse();
      case CLIP, MIN, MAX -> cut(b, value, node, first, left);
      case CONCAT, MEAN, WHERE -> union(b, node, node.op() == Op.WHERE ? 1 : 0, left);
      case ADD, SUB, MUL, DIV -> arithmetic(node.op(), first, of(b, second(node), left));
      default -> ALL;
    };
  }

  private static Bounds first(GraphBuilder b, Node node, int[] left) {
    return of(b, node.inputs().get(0), left);
  }

  private static @Nullable Value second(Node node) {
    return node.inputs().size() > 1 ? node.inputs().get(1) : null;
  }

  private static Bounds constant(Value value, Constant constant) {
    if (value.shape().elements() > 4096 || value.shape().elements() == 0) {
      return ALL;
    }
    double low = INFINITY;
    double high = -INFINITY;
    for (float element : constant.tensor().toFloatArray()) {
      low = Math.min(low, element);
      high = Math.max(high, element);
    }
    return low <= high ? new Bounds(low, high) : ALL;
  }

  private static Bounds cut(GraphBuilder b, Value value, Node node, Bounds first, int[] left) {
    WrittenOut.Cut cut = new WrittenOut(b).oneCut(value);
    if (cut == null) {
      if (node.op() == Op.CLIP) {
        return first;
      }
      Bounds other = of(b, second(node), left);
      return node.op() == Op.MIN
          ? new Bounds(Math.min(first.low, other.low), Math.min(first.high, other.high))
          : new Bounds(Math.max(first.low, other.low), Math.max(first.high, other.high));
    }
    Bounds inner = cut.value().equals(node.input(0)) ? first : of(b, cut.value(), left);
    double low = Math.min(cut.high(), Math.max(inner.low, cut.low()));
    return new Bounds(low, Math.max(low, Math.min(inner.high, cut.high())));
  }

  private static Bounds union(GraphBuilder b, Node node, int from, int[] left) {
    double low = INFINITY;
    double high = -INFINITY;
    for (Value input : node.inputs().subList(from, node.inputs().size())) {
      Bounds one = of(b, input, left);
      low = Math.min(low, one.low);
      high = Math.max(high, one.high);
    }
    return new Bounds(low, high);
  }

  private static Bounds arithmetic(Op op, Bounds left, Bounds right) {
    return switch (op) {
      case ADD -> new Bounds(left.low + right.low, left.high + right.high);
      case SUB -> new Bounds(left.low - right.high, left.high - right.low);
      case DIV -> left.times(right.inverse());
      default -> left.times(right);
    };
  }

  private Bounds inverse() {
    return low > 0 || high < 0 ? new Bounds(1 / high, 1 / low) : low == 0 ? POSITIVE : ALL;
  }

  private Bounds times(Bounds other) {
    double[] products = {
      product(low, other.low),
      product(low, other.high),
      product(high, other.low),
      product(high, other.high)
    };
    double least = INFINITY;
    double most = -INFINITY;
    for (double product : products) {
      least = Math.min(least, product);
      most = Math.max(most, product);
    }
    return new Bounds(least, most);
  }

  private static double product(double left, double right) {
    return left == 0 || right == 0 ? 0 : left * right;
  }
}
