package dev.keralens.element;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The functions that work on each element by itself, a row each: the slope at the input of the
 * forward pass, and the form in double precision. What they give has the shape of their input.
 *
 * <p>At a kink the slope is that which TensorFlow takes: zero at the corners of ReLU and Clip.
 *
 * <p>{@code KERNEL} says that the engine computes the operator in double itself.
 *
 * <p>To add one, add a row here; {@code Op}'s switches say the rest.
 */
public final class Elementwise {
  private static final @Nullable Function<Doubles, Value> KERNEL = null;

  private record Row(
      Op op, Function<Slopes, Value> slope, @Nullable Function<Doubles, Value> inDouble) {}

  private static final Map<Op, Row> ROWS =
      table(
          row(Op.ABS, s -> s.b.node(Op.SIGN, s.x), KERNEL),
          row(
              Op.ACOS,
              s -> s.b.neg(s.inverse(s.root(s.minus(1, s.square(s.x))))),
              d -> d.b.sub(d.scalar(Math.PI / 2), d.asin())),
          row(
              Op.ACOSH,
              s -> s.inverse(s.root(s.plus(s.square(s.x), -1))),
              d -> d.log(d.b.add(d.x, d.root(d.plus(d.b.mul(d.x, d.x), -1))))),
          row(Op.ASIN, s -> s.inverse(s.root(s.minus(1, s.square(s.x)))), Doubles::asin),
          row(
              Op.ASINH,
              s -> s.inverse(s.root(s.plus(s.square(s.x), 1))),
              d -> d.oddOf(d.log(d.b.add(d.b.abs(d.x), d.root(d.plus(d.b.mul(d.x, d.x), 1)))))),
          row(Op.ATAN, s -> s.inverse(s.plus(s.square(s.x), 1)), d -> d.atan(d.x)),
          row(
              Op.ATANH,
              s -> s.inverse(s.minus(1, s.square(s.x))),
              d -> d.b.mul(d.log(d.b.div(d.plus(d.x, 1), d.b.sub(d.scalar(1), d.x))), 0.5)),
          row(
              Op.CELU,
              s -> s.plus(s.b.mul(s.b.min(s.y, s.number(0)), 1.0 / s.attribute("alpha", 1)), 1),
              d ->
                  d.b.add(
                      d.b.relu(d.x), d.exponential(d.number("alpha", 1), d.number("alpha", 1)))),
          row(Op.CLIP, Slopes::clip, KERNEL),
          row(
              Op.COS,
              s -> s.b.neg(s.b.node(Op.SIN, s.x)),
              d -> d.b.node(Op.SIN, d.plus(d.x, Math.PI / 2))),
          row(
              Op.COSH,
              s -> s.b.node(Op.SINH, s.x),
              d -> d.b.mul(d.b.add(d.exp(d.x), d.exp(d.b.neg(d.x))), 0.5)),
          row(
              Op.ELU,
              s -> s.whereNegative(s.plus(s.y, s.attribute("alpha", 1)), 1),
              d -> d.b.add(d.b.relu(d.x), d.exponential(d.number("alpha", 1), 1))),
          row(
              Op.ERF,
              s -> s.b.mul(s.b.node(Op.EXP, s.b.neg(s.square(s.x))), 2 / Math.sqrt(Math.PI)),
              d -> d.erf(d.x)),
          row(Op.EXP, s -> s.y, KERNEL),
          row(Op.GELU, Slopes::gelu, Doubles::gelu),
          row(
              Op.HARD_SIGMOID,
              s -> s.b.mul(s.b.mul(s.above(s.y, 0), s.below(s.y, 1)), s.attribute("alpha", 0.2f)),
              d -> d.unit(d.plus(d.b.mul(d.x, d.number("alpha", 0.2)), d.number("beta", 0.5)))),
          row(
              Op.HARD_SWISH,
              Slopes::hardSwish,
              d -> d.b.mul(d.x, d.unit(d.plus(d.b.mul(d.x, 1.0 / 6), 0.5)))),
          row(
              Op.LEAKY_RELU,
              s -> s.leaky(s.attribute("alpha", 0.01f)),
              d -> d.b.add(d.b.relu(d.x), d.b.mul(d.negative(), d.number("alpha", 0.01)))),
          row(Op.LOG, s -> s.inverse(s.x), KERNEL),
          row(Op.MISH, Slopes::mish, d -> d.b.mul(d.x, d.b.node(Op.TANH, d.softplus()))),
          row(Op.RECIPROCAL, s -> s.b.neg(s.square(s.y)), KERNEL),
          row(Op.RELU, s -> s.above(s.y, 0), KERNEL),
          row(Op.SELU, Slopes::selu, Doubles::selu),
          row(Op.SHRINK, s -> s.above(s.b.abs(s.x), s.attribute("lambd", 0.5f)), KERNEL),
          row(Op.SIGMOID, s -> s.b.mul(s.y, s.minus(1, s.y)), KERNEL),
          row(Op.SIN, s -> s.b.node(Op.COS, s.x), KERNEL),
          row(
              Op.SINH,
              s -> s.b.node(Op.COSH, s.x),
              d -> d.b.mul(d.b.sub(d.exp(d.x), d.exp(d.b.neg(d.x))), 0.5)),
          row(Op.SOFTPLUS, s -> s.b.node(Op.SIGMOID, s.x), Doubles::softplus),
          row(
              Op.SOFTSIGN,
              s -> s.inverse(s.square(s.plus(s.b.abs(s.x), 1))),
              d -> d.b.div(d.x, d.plus(d.b.abs(d.x), 1))),
          row(Op.SQRT, s -> s.b.mul(s.inverse(s.y), 0.5), KERNEL),
          row(
              Op.TAN,
              s -> s.plus(s.square(s.y), 1),
              d -> d.b.div(d.b.node(Op.SIN, d.x), d.b.node(Op.SIN, d.plus(d.x, Math.PI / 2)))),
          row(Op.TANH, s -> s.minus(1, s.square(s.y)), KERNEL),
          row(
              Op.THRESHOLDED_RELU,
              s -> s.above(s.x, s.attribute("alpha", 1)),
              d ->
                  d.b.where(
                      d.b.node(Op.GREATER, d.x, d.scalar(d.number("alpha", 1))),
                      d.x,
                      d.b.mul(d.x, d.scalar(0)))));

  private Elementwise() {}

  /**
   * {@return whether an operator is a function of each element by itself}
   *
   * @param op the operator
   */
  public static boolean has(Op op) {
    return ROWS.containsKey(op);
  }

  /**
   * {@return the slope at each element}
   *
   * @param b where it is added
   * @param node a node of such a function
   * @param x its input
   * @param y what it gives
   */
  public static Value slope(GraphBuilder b, Node node, Value x, Value y) {
    return row(node).slope().apply(new Slopes(b, node, x, y));
  }

  /**
   * {@return the function in operators that the engine computes in double; null where it computes
   * the function itself}
   *
   * @param b where it is added
   * @param node a node of such a function
   * @param x what stands for its input
   */
  public static @Nullable Value inDouble(GraphBuilder b, Node node, Value x) {
    Function<Doubles, Value> form = row(node).inDouble();
    return form == null ? null : form.apply(new Doubles(b, node, x));
  }

  private static Row row(Node node) {
    return Objects.requireNonNull(ROWS.get(node.op()), () -> "no row for " + node.op());
  }

  private static Row row(
      Op op, Function<Slopes, Value> slope, @Nullable Function<Doubles, Value> inDouble) {
    return new Row(op, slope, inDouble);
  }

  private static Map<Op, Row> table(Row... rows) {
    Map<Op, Row> table = new EnumMap<>(Op.class);
    for (Row row : rows) {
      table.put(row.op(), row);
    }
    return table;
  }
}
