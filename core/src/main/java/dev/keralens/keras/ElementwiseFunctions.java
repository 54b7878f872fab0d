package dev.keralens.keras;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;

/** Functions that compute each element of the result from the elements at its place. */
final class ElementwiseFunctions {
  private ElementwiseFunctions() {}

  /** A function of one value, in floats. */
  @FunctionalInterface
  interface Unary {
    Value apply(GraphBuilder graph, Value x);
  }

  /** A function of two values that broadcast. */
  @FunctionalInterface
  interface Binary {
    Value apply(GraphBuilder graph, Value a, Value b);
  }

  static FunctionBuilder unary(Unary function) {
    return operands -> {
      KerasTensor x = operands.x();
      return List.of(Operands.like(x, function.apply(operands.graph(), operands.floating(x))));
    };
  }

  static FunctionBuilder unary(Op op) {
    return unary((graph, x) -> graph.node(op, x));
  }

  /** A function of one value of any type. */
  static FunctionBuilder typed(Unary function) {
    return operands -> {
      KerasTensor x = operands.x();
      return List.of(Operands.like(x, function.apply(operands.graph(), x.value())));
    };
  }

  static FunctionBuilder binary(Binary function) {
    return operands -> {
      Broadcasting both = both(operands);
      Value result = function.apply(operands.graph(), both.values().get(0), both.values().get(1));
      return List.of(new KerasTensor(result, both.layout()));
    };
  }

  static FunctionBuilder binary(Op op) {
    return binary((graph, a, b) -> graph.node(op, a, b));
  }

  /** A function of two values in floats, such as a quotient. */
  static FunctionBuilder floating(Binary function) {
    return binary(
        (graph, a, b) ->
            function.apply(
                graph, graph.cast(a, ElementType.FLOAT32), graph.cast(b, ElementType.FLOAT32)));
  }

  /** A function of two truth values; numbers are true where they are not 0. */
  static FunctionBuilder logical(Op op) {
    return binary(
        (graph, a, b) ->
            graph.node(op, graph.cast(a, ElementType.BOOL), graph.cast(b, ElementType.BOOL)));
  }

  private static Broadcasting both(Operands operands) {
    KerasTensor a = operands.tensor(0, "x1", "x", "a", "input");
    KerasTensor b = operands.tensor(1, "x2", "y", "b", "other");
    return Broadcasting.of(operands.layer(), List.of(a, b));
  }

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

  /** A function of two values that takes the other one where one is no number. */
  static Binary ignoringNan(Binary function) {
    return (graph, a, b) -> {
      Value left = graph.where(graph.node(Op.IS_NAN, a), b, a);
      Value right = graph.where(graph.node(Op.IS_NAN, b), a, b);
      return function.apply(graph, left, right);
    };
  }

  /** Infinite, and of the sign of a number. */
  static Unary isInfinite(int sign) {
    return (graph, x) ->
        graph.node(
            Op.AND,
            graph.node(Op.IS_INF, x),
            graph.node(Op.GREATER, graph.mul(x, sign), graph.scalar(0)));
  }

  /** How many of the boundaries, in ascending order, are at most x. */
  static List<KerasTensor> digitize(Operands operands) {
    GraphBuilder graph = operands.graph();
    KerasTensor x = operands.x();
    Tensor bins = operands.literal(1, "bins");
    if (bins == null) {
      throw operands.layer().unsupported("bins must be numbers, not a tensor.");
    }
    Value reached =
        graph.node(
            Op.GREATER_OR_EQUAL,
            graph.unsqueeze(operands.floating(x), x.value().rank()),
            graph.constant(bins));
    return List.of(
        Operands.like(
            x, graph.reduceSum(graph.cast(reached, ElementType.INT64), false, x.value().rank())));
  }

  private static Value asFloat(GraphBuilder graph, Value x) {
    return graph.cast(x, ElementType.FLOAT32);
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
  static Value arctan2(GraphBuilder graph, Value y, Value x) {
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

  /** TensorFlow calls the two values y and x, in this order. */
  static List<KerasTensor> tensorFlowArctan2(Operands operands) {
    List<KerasTensor> values = List.of(operands.tensor(0, "y"), operands.tensor(1, "x"));
    Broadcasting both = Broadcasting.of(operands.layer(), values);
    GraphBuilder graph = operands.graph();
    Value angle =
        arctan2(graph, asFloat(graph, both.values().get(0)), asFloat(graph, both.values().get(1)));
    return List.of(new KerasTensor(angle, both.layout()));
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

  /** {@code decimals} digits after the point, halves to the even digit. */
  static List<KerasTensor> round(Operands operands) {
    KerasTensor x = operands.x();
    int decimals = operands.integer(0, 1, "decimals");
    double scale = Math.pow(10, decimals);
    GraphBuilder graph = operands.graph();
    Value rounded = graph.node(Op.ROUND, graph.mul(operands.floating(x), scale));
    return List.of(Operands.like(x, graph.mul(rounded, 1 / scale)));
  }

  static List<KerasTensor> clip(Operands operands) {
    KerasTensor x = operands.tensor(0, "x", "t", "inputs");
    double low =
        operands.number(Float.NEGATIVE_INFINITY, 1, "x_min", "clip_value_min", "min_value");
    double high =
        operands.number(Float.POSITIVE_INFINITY, 2, "x_max", "clip_value_max", "max_value");
    return List.of(
        Operands.like(x, Activations.clip(operands.graph(), operands.floating(x), low, high)));
  }

  /** Elements of the second where the first is true, else of the third. */
  static List<KerasTensor> where(Operands operands) {
    KerasTensor condition = operands.tensor(0, "condition");
    KerasTensor yes = operands.tensor(1, "x1", "x");
    KerasTensor no = operands.tensor(2, "x2", "y");
    Broadcasting all = Broadcasting.aligned(operands.layer(), List.of(condition, yes, no));
    GraphBuilder graph = operands.graph();
    Value a = all.values().get(1);
    Value b = all.values().get(2);
    if (a.type() != b.type()) {
      a = graph.cast(a, ElementType.FLOAT32);
      b = graph.cast(b, ElementType.FLOAT32);
    }
    Value truth = graph.cast(all.values().get(0), ElementType.BOOL);
    return List.of(new KerasTensor(graph.where(truth, a, b), all.layout()));
  }

  static List<KerasTensor> cast(Operands operands) {
    KerasTensor x = operands.tensor(0, "x", "inputs");
    String name = operands.text("float32", 1, "dtype");
    return List.of(Operands.like(x, operands.graph().cast(x.value(), type(operands, name))));
  }

  /** Floats of any width are float32 here. */
  private static ElementType type(Operands operands, String name) {
    if (name.contains("float")) {
      return ElementType.FLOAT32;
    }
    return switch (name) {
      case "bool" -> ElementType.BOOL;
      case "uint8" -> ElementType.UINT8;
      case "int8" -> ElementType.INT8;
      case "int16", "uint16", "int32" -> ElementType.INT32;
      case "uint32", "int64" -> ElementType.INT64;
      default -> throw operands.layer().unsupported("dtype='%s' is not known.".formatted(name));
    };
  }

  /** Not-a-number becomes 0, infinities the largest numbers, unless told otherwise. */
  static List<KerasTensor> nanToNum(Operands operands) {
    KerasTensor x = operands.x();
    GraphBuilder graph = operands.graph();
    Value value = operands.floating(x);
    float nan = (float) operands.number(0, 1, "nan");
    double largest = operands.number(Float.MAX_VALUE, 2, "posinf");
    double smallest = operands.number(-Float.MAX_VALUE, 3, "neginf");
    Value finite = graph.where(graph.node(Op.IS_NAN, value), graph.scalar(nan), value);
    return List.of(Operands.like(x, Activations.clip(graph, finite, smallest, largest)));
  }

  static Value isFinite(GraphBuilder graph, Value x) {
    return graph.node(
        Op.NOT, graph.node(Op.OR, graph.node(Op.IS_NAN, x), graph.node(Op.IS_INF, x)));
  }

  static FunctionBuilder not() {
    return operands -> {
      KerasTensor x = operands.x();
      Value truth = operands.graph().cast(x.value(), ElementType.BOOL);
      return List.of(Operands.like(x, operands.graph().node(Op.NOT, truth)));
    };
  }

  static Value notEqual(GraphBuilder graph, Value a, Value b) {
    return graph.node(Op.NOT, graph.node(Op.EQUAL, a, b));
  }

  /** The value itself, through which no gradient flows. */
  static List<KerasTensor> stopGradient(Operands operands) {
    KerasTensor x = operands.tensor(0, "variable", "x", "input");
    Attributes stop = Attributes.of("stop_gradient", 1);
    return List.of(Operands.like(x, operands.graph().node(Op.IDENTITY, stop, x.value())));
  }

  static List<KerasTensor> identity(Operands operands) {
    return List.of(operands.x());
  }

  /** A tensor of one number, in the shape of another. */
  static FunctionBuilder filled(double number) {
    return operands -> List.of(filled(operands, number));
  }

  static List<KerasTensor> fullLike(Operands operands) {
    return List.of(filled(operands, operands.number(0, 1, "fill_value")));
  }

  private static KerasTensor filled(Operands operands, double number) {
    KerasTensor x = operands.tensor(0, "x", "input", "tensor");
    GraphBuilder graph = operands.graph();
    Value same = graph.node(Op.EQUAL, x.value(), x.value());
    Value ones = graph.cast(graph.node(Op.OR, same, graph.node(Op.NOT, same)), ElementType.FLOAT32);
    return Operands.like(x, graph.mul(ones, number));
  }

  /** The sum of a list of tensors. */
  static List<KerasTensor> sumOfList(Operands operands) {
    Broadcasting all = Broadcasting.of(operands.layer(), operands.tensors(0, "inputs", "x"));
    Value sum = all.values().stream().reduce((a, b) -> operands.graph().add(a, b)).orElseThrow();
    return List.of(new KerasTensor(sum, all.layout()));
  }

  /** An axis for one-hot vectors of floats, at the end unless told otherwise. */
  static List<KerasTensor> oneHot(Operands operands) {
    GraphBuilder graph = operands.graph();
    Value index =
        graph.cast(operands.plain(operands.tensor(0, "x", "indices", "inputs")), ElementType.INT64);
    int depth = operands.integer(1, "num_classes", "depth");
    int axis = operands.integer(-1, Operands.NAMED, "axis");
    float off = (float) operands.number(0, Operands.NAMED, "off_value");
    float on = (float) operands.number(1, Operands.NAMED, "on_value");
    Value vectors =
        graph.node(
            Op.ONE_HOT,
            Attributes.of("axis", axis),
            index,
            graph.constant(Tensor.of(new long[] {depth})),
            graph.constant(Tensor.of(new float[] {off, on}, 2)));
    return List.of(KerasTensor.plain(vectors));
  }

  /** The sum, as truth values, of the one-hot vectors along the axis before the last. */
  static List<KerasTensor> multiHot(Operands operands) {
    Value hot = oneHot(operands).get(0).value();
    Value any =
        hot.rank() < 3 ? hot : operands.graph().reduce(Op.REDUCE_MAX, hot, false, hot.rank() - 2);
    return List.of(KerasTensor.plain(any));
  }
}
