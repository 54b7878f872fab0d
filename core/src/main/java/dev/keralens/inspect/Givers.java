package dev.keralens.inspect;

import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the layers that give a value without looking at all layers each time. */
@SuppressWarnings("ReferenceEquality") // Each layer of a network is one object.
final class Givers {
  private final Map<Value, List<Layer>> byValue = new HashMap<>();
  private final IdentityHashMap<Layer, Integer> places = new IdentityHashMap<>();

  /**
   * Looks through layers once.
   *
   * @param layers the layers of a network, in its order
   */
  Givers(List<Layer> layers) {
    for (Layer layer : layers) {
      places.put(layer, places.size());
      for (Layer.Call call : layer.calls()) {
        for (KerasTensor output : call.outputs()) {
          List<Layer> giving =
              byValue.computeIfAbsent(output.value(), unused -> new ArrayList<>(1));
          if (giving.isEmpty() || giving.get(giving.size() - 1) != layer) {
            giving.add(layer);
          }
        }
      }
    }
  }

  /**
   * The layer that gives a value: of several, such as a nested model and its last layer, one of the
   * same model as the layer that reads it, else the last. Those before the reader go first.
   */
  @Nullable Layer giving(Value value, @Nullable Layer reader) {
    Integer place = reader == null ? null : places.get(reader);
    Layer last = null;
    Layer near = null;
    for (Layer layer : byValue.getOrDefault(value, List.of())) {
      boolean after = place != null && places.getOrDefault(layer, -1) > place;
      if (after && last != null) {
        break;
      }
      if (layer != reader) {
        last = layer;
        near = reader != null && parent(layer).equals(parent(reader)) ? layer : near;
      }
    }
    return near != null ? near : last;
  }

  private static String parent(Layer layer) {
    int slash = layer.name().lastIndexOf('/');
    return slash < 0 ? "" : layer.name().substring(0, slash);
  }
}
