package dev.keralens.keras.call;

import dev.keralens.network.KerasTensor;
import java.util.List;

/** Adds what a layer of one of Keras' own classes computes to the graph. */
@FunctionalInterface
public interface CallBuilder {
  /**
   * Adds the nodes of one call of a layer.
   *
   * @param layer the layer and what it is called with
   * @return what the call gives; several tensors in Keras' order
   * @throws IllegalArgumentException if the layer cannot take these inputs
   */
  List<KerasTensor> build(LayerCall layer);
}
