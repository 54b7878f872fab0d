package dev.keralens.keras.weights;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * Says which weights a layer holds. The files do not: some number the weights, some name them, and
 * some put those of a whole nested model into one row.
 *
 * <p>Models inside models ({@code Functional}, {@code Sequential}) need no layout; their layers are
 * found in their configuration.
 */
@FunctionalInterface
public interface WeightLayout {
  /**
   * Returns what a layer holds, in the order of Keras' {@code layer.weights} while the layer is
   * trainable and before those that are not are moved behind those that are: a layer's own weights
   * in the order of their creation, then those of the objects inside it, in the order in which the
   * layer makes them.
   *
   * @param layer the layer's envelope: {@code class_name} and {@code config}
   * @return the parts; empty for a layer without weights
   */
  List<WeightPart> parts(JsonNode layer);
}
