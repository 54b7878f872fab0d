package dev.keralens.keras.layer;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Axes;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;

/** Layers that make one tensor of several. */
final class MergingLayers {
  private MergingLayers() {}

  static KerasTensor add(LayerCall layer) {
    return fold(layer, (a, b) -> layer.graph().add(a, b));
  }

  static KerasTensor multiply(LayerCall layer) {
    if (MergingMasks.matter(layer)) {
      return masked(layer, MergingMasks.product(layer));
    }
    return fold(layer, (a, b) -> layer.graph().mul(a, b));
  }

  static KerasTensor subtract(LayerCall layer) {
    if (layer.inputs().size() != 2) {
      throw layer.invalid("it takes two inputs, got %d.".formatted(layer.inputs().size()));
    }
    return fold(layer, (a, b) -> layer.graph().sub(a, b));
  }

  static KerasTensor maximum(LayerCall layer) {
    BinaryOperator<Value> operation = (a, b) -> layer.graph().max(a, b);
    return MergingMasks.matter(layer)
        ? masked(layer, MergingMasks.extremum(layer, operation))
        : fold(layer, operation);
  }

  static KerasTensor minimum(LayerCall layer) {
    BinaryOperator<Value> operation = (a, b) -> layer.graph().min(a, b);
    return MergingMasks.matter(layer)
        ? masked(layer, MergingMasks.extremum(layer, operation))
        : fold(layer, operation);
  }

  static KerasTensor average(LayerCall layer) {
    KerasTensor sum = add(layer);
    return masked(
        layer, LayerCall.like(sum, layer.graph().mul(sum.value(), 1.0 / layer.inputs().size())));
  }

  static KerasTensor concatenate(LayerCall layer) {
    List<KerasTensor> inputs = layer.inputs();
    if (inputs.isEmpty()) {
      throw layer.invalid("it joins no tensors.");
    }
    Layout layout = Axes.commonLayout(inputs);
    int rank = inputs.get(0).value().rank();
    int axis = Axes.inGraph(layer.config().integer("axis", -1), rank, layout);
    List<Value> values = Axes.as(layer, inputs, layout);
    KerasTensor joined = new KerasTensor(layer.graph().concat(axis, values), layout);
    layer.setMask(joined, MergingMasks.joined(layer, layer.config().integer("axis", -1)));
    return joined;
  }

  /** Sums the products along one axis of each input; the other axes follow one another. */
  static KerasTensor dot(LayerCall layer) {
    if (layer.inputs().size() != 2) {
      throw layer.invalid("it takes two inputs, got %d.".formatted(layer.inputs().size()));
    }
    GraphBuilder graph = layer.graph();
    int[] axes = layer.config().integers("axes", 2);
    Value[] values = new Value[2];
    for (int i = 0; i < 2; i++) {
      Value value = layer.plain(layer.inputs().get(i));
      axes[i] = Axes.fromZero(axes[i], value.rank());
      values[i] =
          layer.config().flag("normalize", false) ? normalize(graph, value, axes[i]) : value;
    }
    return KerasTensor.plain(batchDot(graph, values[0], values[1], axes[0], axes[1]));
  }

  /** x / sqrt(max(sum of x^2, 1e-12)). */
  private static Value normalize(GraphBuilder graph, Value x, int axis) {
    Value square = graph.reduce(Op.REDUCE_SUM_SQUARE, x, true, axis);
    return graph.div(x, graph.node(Op.SQRT, graph.max(square, graph.scalar(1e-12f))));
  }

  private static Value batchDot(GraphBuilder graph, Value x, Value y, int xAxis, int yAxis) {
    if (xAxis == 0 || yAxis == 0) {
      throw new IllegalArgumentException("axes must not be the batch's.");
    }
    int[] left = without(x.rank(), xAxis);
    int[] right = without(y.rank(), yAxis);
    int[] leftOrder = IntStream.concat(Arrays.stream(left), IntStream.of(xAxis)).toArray();
    int[] rightOrder =
        IntStream.concat(IntStream.of(0, yAxis), Arrays.stream(right).skip(1)).toArray();
    Value a = graph.transpose(x, leftOrder);
    Value b = graph.transpose(y, rightOrder);
    int batch = x.shape().size(0);
    int inner = x.shape().size(xAxis);
    int rows = product(Arrays.copyOfRange(a.shape().sizes(), 1, a.rank() - 1));
    int columns = product(Arrays.copyOfRange(b.shape().sizes(), 2, b.rank()));
    Value product =
        graph.matMul(
            graph.reshape(a, Shape.of(batch, rows, inner)),
            graph.reshape(b, Shape.of(batch, inner, columns)));
    int[] sizes =
        IntStream.concat(
                IntStream.concat(
                    IntStream.of(batch), Arrays.stream(left).skip(1).map(x.shape()::size)),
                Arrays.stream(right).skip(1).map(y.shape()::size))
            .toArray();
    return graph.reshape(product, sizes.length == 1 ? Shape.of(batch, 1) : Shape.of(sizes));
  }

  private static int[] without(int rank, int axis) {
    return IntStream.range(0, rank).filter(i -> i != axis).toArray();
  }

  private static int product(int[] sizes) {
    return Arrays.stream(sizes).reduce(1, Math::multiplyExact);
  }

  /** Tensors of fewer axes get axes of size 1 after the batch's. */
  private static KerasTensor fold(LayerCall layer, BinaryOperator<Value> operation) {
    List<KerasTensor> inputs = sameRank(layer);
    if (inputs.isEmpty()) {
      throw layer.invalid("it merges no tensors.");
    }
    Layout layout = Axes.commonLayout(inputs);
    Value result = Axes.as(layer, inputs, layout).stream().reduce(operation).orElseThrow();
    return masked(layer, new KerasTensor(result, layout));
  }

  private static KerasTensor masked(LayerCall layer, KerasTensor result) {
    layer.setMask(result, MergingMasks.merged(layer));
    return result;
  }

  private static List<KerasTensor> sameRank(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    int rank = layer.inputs().stream().mapToInt(x -> x.value().rank()).max().orElse(0);
    List<KerasTensor> out = new ArrayList<>();
    for (KerasTensor x : layer.inputs()) {
      int missing = rank - x.value().rank();
      if (missing == 0) {
        out.add(x);
      } else {
        int[] axes = IntStream.rangeClosed(1, missing).toArray();
        out.add(KerasTensor.plain(graph.unsqueeze(layer.plain(x), axes)));
      }
    }
    return out;
  }
}
