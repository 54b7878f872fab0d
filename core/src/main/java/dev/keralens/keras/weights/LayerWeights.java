package dev.keralens.keras.weights;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.storage.WeightArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights of one layer by their slots' names, such as {@code kernel} or {@code
 * query_dense/kernel}. All that the layout names are there.
 */
public final class LayerWeights {
  private final String file;
  private final LayerPath path;
  private final Map<String, WeightArray> weights;

  LayerWeights(String file, LayerPath path, Map<String, WeightArray> weights) {
    this.file = file;
    this.path = path;
    this.weights = new LinkedHashMap<>(weights);
  }

  /**
   * {@return a weight}
   *
   * @param slot the slot's name
   * @throws InvalidModelException if the layout names no such slot for this layer
   */
  public WeightArray get(String slot) {
    WeightArray array = weights.get(slot);
    if (array == null) {
      throw new InvalidModelException(
          "%s: layer '%s' has no weight '%s', only %s."
              .formatted(file, path, slot, weights.keySet()));
    }
    return array;
  }

  /**
   * {@return whether there is a weight}
   *
   * @param slot the slot's name
   */
  public boolean has(String slot) {
    return weights.containsKey(slot);
  }

  /** {@return all weights in the layout's order} */
  public List<WeightArray> all() {
    return List.copyOf(weights.values());
  }
}
