package dev.keralens.keras.function;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Activations;
import dev.keralens.keras.call.Broadcasting;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;

/** Functions that compute each element of the result from the elements at its place. */
public final class ElementwiseFunctions {
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

  /** TensorFlow calls the two values y and x, in this order. */
  static List<KerasTensor> tensorFlowArctan2(Operands operands) {
    List<KerasTensor> values = List.of(operands.tensor(0, "y"), operands.tensor(1, "x"));
    Broadcasting both = Broadcasting.of(operands.layer(), values);
    GraphBuilder graph = operands.graph();
    Value angle =
        MathFunctions.arctan2(
            graph, asFloat(graph, both.values().get(0)), asFloat(graph, both.values().get(1)));
    return List.of(new KerasTensor(angle, both.layout()));
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

  static FunctionBuilder not() {
    return operands -> {
      KerasTensor x = operands.x();
      Value truth = operands.graph().cast(x.value(), ElementType.BOOL);
      return List.of(Operands.like(x, operands.graph().node(Op.NOT, truth)));
    };
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
