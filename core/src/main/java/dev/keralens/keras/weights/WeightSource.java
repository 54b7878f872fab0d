package dev.keralens.keras.weights;

import dev.keralens.keras.storage.WeightArray;
import java.util.Map;

/** Finds weights in one kind of file. */
public interface WeightSource {
  /**
   * {@return the weights of a layer, each by its slot's name}
   *
   * @param layer a layer whose slots are not empty
   * @throws dev.keralens.graph.InvalidModelException if the file does not have them
   */
  Map<String, WeightArray> read(LayerNode layer);
}
