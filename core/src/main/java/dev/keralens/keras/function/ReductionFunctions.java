package dev.keralens.keras.function;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Activations;
import dev.keralens.keras.call.Axes;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Functions along axes: sums, extrema, orders. */
final class ReductionFunctions {
  private static final String[] AXES = {"axis", "axes"};

  private ReductionFunctions() {}

  /** A reduction: of a value, with or without the reduced axes, over axes of the graph. */
  @FunctionalInterface
  interface Reduction {
    Value apply(GraphBuilder graph, Value x, boolean keepDims, int... axes);
  }

  static FunctionBuilder reduce(Op op) {
    return reduce((graph, x, keep, axes) -> graph.reduce(op, x, keep, axes));
  }

  static FunctionBuilder reduce(Reduction reduction) {
    return operands -> {
      KerasTensor x = operands.tensor(0, "x", "input_tensor", "inputs", "tensor");
      boolean keep = operands.flag(false, 2, "keepdims", "keep_dims");
      int[] axes = operands.axes(x.value().rank(), 1, AXES);
      return List.of(apply(operands, x, operands.floating(x), axes, keep, reduction));
    };
  }

  /** Reduces a value that lies like a tensor, along axes as Keras counts them. */
  private static KerasTensor apply(
      Operands operands,
      KerasTensor x,
      Value value,
      int[] axes,
      boolean keep,
      Reduction reduction) {
    int rank = value.rank();
    int[] inGraph = Arrays.stream(axes).map(axis -> Axes.inGraph(axis, rank, x.layout())).toArray();
    Value result = reduction.apply(operands.graph(), value, keep, inGraph);
    boolean channelsLeft = Arrays.stream(inGraph).noneMatch(axis -> axis == 1);
    boolean moved = keep || (channelsLeft && result.rank() > 2);
    Layout layout = moved && x.layout().isChannelsFirst() ? x.layout() : Layout.PLAIN;
    return new KerasTensor(result, layout);
  }

  static Value variance(GraphBuilder graph, Value x, boolean keep, int... axes) {
    Value centred = graph.sub(x, graph.reduceMean(x, true, axes));
    return graph.reduceMean(graph.mul(centred, centred), keep, axes);
  }

  static Value deviation(GraphBuilder graph, Value x, boolean keep, int... axes) {
    return graph.node(Op.SQRT, variance(graph, x, keep, axes));
  }

  static Value range(GraphBuilder graph, Value x, boolean keep, int... axes) {
    return graph.sub(
        graph.reduce(Op.REDUCE_MAX, x, keep, axes), graph.reduce(Op.REDUCE_MIN, x, keep, axes));
  }

  /** The largest value plus the logarithm of the sum of exp(x - largest). */
  static Value logSumExp(GraphBuilder graph, Value x, boolean keep, int... axes) {
    Value largest = graph.reduce(Op.REDUCE_MAX, x, true, axes);
    Value sum = graph.reduceSum(graph.node(Op.EXP, graph.sub(x, largest)), true, axes);
    Value result = graph.add(graph.node(Op.LOG, sum), largest);
    return keep ? result : graph.squeeze(result, axes);
  }

  /** A reduction without the elements that are no numbers, in whose place it has another one. */
  static Reduction withoutNan(Op op, float otherwise) {
    return (graph, x, keep, axes) ->
        graph.reduce(
            op, graph.where(graph.node(Op.IS_NAN, x), graph.scalar(otherwise), x), keep, axes);
  }

  static Value meanWithoutNan(GraphBuilder graph, Value x, boolean keep, int... axes) {
    Value counts = graph.cast(graph.node(Op.NOT, graph.node(Op.IS_NAN, x)), ElementType.FLOAT32);
    Value sum = withoutNan(Op.REDUCE_SUM, 0).apply(graph, x, keep, axes);
    return graph.div(sum, graph.reduceSum(counts, keep, axes));
  }

  static Value countNonZero(GraphBuilder graph, Value x, boolean keep, int... axes) {
    Value zero = graph.node(Op.EQUAL, x, graph.scalar(0));
    Value flags = graph.cast(graph.node(Op.NOT, zero), ElementType.INT64);
    return graph.reduceSum(flags, keep, axes);
  }

  static Value any(GraphBuilder graph, Value x, boolean keep, int... axes) {
    Value zero = graph.node(Op.EQUAL, x, graph.scalar(0));
    Value flags = graph.cast(graph.node(Op.NOT, zero), ElementType.FLOAT32);
    return graph.cast(graph.reduce(Op.REDUCE_MAX, flags, keep, axes), ElementType.BOOL);
  }

  static Value all(GraphBuilder graph, Value x, boolean keep, int... axes) {
    Value zero = graph.node(Op.EQUAL, x, graph.scalar(0));
    Value flags = graph.cast(graph.node(Op.NOT, zero), ElementType.FLOAT32);
    return graph.cast(graph.reduce(Op.REDUCE_MIN, flags, keep, axes), ElementType.BOOL);
  }

  /** The norm of the vectors along an axis: {@code ord} is 1, 2 or infinity. */
  static List<KerasTensor> norm(Operands operands) {
    KerasTensor x = operands.tensor(0, "x", "tensor");
    String name = operands.text("2", 1, "ord");
    double order =
        switch (name) {
          case "euclidean", "fro", "2" ->
              operands.has(1, "ord") && name.equals("2") ? operands.number(2, 1, "ord") : 2;
          case "inf" -> Double.POSITIVE_INFINITY;
          default ->
              throw operands.layer().unsupported("ord='%s' is not supported.".formatted(name));
        };
    Op op =
        order == 1
            ? Op.REDUCE_L1
            : order == 2 ? Op.REDUCE_L2 : Double.isInfinite(order) ? Op.REDUCE_MAX : null;
    if (op == null) {
      throw operands.layer().unsupported("ord=%s is not supported.".formatted(order));
    }
    boolean keep = operands.flag(false, 3, "keepdims");
    int[] axes = operands.axes(x.value().rank(), 2, AXES);
    Value value = operands.floating(x);
    Value argument = op == Op.REDUCE_MAX ? operands.graph().abs(value) : value;
    return List.of(
        apply(operands, x, argument, axes, keep, (graph, v, k, a) -> graph.reduce(op, v, k, a)));
  }

  /** x / max(norm, epsilon), of order 2 unless told otherwise. */
  static List<KerasTensor> normalize(Operands operands) {
    KerasTensor x = operands.tensor(0, "x");
    GraphBuilder graph = operands.graph();
    int rank = x.value().rank();
    int[] axes = operands.has(1, AXES) ? operands.integers(1, AXES) : new int[] {-1};
    int[] inGraph = Arrays.stream(axes).map(axis -> Axes.inGraph(axis, rank, x.layout())).toArray();
    int order = operands.integer(2, 2, "order");
    float epsilon = (float) operands.number(1e-7, 3, "epsilon");
    Value value = operands.floating(x);
    Value norm;
    if (order == 2) {
      Value square = graph.reduce(Op.REDUCE_SUM_SQUARE, value, true, inGraph);
      norm = graph.node(Op.SQRT, graph.max(square, graph.scalar(epsilon * epsilon)));
    } else {
      Value powers = graph.node(Op.POW, graph.abs(value), graph.scalar(order));
      Value sum = graph.reduceSum(powers, true, inGraph);
      Value root = order == 1 ? sum : graph.node(Op.POW, sum, graph.scalar(1f / order));
      norm = graph.max(root, graph.scalar(epsilon));
    }
    return List.of(Operands.like(x, graph.div(value, norm)));
  }

  /** TensorFlow's x / sqrt(max(sum of x^2, epsilon)). */
  static List<KerasTensor> l2Normalize(Operands operands) {
    KerasTensor x = operands.tensor(0, "x");
    GraphBuilder graph = operands.graph();
    int rank = x.value().rank();
    int[] inGraph =
        Arrays.stream(operands.axes(rank, 1, "axis", "dim"))
            .map(axis -> Axes.inGraph(axis, rank, x.layout()))
            .toArray();
    float epsilon = (float) operands.number(1e-12, 2, "epsilon");
    Value square = graph.reduce(Op.REDUCE_SUM_SQUARE, operands.floating(x), true, inGraph);
    Value norm = graph.node(Op.SQRT, graph.max(square, graph.scalar(epsilon)));
    return List.of(Operands.like(x, graph.div(operands.floating(x), norm)));
  }

  /** Mean and variance. */
  static List<KerasTensor> moments(Operands operands) {
    KerasTensor x = operands.tensor(0, "x");
    boolean keep = operands.flag(false, 2, "keepdims");
    int[] axes = operands.axes(x.value().rank(), 1, AXES);
    Value value = operands.floating(x);
    return List.of(
        apply(operands, x, value, axes, keep, GraphBuilder::reduceMean),
        apply(operands, x, value, axes, keep, ReductionFunctions::variance));
  }

  /** The mean, weighted where weights are given. */
  static List<KerasTensor> average(Operands operands) {
    if (operands.has(1, "weights")) {
      throw operands.layer().unsupported("weights are not supported.");
    }
    return reduce(Op.REDUCE_MEAN).build(operands);
  }

  static FunctionBuilder argument(Op op) {
    return operands -> {
      KerasTensor x = operands.tensor(0, "x", "input");
      boolean keep = operands.flag(false, 2, "keepdims");
      int axis = Axes.fromZero(operands.integer(0, 1, "axis"), x.value().rank());
      Attributes keepDims = Attributes.of("keepdims", keep ? 1 : 0);
      return List.of(
          apply(
              operands,
              x,
              operands.floating(x),
              new int[] {axis},
              keep,
              (graph, v, k, a) -> graph.node(op, keepDims.with("axis", a[0]), v)));
    };
  }

  static FunctionBuilder softmax(Op op) {
    return operands -> {
      KerasTensor x = operands.tensor(0, "x", "logits", "inputs");
      int axis = operands.integer(-1, 1, "axis");
      return List.of(Activations.alongAxis(operands.layer(), op, x, axis));
    };
  }

  static List<KerasTensor> sparsemax(Operands operands) {
    int axis = operands.integer(-1, 1, "axis");
    return List.of(Activations.sparsemax(operands.layer(), operands.x(), axis));
  }

  static List<KerasTensor> glu(Operands operands) {
    int axis = operands.integer(-1, 1, "axis");
    return List.of(Activations.glu(operands.layer(), operands.x(), axis));
  }

  static List<KerasTensor> cumulativeSum(Operands operands) {
    KerasTensor x = operands.x();
    GraphBuilder graph = operands.graph();
    int axis = inGraph(x, operands.integer(0, 1, "axis"));
    Attributes attributes =
        Attributes.of("exclusive", operands.flag(false, Operands.NAMED, "exclusive") ? 1 : 0)
            .with("reverse", operands.flag(false, Operands.NAMED, "reverse") ? 1 : 0);
    Value position = graph.constant(Tensor.of(new long[] {axis}));
    return List.of(Operands.like(x, graph.node(Op.CUM_SUM, attributes, x.value(), position)));
  }

  static List<KerasTensor> cumulativeProduct(Operands operands) {
    KerasTensor x = operands.x();
    GraphBuilder graph = operands.graph();
    int axis = inGraph(x, operands.integer(0, 1, "axis"));
    int size = x.value().shape().size(axis);
    List<Value> products = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      Value factor = graph.slice(x.value(), new int[] {axis}, new int[] {i}, new int[] {i + 1});
      products.add(i == 0 ? factor : graph.mul(products.get(i - 1), factor));
    }
    return List.of(Operands.like(x, graph.concat(axis, products)));
  }

  /** The k largest values, the largest first, and where they lie. */
  static List<KerasTensor> topK(Operands operands) {
    KerasTensor x = operands.tensor(0, "x", "input");
    int k = operands.integer(1, 1, "k");
    return sorted(operands, x, x.value().rank() - 1, k, true);
  }

  static List<KerasTensor> sort(Operands operands) {
    return List.of(sorted(operands).get(0));
  }

  static List<KerasTensor> argumentSort(Operands operands) {
    return List.of(sorted(operands).get(1));
  }

  private static List<KerasTensor> sorted(Operands operands) {
    KerasTensor x = operands.tensor(0, "x", "values");
    int axis = Axes.fromZero(operands.integer(-1, 1, "axis"), x.value().rank());
    boolean descending = operands.text("ASCENDING", 2, "direction").equals("DESCENDING");
    return sorted(operands, x, axis, x.shape().size(axis), descending);
  }

  /** Values in order and where they lay, along an axis as Keras counts it. */
  private static List<KerasTensor> sorted(
      Operands operands, KerasTensor x, int axis, int count, boolean largest) {
    GraphBuilder graph = operands.graph();
    Attributes attributes =
        Attributes.of("axis", inGraph(x, axis)).with("largest", largest ? 1 : 0);
    List<Value> results =
        graph.nodes(Op.TOP_K, attributes, 2, List.of(operands.floating(x), graph.ints(count)));
    return results.stream().map(value -> Operands.like(x, value)).toList();
  }

  static List<KerasTensor> median(Operands operands) {
    return List.of(quantile(operands, 0.5, operands.integer(-1, 1, "axis")));
  }

  static List<KerasTensor> quantile(Operands operands) {
    if (!operands.text("linear", 3, "method").equals("linear")) {
      throw operands.layer().unsupported("its method is not supported, only 'linear'.");
    }
    double share = operands.number(0.5, 1, "q");
    return List.of(quantile(operands, share, operands.integer(-1, 2, "axis")));
  }

  static List<KerasTensor> percentile(Operands operands) {
    if (!operands.text("linear", 3, "method").equals("linear")) {
      throw operands.layer().unsupported("its method is not supported, only 'linear'.");
    }
    double share = operands.number(50, 1, "q") / 100;
    return List.of(quantile(operands, share, operands.integer(-1, 2, "axis")));
  }

  /** Between the two values, in order, that lie about the place share * (size - 1). */
  private static KerasTensor quantile(Operands operands, double share, int axis) {
    KerasTensor x = operands.tensor(0, "x");
    int rank = x.value().rank();
    int shown = Axes.fromZero(axis, rank);
    int size = x.shape().size(shown);
    Value ordered = sorted(operands, x, shown, size, false).get(0).value();
    double place = share * (size - 1);
    int low = (int) Math.floor(place);
    int high = Math.min(size - 1, low + 1);
    boolean keep = operands.flag(false, Operands.NAMED, "keepdims");
    return apply(
        operands,
        x,
        ordered,
        new int[] {shown},
        keep,
        (graph, v, k, a) -> {
          Value lower = graph.slice(v, a, new int[] {low}, new int[] {low + 1});
          Value upper = graph.slice(v, a, new int[] {high}, new int[] {high + 1});
          Value between =
              graph.add(graph.mul(lower, 1 - (place - low)), graph.mul(upper, place - low));
          return k ? between : graph.squeeze(between, a);
        });
  }

  private static int inGraph(KerasTensor x, int axis) {
    return Axes.inGraph(axis, x.value().rank(), x.layout());
  }
}
