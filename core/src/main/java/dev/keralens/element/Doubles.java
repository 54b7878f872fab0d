package dev.keralens.element;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;

/** Functions of single elements, in operators that ONNX Runtime computes in double. */
final class Doubles {
  /*
   * erfc(x) = t exp(-x^2 + p(t)) for x >= 0, where t = 2 / (2 + x) and p is the Chebyshev series in
   * 2 t - 1 of log(erfcx(x) / t). The coefficients were computed with 40 digits by interpolation at
   * 64 nodes; what is left out is below 1e-18.
   */
  private static final double[] ERFC = {
    -0.6513268598908547,
    0.6419697923564902,
    0.019476473204185836,
    -0.009561514786808632,
    -0.0009465953444820369,
    0.00036683949785276145,
    4.252332480690777e-5,
    -2.0278578112534242e-5,
    -1.6242900046470256e-6,
    1.3036558355805232e-6,
    1.5626441722066142e-8,
    -8.523809591492654e-8,
    6.5290544390988515e-9,
    5.059343495551469e-9,
    -9.91364156493033e-10,
    -2.273651222931836e-10,
    9.646791102015527e-11,
    2.3940380830391146e-12,
    -6.886027526497553e-12,
    8.944879273090725e-13,
    3.130921399342958e-13,
    -1.1270822361367252e-13,
    3.810905255189232e-16,
    7.106097613609237e-15,
    -1.5230282014571043e-15,
    -9.457494571291233e-17,
    1.210237189224279e-16,
    -2.816663087747177e-17
  };

  /** The first term that is left out is below 1e-18 for the tangent of pi / 16. */
  private static final int ATAN_TERMS = 11;

  final GraphBuilder b;
  final Value x;
  private final Node node;

  Doubles(GraphBuilder b, Node node, Value x) {
    this.b = b;
    this.node = node;
    this.x = x;
  }

  /** An attribute; 0.001 is 0.001, not the nearest float. */
  double number(String name, double otherwise) {
    return node.attributes().has(name)
        ? Double.parseDouble(Float.toString(node.attributes().getFloat(name, (float) otherwise)))
        : otherwise;
  }

  /** A constant of rank 0. */
  Value scalar(double value) {
    return b.scalar(value, x.type());
  }

  Value plus(Value v, double number) {
    return b.add(v, scalar(number));
  }

  Value exp(Value v) {
    return b.node(Op.EXP, v);
  }

  Value log(Value v) {
    return b.node(Op.LOG, v);
  }

  Value root(Value v) {
    return b.node(Op.SQRT, v);
  }

  Value negative() {
    return b.min(x, scalar(0));
  }

  /** Within [0, 1]. */
  Value unit(Value v) {
    return b.node(Op.CLIP, v, scalar(0), scalar(1));
  }

  /** The sign of x times a value. */
  Value oddOf(Value v) {
    return b.mul(b.node(Op.SIGN, x), v);
  }

  /** factor (exp(x / scale) - 1) for x below zero, else 0. */
  Value exponential(double factor, double scale) {
    return b.mul(plus(exp(b.mul(negative(), 1 / scale)), -1), factor);
  }

  Value selu() {
    double gamma = number("gamma", 1.0507009873554805);
    double alpha = number("alpha", 1.6732632423543772);
    return b.mul(b.add(b.relu(x), exponential(alpha, 1)), gamma);
  }

  Value softplus() {
    return b.add(b.relu(x), log(plus(exp(b.neg(b.abs(x))), 1)));
  }

  Value asin() {
    Value cosine = root(b.sub(scalar(1), b.mul(x, x)));
    return b.mul(atan(b.div(x, plus(cosine, 1))), 2);
  }

  /** Half the angle three times, which is then at most pi / 16, then the power series. */
  Value atan(Value v) {
    Value half = halved(halved(halved(v)));
    Value square = b.mul(half, half);
    Value series = scalar(0);
    for (int i = ATAN_TERMS; i >= 0; i--) {
      series = plus(b.mul(series, square), (i % 2 == 0 ? 1.0 : -1.0) / (2 * i + 1));
    }
    return b.mul(b.mul(half, series), 8);
  }

  /** The tangent of half the angle. */
  Value halved(Value tangent) {
    return b.div(tangent, plus(root(plus(b.mul(tangent, tangent), 1)), 1));
  }

  Value gelu() {
    Value inner;
    if (node.attributes().getString("approximate", "none").equals("tanh")) {
      Value cube = b.mul(b.mul(x, x), x);
      inner = b.node(Op.TANH, b.mul(b.add(x, b.mul(cube, 0.044715)), Math.sqrt(2 / Math.PI)));
    } else {
      inner = erf(b.mul(x, Math.sqrt(0.5)));
    }
    return b.mul(b.mul(x, plus(inner, 1)), 0.5);
  }

  /** Off by about 1e-16. */
  Value erf(Value v) {
    Value size = b.abs(v);
    Value t = b.div(scalar(2), plus(size, 2));
    Value u = plus(b.mul(t, 4), -2);
    Value next = scalar(ERFC[ERFC.length - 1]);
    Value afterNext = scalar(0);
    for (int i = ERFC.length - 2; i > 0; i--) {
      Value sum = plus(b.sub(b.mul(u, next), afterNext), ERFC[i]);
      afterNext = next;
      next = sum;
    }
    Value series = plus(b.sub(b.mul(b.mul(u, 0.5), next), afterNext), ERFC[0]);
    Value erfc = b.mul(t, exp(b.sub(series, b.mul(size, size))));
    return b.mul(b.node(Op.SIGN, v), b.sub(scalar(1), erfc));
  }
}
