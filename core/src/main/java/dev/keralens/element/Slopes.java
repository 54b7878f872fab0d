package dev.keralens.element;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;

/** What slopes are made of. */
final class Slopes {
  final GraphBuilder b;
  final Value x;
  final Value y;
  private final Node node;

  Slopes(GraphBuilder b, Node node, Value x, Value y) {
    this.b = b;
    this.node = node;
    this.x = x;
    this.y = y;
  }

  float attribute(String name, float otherwise) {
    return node.attributes().getFloat(name, otherwise);
  }

  Value number(double value) {
    return b.scalar(value, x.type());
  }

  Value square(Value v) {
    return b.mul(v, v);
  }

  Value root(Value v) {
    return b.node(Op.SQRT, v);
  }

  Value inverse(Value v) {
    return b.node(Op.RECIPROCAL, v);
  }

  Value plus(Value v, double c) {
    return b.add(v, number(c));
  }

  Value minus(double c, Value v) {
    return b.sub(number(c), v);
  }

  Value above(Value v, double bound) {
    return b.cast(b.node(Op.GREATER, v, number(bound)), x.type());
  }

  Value below(Value v, double bound) {
    return b.cast(b.node(Op.LESS, v, number(bound)), x.type());
  }

  Value whereNegative(Value slope, double otherwise) {
    return b.where(b.node(Op.GREATER, x, number(0)), number(otherwise), slope);
  }

  Value leaky(double alpha) {
    return plus(b.mul(above(x, 0), 1 - alpha), alpha);
  }

  Value selu() {
    float gamma = attribute("gamma", 1.050701f);
    Value left = plus(y, gamma * attribute("alpha", 1.6732632f));
    return b.where(b.node(Op.LESS, x, number(0)), left, number(gamma));
  }

  /**
   * Asked of the output, which lies between the bounds where the input does: so the engine can
   * compute the convolution before it and the clipping in one step.
   */
  Value clip() {
    Value low = node.optionalInput(1);
    Value high = node.optionalInput(2);
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

  Value gelu() {
    if (node.attributes().getString("approximate", "none").equals("tanh")) {
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

  Value hardSwish() {
    Value inside = b.mul(b.mul(above(x, -3), below(x, 3)), plus(b.mul(x, 1.0 / 3), 0.5));
    return b.add(inside, b.cast(b.node(Op.GREATER_OR_EQUAL, x, number(3)), x.type()));
  }

  Value mish() {
    Value tanh = b.node(Op.TANH, b.node(Op.SOFTPLUS, x));
    Value rest = b.mul(b.mul(x, b.node(Op.SIGMOID, x)), minus(1, square(tanh)));
    return b.add(tanh, rest);
  }
}
