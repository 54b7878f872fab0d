package dev.keralens.inspect;

import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layer;
import dev.keralens.graph.Network;
import dev.keralens.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the activation that is explained where no layer is named. */
public final class UsualActivation {
  private static final Set<String> POOLING =
      Set.of(
          "GlobalAveragePooling1D",
          "GlobalAveragePooling2D",
          "GlobalAveragePooling3D",
          "GlobalMaxPooling1D",
          "GlobalMaxPooling2D",
          "GlobalMaxPooling3D",
          "Flatten");

  /** Operators of ONNX files that pool or flatten where nothing spatial is left after them. */
  private static final Set<String> POOLING_OPERATORS =
      Set.of(
          "AveragePool",
          "GlobalAveragePool",
          "GlobalLpPool",
          "GlobalMaxPool",
          "MaxPool",
          "ReduceMax",
          "ReduceMean",
          "ReduceSum",
          "Reshape");

  private UsualActivation() {}

  /**
   * Finds the activation that is explained where no layer is named: the input of the last global
   * pooling or {@code Flatten} layer that the target depends on, else the last value with spatial
   * axes that it depends on.
   *
   * @param network the network
   * @param target what is explained
   * @return the activation; nothing if no value before the target has spatial axes
   */
  public static Optional<KerasTensor> of(Network network, KerasTensor target) {
    Map<Value, Integer> order = Dependencies.order(network, target.value());
    KerasTensor pooled = null;
    KerasTensor last = null;
    for (Layer layer : network.layers()) {
      for (Layer.Call call : layer.calls()) {
        if (isPooling(layer, call) && reaches(call.outputs(), order)) {
          pooled = later(pooled, spatial(call.inputs()), order);
        }
        last = later(last, spatial(call.outputs()), order);
      }
    }
    KerasTensor found = pooled != null ? pooled : last;
    return Optional.ofNullable(found);
  }

  private static boolean isPooling(Layer layer, Layer.Call call) {
    return POOLING.contains(layer.className())
        || (POOLING_OPERATORS.contains(layer.className())
            && call.outputs().stream().noneMatch(SpatialAxes::isSpatial));
  }

  private static boolean reaches(List<KerasTensor> outputs, Map<Value, Integer> order) {
    return outputs.stream().anyMatch(tensor -> order.containsKey(tensor.value()));
  }

  private static Optional<KerasTensor> spatial(List<KerasTensor> tensors) {
    return tensors.stream().filter(SpatialAxes::isSpatial).findFirst();
  }

  private static @Nullable KerasTensor later(
      @Nullable KerasTensor best, Optional<KerasTensor> candidate, Map<Value, Integer> order) {
    if (candidate.isEmpty()) {
      return best;
    }
    int place = order.getOrDefault(candidate.get().value(), 0);
    int before = best == null ? 0 : order.getOrDefault(best.value(), 0);
    return place > before ? candidate.get() : best;
  }
}
