package dev.keralens.keras.weights;

import dev.keralens.graph.Constant;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.storage.StoredType;
import dev.keralens.keras.storage.WeightArray;
import dev.keralens.tensor.ElementType;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Weights that no file holds.
 *
 * @param model the model, for messages
 * @param weights by a layer's path, then by name
 */
public record HeldWeights(String model, Map<String, Map<String, Constant>> weights)
    implements WeightSource {
  private static final StoredType FLOAT =
      new StoredType(StoredType.Kind.FLOAT, 4, ByteOrder.LITTLE_ENDIAN);

  @Override
  public Map<String, WeightArray> read(LayerNode layer) {
    String path = layer.path().toString();
    Map<String, Constant> own = weights.getOrDefault(path, Map.of());
    Map<String, WeightArray> found = new LinkedHashMap<>();
    for (WeightSlot slot : layer.slots()) {
      Constant constant = own.get(slot.name());
      if (constant == null || constant.type() != ElementType.FLOAT32) {
        throw new InvalidModelException(
            "%s in %s: expected a weight '%s' of floats, found %s."
                .formatted(layer, model, slot.name(), own.keySet()));
      }
      found.put(
          slot.name(),
          new WeightArray(
              path + "/" + slot.name(), constant.shape(), FLOAT, () -> constant.tensor().bytes()));
    }
    return found;
  }
}
