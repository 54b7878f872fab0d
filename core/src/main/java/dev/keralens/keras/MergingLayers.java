package dev.keralens.keras;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layout;
import dev.keralens.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;

/** Layers that make one tensor of several. */
final class MergingLayers {
  private MergingLayers() {}

  static KerasTensor add(LayerContext layer) {
    return fold(layer, layer.graph()::add);
  }

  static KerasTensor multiply(LayerContext layer) {
    return fold(layer, layer.graph()::mul);
  }

  static KerasTensor concatenate(LayerContext layer) {
    List<KerasTensor> inputs = layer.inputs();
    if (inputs.isEmpty()) {
      throw layer.invalid("it joins no tensors.");
    }
    Layout layout = Axes.commonLayout(inputs);
    int rank = inputs.get(0).value().rank();
    int axis = Axes.inGraph(layer.config().integer("axis", -1), rank, layout);
    List<Value> values = Axes.as(layer, inputs, layout);
    return new KerasTensor(layer.graph().concat(axis, values), layout);
  }

  /** Tensors of fewer axes get axes of size 1 after the batch's. */
  private static KerasTensor fold(LayerContext layer, BinaryOperator<Value> operation) {
    List<KerasTensor> inputs = sameRank(layer);
    Layout layout = Axes.commonLayout(inputs);
    Value result =
        Axes.as(layer, inputs, layout).stream()
            .reduce(operation)
            .orElseThrow(() -> layer.invalid("it merges no tensors."));
    return new KerasTensor(result, layout);
  }

  private static List<KerasTensor> sameRank(LayerContext layer) {
    GraphBuilder graph = layer.graph();
    int rank = layer.inputs().stream().mapToInt(x -> x.value().rank()).max().orElse(0);
    List<KerasTensor> out = new ArrayList<>();
    for (KerasTensor x : layer.inputs()) {
      int missing = rank - x.value().rank();
      if (missing == 0) {
        out.add(x);
      } else {
        int[] axes = java.util.stream.IntStream.rangeClosed(1, missing).toArray();
        out.add(KerasTensor.plain(graph.unsqueeze(layer.plain(x), axes)));
      }
    }
    return out;
  }
}
