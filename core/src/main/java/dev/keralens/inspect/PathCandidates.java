package dev.keralens.inspect;

import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What layers give on the paths to an explained output, and can be explained. */
final class PathCandidates {
  private PathCandidates() {}

  /** {@return values with more than one place, each once, in the order of computation} */
  static List<KerasTensor> of(Network network, InputPaths paths) {
    Map<Value, KerasTensor> found = new LinkedHashMap<>();
    for (Layer layer : network.layers()) {
      for (Layer.Call call : layer.calls()) {
        for (KerasTensor tensor : call.outputs()) {
          if (paths.contains(tensor.value()) && SpatialAxes.isSpatial(tensor)) {
            found.putIfAbsent(tensor.value(), tensor);
          }
        }
      }
    }
    return found.values().stream()
        .sorted(Comparator.comparingInt(tensor -> paths.place(tensor.value())))
        .toList();
  }
}
