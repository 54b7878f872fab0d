package dev.keralens.grad;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;

/**
 * The derivative of every operator that works on each element by itself, at the input of the
 * forward pass. At a kink the slope is that which TensorFlow takes: zero at the corners of ReLU and
 * Clip.
 */
final class Slopes {
  private final GraphBuilder b;
  private final Backward n;
  private final Value x;
  private final Value y;

  private Slopes(Backward n) {
    this.b = n.builder();
    this.n = n;
    this.x = n.x();
    this.y = n.y();
  }

  static Value of(Backward n) {
    return new Slopes(n).slope();
  }

  private Value slope() {
    return switch (n.node().op()) {
      case ABS -> b.node(Op.SIGN, x);
      case ACOS -> b.neg(inverse(root(minus(1, square(x)))));
      case ACOSH -> inverse(root(plus(square(x), -1)));
      case ASIN -> inverse(root(minus(1, square(x))));
      case ASINH -> inverse(root(plus(square(x), 1)));
      case ATAN -> inverse(plus(square(x), 1));
      case ATANH -> inverse(minus(1, square(x)));
      case CELU -> plus(b.mul(b.min(y, number(0)), 1.0 / attribute("alpha", 1)), 1);
      case CLIP -> clip();
      case COS -> b.neg(b.node(Op.SIN, x));
      case COSH -> b.node(Op.SINH, x);
      case ELU -> whereNegative(plus(y, attribute("alpha", 1)), 1);
      case ERF -> b.mul(b.node(Op.EXP, b.neg(square(x))), 2 / Math.sqrt(Math.PI));
      case EXP -> y;
      case GELU -> gelu();
      case HARD_SIGMOID -> b.mul(b.mul(above(y, 0), below(y, 1)), attribute("alpha", 0.2f));
      case HARD_SWISH -> hardSwish();
      case LEAKY_RELU -> leaky(attribute("alpha", 0.01f));
      case LOG -> inverse(x);
      case MISH -> mish();
      case RECIPROCAL -> b.neg(square(y));
      case RELU -> above(y, 0);
      case SELU -> selu();
      case SHRINK -> above(b.abs(x), attribute("lambd", 0.5f));
      case SIGMOID -> b.mul(y, minus(1, y));
      case SIN -> b.node(Op.COS, x);
      case SINH -> b.node(Op.COSH, x);
      case SOFTPLUS -> b.node(Op.SIGMOID, x);
      case SOFTSIGN -> inverse(square(plus(b.abs(x), 1)));
      case SQRT -> b.mul(inverse(y), 0.5);
      case TAN -> plus(square(y), 1);
      case TANH -> minus(1, square(y));
      case THRESHOLDED_RELU -> above(x, attribute("alpha", 1));
      default -> throw new AssertionError(n.node().op());
    };
  }

  private float attribute(String name, float otherwise) {
    return n.attributes().getFloat(name, otherwise);
  }

  private Value number(double value) {
    return b.scalar(value, x.type());
  }

  private Value square(Value v) {
    return b.mul(v, v);
  }

  private Value root(Value v) {
    return b.node(Op.SQRT, v);
  }

  private Value inverse(Value v) {
    return b.node(Op.RECIPROCAL, v);
  }

  private Value plus(Value v, double c) {
    return b.add(v, number(c));
  }

  private Value minus(double c, Value v) {
    return b.sub(number(c), v);
  }

  private Value above(Value v, double bound) {
    return b.cast(b.node(Op.GREATER, v, number(bound)), x.type());
  }

  private Value below(Value v, double bound) {
    return b.cast(b.node(Op.LESS, v, number(bound)), x.type());
  }

  private Value whereNegative(Value slope, double otherwise) {
    return b.where(b.node(Op.GREATER, x, number(0)), number(otherwise), slope);
  }

  private Value leaky(double alpha) {
    return plus(b.mul(above(x, 0), 1 - alpha), alpha);
  }

  private Value selu() {
    float gamma = attribute("gamma", 1.050701f);
    Value left = plus(y, gamma * attribute("alpha", 1.6732632f));
    return b.where(b.node(Op.LESS, x, number(0)), left, number(gamma));
  }

  /**
   * Asked of the output, which lies between the bounds where the input does: so the engine can
   * compute the convolution before it and the clipping in one step.
   */
  private Value clip() {
    Value low = n.node().optionalInput(1);
    Value high = n.node().optionalInput(2);
    Value slope = null;
    if (low != null) {
      slope = b.node(Op.GREATER, y, low);
    }
    if (high != null) {
      Value under = b.node(Op.LESS, y, high);
      slope = slope == null ? under : b.node(Op.AND, slope, under);
    }
    return slope == null ? number(1) : b.cast(slope, x.type());
  }

  private Value gelu() {
    if (n.attributes().getString("approximate", "none").equals("tanh")) {
      double c = Math.sqrt(2 / Math.PI);
      Value cube = b.mul(square(x), x);
      Value tanh = b.node(Op.TANH, b.mul(b.add(x, b.mul(cube, 0.044715)), c));
      Value inner = b.mul(plus(b.mul(square(x), 3 * 0.044715), 1), c);
      Value bell = b.mul(b.mul(x, minus(1, square(tanh))), inner);
      return b.mul(b.add(plus(tanh, 1), bell), 0.5);
    }
    Value density = b.mul(b.node(Op.EXP, b.mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    Value area = b.mul(plus(b.node(Op.ERF, b.mul(x, Math.sqrt(0.5))), 1), 0.5);
    return b.add(area, b.mul(x, density));
  }

  private Value hardSwish() {
    Value inside = b.mul(b.mul(above(x, -3), below(x, 3)), plus(b.mul(x, 1.0 / 3), 0.5));
    return b.add(inside, b.cast(b.node(Op.GREATER_OR_EQUAL, x, number(3)), x.type()));
  }

  private Value mish() {
    Value tanh = b.node(Op.TANH, b.node(Op.SOFTPLUS, x));
    Value rest = b.mul(b.mul(x, b.node(Op.SIGMOID, x)), minus(1, square(tanh)));
    return b.add(tanh, rest);
  }
}
