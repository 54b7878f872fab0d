package dev.keralens.keras.function;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;

/** Functions of numbers that ONNX has no operator for, made of those that it has. */
public final class MathFunctions {
  private MathFunctions() {}

  static Value floorDivide(GraphBuilder graph, Value a, Value b) {
    Value floor = graph.node(Op.FLOOR, graph.div(asFloat(graph, a), asFloat(graph, b)));
    return graph.cast(floor, a.type());
  }

  /** The remainder with the sign of the divisor. */
  static Value mod(GraphBuilder graph, Value a, Value b) {
    return a.type().isFloating()
        ? graph.sub(a, graph.mul(b, graph.node(Op.FLOOR, graph.div(a, b))))
        : graph.node(Op.MOD, a, b);
  }

  /** The remainder with the sign of the dividend. */
  static Value fmod(GraphBuilder graph, Value a, Value b) {
    return graph.sub(a, graph.mul(b, trunc(graph, graph.div(a, b))));
  }

  /** 0 below 0, 1 above, and b at 0. */
  static Value heaviside(GraphBuilder graph, Value a, Value b) {
    Value zero = graph.scalar(0);
    Value below = graph.where(graph.node(Op.LESS, a, zero), zero, b);
    return graph.where(graph.node(Op.GREATER, a, zero), graph.scalar(1), below);
  }

  /** a / b, and 0 where b is 0. */
  static Value divideNoNan(GraphBuilder graph, Value a, Value b) {
    Value zero = graph.node(Op.EQUAL, b, graph.scalar(0));
    Value divisor = graph.where(zero, graph.scalar(1), b);
    return graph.where(zero, graph.scalar(0), graph.div(a, divisor));
  }

  /** The larger plus log(1 + exp(smaller - larger)), so that nothing overflows. */
  static Value logAddExp(GraphBuilder graph, Value a, Value b) {
    Value distance = graph.neg(graph.abs(graph.sub(a, b)));
    Value more = graph.node(Op.SOFTPLUS, distance);
    return graph.add(graph.max(a, b), more);
  }

  static Value logAddExp2(GraphBuilder graph, Value a, Value b) {
    double ln2 = Math.log(2);
    return graph.mul(logAddExp(graph, graph.mul(a, ln2), graph.mul(b, ln2)), 1 / ln2);
  }

  static Value hypot(GraphBuilder graph, Value a, Value b) {
    return graph.node(Op.SQRT, graph.add(graph.mul(a, a), graph.mul(b, b)));
  }

  static Value squaredDifference(GraphBuilder graph, Value a, Value b) {
    Value difference = graph.sub(a, b);
    return graph.mul(difference, difference);
  }

  /** The angle of the point (x, y): atan(y / x), moved by half a turn where x is negative. */
  public static Value arctan2(GraphBuilder graph, Value y, Value x) {
    Value zero = graph.scalar(0);
    Value flat = graph.node(Op.EQUAL, x, zero);
    Value quotient = graph.div(y, graph.where(flat, graph.scalar(1), x));
    Value angle = graph.node(Op.ATAN, quotient);
    Value sign = graph.where(graph.node(Op.LESS, y, zero), graph.scalar(-1), graph.scalar(1));
    Value moved = graph.add(angle, graph.mul(sign, Math.PI));
    Value turned = graph.where(graph.node(Op.LESS, x, zero), moved, angle);
    Value upright = graph.mul(graph.node(Op.SIGN, y), Math.PI / 2);
    return graph.where(flat, upright, turned);
  }

  /** sin(pi x) / (pi x), and 1 at 0. */
  static Value sinc(GraphBuilder graph, Value x) {
    Value zero = graph.node(Op.EQUAL, x, graph.scalar(0));
    Value angle = graph.mul(graph.where(zero, graph.scalar(1), x), Math.PI);
    return graph.where(zero, graph.scalar(1), graph.div(graph.node(Op.SIN, angle), angle));
  }

  static Value trunc(GraphBuilder graph, Value x) {
    return graph.mul(graph.node(Op.SIGN, x), graph.node(Op.FLOOR, graph.abs(x)));
  }

  /** exp(x) - 1, without the loss of digits near 0: 2 sinh(x / 2) exp(x / 2). */
  static Value expm1(GraphBuilder graph, Value x) {
    Value half = graph.mul(x, 0.5);
    return graph.mul(graph.mul(graph.node(Op.SINH, half), graph.node(Op.EXP, half)), 2);
  }

  /** log(1 + x), without the loss of digits near 0: 2 atanh(x / (x + 2)). */
  static Value log1p(GraphBuilder graph, Value x) {
    Value ratio = graph.div(x, graph.add(x, graph.scalar(2)));
    return graph.mul(graph.node(Op.ATANH, ratio), 2);
  }

  /**
   * The inverse error function: an approximation by M. Giles, Approximating the erfinv function,
   * 2011, then one step of Newton's method.
   */
  static Value erfinv(GraphBuilder graph, Value x) {
    Value w = graph.neg(graph.node(Op.LOG, graph.sub(graph.scalar(1), graph.mul(x, x))));
    double[] centre = {
      2.81022636e-08,
      3.43273939e-07,
      -3.5233877e-06,
      -4.39150654e-06,
      0.00021858087,
      -0.00125372503,
      -0.00417768164,
      0.246640727,
      1.50140941
    };
    double[] tail = {
      -0.000200214257,
      0.000100950558,
      0.00134934322,
      -0.00367342844,
      0.00573950773,
      -0.0076224613,
      0.00943887047,
      1.00167406,
      2.83297682
    };
    Value near = polynomial(graph, centre, graph.sub(w, graph.scalar(2.5f)));
    Value far =
        polynomial(graph, tail, graph.sub(graph.node(Op.SQRT, graph.relu(w)), graph.scalar(3)));
    Value first = graph.mul(graph.where(graph.node(Op.LESS, w, graph.scalar(5)), near, far), x);
    Value error = graph.sub(graph.node(Op.ERF, first), x);
    Value slope =
        graph.mul(graph.node(Op.EXP, graph.neg(graph.mul(first, first))), 2 / Math.sqrt(Math.PI));
    return graph.sub(first, graph.div(error, slope));
  }

  private static Value polynomial(GraphBuilder graph, double[] coefficients, Value x) {
    Value sum = graph.scalar((float) coefficients[0]);
    for (int i = 1; i < coefficients.length; i++) {
      sum = graph.add(graph.mul(sum, x), graph.scalar((float) coefficients[i]));
    }
    return sum;
  }

  static Value isFinite(GraphBuilder graph, Value x) {
    return graph.node(
        Op.NOT, graph.node(Op.OR, graph.node(Op.IS_NAN, x), graph.node(Op.IS_INF, x)));
  }

  static Value notEqual(GraphBuilder graph, Value a, Value b) {
    return graph.node(Op.NOT, graph.node(Op.EQUAL, a, b));
  }

  private static Value asFloat(GraphBuilder graph, Value x) {
    return graph.cast(x, ElementType.FLOAT32);
  }
}
