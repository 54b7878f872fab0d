package dev.keralens.keras.file;

import java.util.Map;

/** Finds weights in one kind of file. */
interface WeightSource {
  /**
   * {@return the weights of a layer, each by its slot's name}
   *
   * @param layer a layer whose slots are not empty
   * @throws dev.keralens.graph.InvalidModelException if the file does not have them
   */
  Map<String, WeightArray> read(LayerNode layer);
}
