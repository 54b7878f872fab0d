package dev.keralens.inspect;

import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.inspect.Scalars.Affine;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Recognises a softmax or sigmoid that is written out in operators.
 *
 * <pre>
 *   softmax: exp(x) / sum(exp(x)), also of x less what is the same along the axes of the sum
 *   logarithm of a softmax: x - log(sum(exp(x))), likewise
 *   sigmoid: 1 / (1 + exp(-x)); exp(x) / (1 + exp(x)); tanh(x / 2) / 2 + 1/2
 *   logarithm of a sigmoid: -softplus(-x)
 *   hard sigmoid: a line through 1/2, cut at 0 and 1
 * </pre>
 */
final class WrittenOut {
  private static final Set<Op> SUMS = Set.of(Op.REDUCE_SUM, Op.REDUCE_L1);
  private static final Set<Op> LAYING = Set.of(Op.EXPAND, Op.UNSQUEEZE, Op.RESHAPE);

  private final GraphBuilder b;

  WrittenOut(GraphBuilder builder) {
    b = builder;
  }

  /** A quotient; its numerator is null where it is 1. */
  private record Quotient(@Nullable Value numerator, Value denominator) {}

  /**
   * What enters a softmax.
   *
   * @param logits it
   * @param axes the axes that are normalized
   */
  record Softmax(Value logits, List<Integer> axes) {}

  /** What enters a softmax; null where the value is none. */
  @Nullable Softmax softmax(Value value) {
    Quotient quotient = quotient(value);
    Value top = quotient == null ? null : quotient.numerator();
    if (quotient == null || top == null) {
      return null;
    }
    Value powers = Scalars.plain(b, top);
    Node sum = sum(quotient.denominator());
    if (is(powers, Op.EXP) == null
        || sum == null
        || !Scalars.plain(b, sum.input(0)).equals(powers)) {
      return null;
    }
    int[] axes = axes(sum);
    boolean aligned = axes.length > 0 && isOneAlong(quotient.denominator(), powers.shape(), axes);
    return aligned ? new Softmax(lessRows(input(powers), axes), listed(axes)) : null;
  }

  /** What enters a logarithm of a softmax; null where the value is none. */
  @Nullable Softmax logSoftmax(Value value) {
    Node node = b.producerOf(value);
    if (node == null || (node.op() != Op.SUB && node.op() != Op.ADD)) {
      return null;
    }
    for (int i = 0; i < (node.op() == Op.SUB ? 1 : 2); i++) {
      Value log = node.input(1 - i);
      Value positive = node.op() == Op.SUB ? log : Scalars.minus(b, log);
      Node sum = logSum(positive);
      if (sum == null || (node.op() == Op.ADD && is(log, Op.NEG) == null)) {
        continue;
      }
      int[] axes = axes(sum);
      Value summed = sum.op() == Op.REDUCE_LOG_SUM_EXP ? sum.input(0) : powersIn(sum);
      if (axes.length == 0 || summed == null) {
        continue;
      }
      Value x = lessRows(node.input(i), axes);
      if (x.equals(lessRows(summed, axes)) && isOneAlong(log, x.shape(), axes)) {
        return new Softmax(x, listed(axes));
      }
    }
    return null;
  }

  /** What enters a sigmoid; null where the value is none. */
  @Nullable Value sigmoid(Value value) {
    Quotient quotient = quotient(value);
    Value logits = quotient == null ? null : sigmoid(quotient);
    return logits == null ? tangent(value) : logits;
  }

  private @Nullable Value sigmoid(Quotient quotient) {
    Affine sum = Scalars.affine(b, quotient.denominator());
    Node power = is(sum.base(), Op.EXP);
    if (power == null || sum.factor() != 1 || sum.offset() != 1) {
      return null;
    }
    Value top = quotient.numerator();
    if (top == null) {
      return Scalars.minus(b, power.input(0));
    }
    return Scalars.plain(b, top).equals(power.output()) ? power.input(0) : null;
  }

  /** What enters the sigmoid that tanh(x / 2) / 2 + 1/2 is. */
  private @Nullable Value tangent(Value value) {
    Affine half = Scalars.affine(b, value);
    Node tanh = is(half.base(), Op.TANH);
    if (tanh == null || Math.abs(half.factor()) != 0.5 || half.offset() != 0.5) {
      return null;
    }
    Value twice = Scalars.times(b, tanh.input(0), 2);
    return half.factor() > 0 ? twice : Scalars.minus(b, twice);
  }

  /** What enters a logarithm of a sigmoid; null where the value is none. */
  @Nullable Value logSigmoid(Value value) {
    Affine negated = Scalars.affine(b, value);
    if (negated.factor() != -1 || negated.offset() != 0) {
      return null;
    }
    Node softplus = is(negated.base(), Op.SOFTPLUS);
    if (softplus != null) {
      return Scalars.minus(b, softplus.input(0));
    }
    Node log = is(negated.base(), Op.LOG);
    Affine sum = log == null ? null : Scalars.affine(b, log.input(0));
    Node power = sum == null ? null : is(sum.base(), Op.EXP);
    return power != null && sum != null && sum.factor() == 1 && sum.offset() == 1
        ? Scalars.minus(b, power.input(0))
        : null;
  }

  /** What enters a line through 1/2 that is cut at 0 and 1; null where the value is none. */
  @Nullable Value hardSigmoid(Value value) {
    Affine outer = Scalars.affine(b, value);
    Cut cut = cut(outer.base());
    if (cut == null) {
      return null;
    }
    Affine inner = Scalars.affine(b, cut.value());
    double slope = outer.factor() * inner.factor();
    double atZero = outer.factor() * inner.offset() + outer.offset();
    boolean unit =
        Math.abs(outer.factor() * cut.low() + outer.offset()) < 1e-6
            && Math.abs(outer.factor() * cut.high() + outer.offset() - 1) < 1e-6;
    return unit && slope > 0 && Math.abs(atZero - 0.5) < 1e-6 ? inner.base() : null;
  }

  /** A value that is cut at two numbers. */
  record Cut(Value value, double low, double high) {}

  /** The cuts at the end of a value, by Clip, Min, Max or Relu; null where there is none. */
  @Nullable Cut cut(Value value) {
    double low = Double.NEGATIVE_INFINITY;
    double high = Double.POSITIVE_INFINITY;
    Value current = Scalars.plain(b, value);
    boolean isCut = false;
    while (true) {
      Cut one = oneCut(current);
      if (one == null) {
        break;
      }
      isCut = true;
      low = Math.max(low, one.low());
      high = Math.min(high, one.high());
      current = Scalars.plain(b, one.value());
    }
    return isCut ? new Cut(current, low, high) : null;
  }

  /** {@return the last clip of a value; null if there is none} */
  @Nullable Cut oneCut(Value value) {
    Node node = b.producerOf(value);
    if (node == null) {
      return null;
    }
    double none = Double.POSITIVE_INFINITY;
    return switch (node.op()) {
      case RELU -> new Cut(node.input(0), 0, none);
      case CLIP -> {
        OptionalDouble from = optional(node, 1, -none);
        OptionalDouble to = optional(node, 2, none);
        yield from.isPresent() && to.isPresent()
            ? new Cut(node.input(0), from.getAsDouble(), to.getAsDouble())
            : null;
      }
      case MIN, MAX -> node.inputs().size() == 2 ? extremum(node) : null;
      default -> null;
    };
  }

  /** The smaller or larger of a value and a number. */
  private @Nullable Cut extremum(Node node) {
    for (int i = 0; i < 2; i++) {
      OptionalDouble bound = Scalars.number(b, node.input(i));
      Value other = node.input(1 - i);
      if (bound.isPresent() && other.shape().equals(node.output().shape())) {
        return node.op() == Op.MIN
            ? new Cut(other, Double.NEGATIVE_INFINITY, bound.getAsDouble())
            : new Cut(other, bound.getAsDouble(), Double.POSITIVE_INFINITY);
      }
    }
    return null;
  }

  private OptionalDouble optional(Node node, int index, double otherwise) {
    Value bound = node.inputs().size() > index ? node.inputs().get(index) : null;
    return bound == null ? OptionalDouble.of(otherwise) : Scalars.number(b, bound);
  }

  /**
   * A value without what is taken from all its elements along the axes alike, such as their
   * maximum: a softmax is the same without it, and the gradient of the highest unit is not zero.
   */
  Value lessRows(Value value, int... axes) {
    Node node = b.producerOf(value);
    if (node == null) {
      return value;
    }
    return switch (node.op()) {
      case IDENTITY, CLIP -> {
        Value inside = lessRows(node.input(0), axes);
        yield inside.equals(node.input(0)) ? value : inside;
      }
      case SUB -> isRow(node, 1, axes) ? lessRows(node.input(0), axes) : value;
      case ADD -> {
        int row = is(node.input(0), Op.NEG) != null && isRow(node, 0, axes) ? 0 : 1;
        boolean less = is(node.input(row), Op.NEG) != null && isRow(node, row, axes);
        yield less ? lessRows(node.input(1 - row), axes) : value;
      }
      case MUL, DIV -> {
        Affine scaled = Scalars.step(b, value);
        Value base = scaled == null ? value : lessRows(scaled.base(), axes);
        yield scaled == null || base.equals(scaled.base()) ? value : b.mul(base, scaled.factor());
      }
      default -> value;
    };
  }

  /** Whether one of two inputs is the same along the axes, and the other has the whole shape. */
  private boolean isRow(Node node, int index, int... axes) {
    Shape whole = node.output().shape();
    return isOneAlong(node.input(index), whole, axes)
        && node.input(1 - index).shape().equals(whole);
  }

  private @Nullable Quotient quotient(Value value) {
    Node node = b.producerOf(Scalars.plain(b, value));
    if (node == null) {
      return null;
    }
    if (node.op() == Op.MUL) {
      for (int i = 0; i < 2; i++) {
        Quotient inverse = inverse(node.input(i));
        if (inverse != null) {
          return new Quotient(node.input(1 - i), inverse.denominator());
        }
      }
      return null;
    }
    return node.op() == Op.DIV && !Scalars.is(b, node.input(0), 1)
        ? new Quotient(node.input(0), node.input(1))
        : inverse(value);
  }

  /** One divided by a value. */
  private @Nullable Quotient inverse(Value value) {
    Node node = b.producerOf(Scalars.plain(b, value));
    if (node == null) {
      return null;
    }
    boolean divides = node.op() == Op.DIV && Scalars.is(b, node.input(0), 1);
    boolean raises = node.op() == Op.POW && Scalars.is(b, node.input(1), -1);
    if (divides) {
      return new Quotient(null, node.input(1));
    }
    return raises || node.op() == Op.RECIPROCAL ? new Quotient(null, node.input(0)) : null;
  }

  /** The sum that a denominator is, but for a small number against zeros and its laying out. */
  private @Nullable Node sum(Value denominator) {
    Value current = denominator;
    while (true) {
      Node node = b.producerOf(current);
      if (node == null || SUMS.contains(node.op())) {
        return node;
      }
      Affine affine = Scalars.step(b, current);
      if (LAYING.contains(node.op()) || node.op() == Op.IDENTITY || node.op() == Op.CAST) {
        current = node.input(0);
      } else if (affine != null && affine.factor() == 1 && Math.abs(affine.offset()) <= 1e-3) {
        current = affine.base();
      } else {
        Cut cut = oneCut(current);
        if (cut == null || Math.abs(cut.low()) > 1e-3 || cut.high() < Double.POSITIVE_INFINITY) {
          return null;
        }
        current = cut.value();
      }
    }
  }

  /** The sum of powers whose logarithm a value is, plus what is the same along its axes. */
  private @Nullable Node logSum(Value value) {
    Node node = b.producerOf(Scalars.plain(b, value));
    if (node == null) {
      return null;
    }
    return switch (node.op()) {
      case REDUCE_LOG_SUM_EXP, REDUCE_LOG_SUM -> node;
      case EXPAND, UNSQUEEZE, RESHAPE -> logSum(node.input(0));
      case LOG -> sum(node.input(0));
      case ADD -> {
        Node left = logSum(node.input(0));
        yield left != null ? left : logSum(node.input(1));
      }
      default -> null;
    };
  }

  private @Nullable Value powersIn(Node sum) {
    Node power = is(Scalars.plain(b, sum.input(0)), Op.EXP);
    return power == null ? null : power.input(0);
  }

  private int[] axes(Node reduction) {
    Value given = reduction.inputs().size() > 1 ? reduction.inputs().get(1) : null;
    Constant constant = given == null ? null : b.constantOf(given);
    if (constant == null) {
      return new int[0];
    }
    int rank = reduction.input(0).rank();
    return Arrays.stream(constant.tensor().toLongArray())
        .mapToInt(axis -> (int) (axis < 0 ? axis + rank : axis))
        .toArray();
  }

  private static List<Integer> listed(int... axes) {
    return Arrays.stream(axes).boxed().toList();
  }

  /** Whether a value that broadcasts to a shape is the same along all of some axes. */
  private boolean isOneAlong(Value value, Shape shape, int... axes) {
    Value laid = value;
    Node node = b.producerOf(laid);
    while (node != null && (node.op() == Op.EXPAND || node.op() == Op.IDENTITY)) {
      laid = node.input(0);
      node = b.producerOf(laid);
    }
    Shape own = laid.shape();
    int lacking = shape.rank() - own.rank();
    return lacking >= 0
        && Arrays.stream(axes).allMatch(axis -> axis < lacking || own.size(axis - lacking) == 1)
        && IntStream.range(lacking, shape.rank())
            .allMatch(
                axis ->
                    own.size(axis - lacking) == 1 || own.size(axis - lacking) == shape.size(axis));
  }

  private Value input(Value value) {
    Node node = b.producerOf(value);
    return node == null ? value : node.input(0);
  }

  private @Nullable Node is(Value value, Op op) {
    Node node = b.producerOf(Scalars.plain(b, value));
    return node != null && node.op() == op ? node : null;
  }
}
