package dev.keralens.keras.call;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.Value;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.LayerLocation;
import dev.keralens.keras.Weight;
import dev.keralens.keras.storage.WeightArray;
import dev.keralens.keras.weights.LayerPath;
import dev.keralens.keras.weights.LayerWeights;
import dev.keralens.network.Layer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A layer of the network that is being built, with all its calls until now. */
public final class LayerState {
  private final LayerPath path;
  private final JsonNode envelope;
  private final LayerLocation location;
  private final LayerConfig config;
  private final Map<String, List<String>> axes;
  private final Supplier<LayerWeights> store;
  private final List<Layer.Call> calls = new ArrayList<>();
  private final Map<String, Value> constants = new HashMap<>();
  private @Nullable LayerWeights weights;

  public LayerState(
      LayerPath path,
      JsonNode envelope,
      LayerLocation location,
      LayerConfig config,
      Map<String, List<String>> axes,
      Supplier<LayerWeights> store) {
    this.path = path;
    this.envelope = envelope;
    this.location = location;
    this.config = config;
    this.axes = axes;
    this.store = store;
  }

  LayerPath path() {
    return path;
  }

  public JsonNode envelope() {
    return envelope;
  }

  public LayerLocation location() {
    return location;
  }

  LayerConfig config() {
    return config;
  }

  /** {@return a weight as the file stores it; its forms become constants of the graph but once} */
  Weight weight(String name, GraphBuilder graph) {
    WeightArray array = weights().get(name);
    WeightShapes.check(location, config, axes.get(name), name, array.shape());
    return new Weight(
        name, "", array.type(), array.shape(), array, weight -> constant(weight, graph));
  }

  private Value constant(Weight weight, GraphBuilder graph) {
    return constants.computeIfAbsent(
        weight.name() + weight.form(),
        unused -> graph.constant(location.layer() + "/" + weight.name(), weight.constant()));
  }

  private LayerWeights weights() {
    if (weights == null) {
      weights = store.get();
    }
    return weights;
  }

  public void called(Layer.Call call) {
    calls.add(call);
  }

  /**
   * {@return the layer with all its calls}
   *
   * @param slots the names of its own weights
   * @throws InvalidModelException if the file does not have them
   */
  public Layer layer(List<String> slots) {
    Map<String, Constant> own = new LinkedHashMap<>();
    for (String slot : slots) {
      WeightArray array = weights().get(slot);
      own.put(slot, Constant.deferred(array.type(), array.shape(), array));
    }
    return new Layer(location.layer(), location.className(), calls, own);
  }
}
