package dev.keralens.keras;

import dev.keralens.graph.KerasTensor;

/** Activations as layers. */
final class ActivationLayers {
  private ActivationLayers() {}

  static KerasTensor activation(LayerContext layer) {
    return layer.activate(layer.input());
  }

  /** Keras 2 calls the slope {@code alpha}, Keras 3 {@code negative_slope}. */
  static KerasTensor leakyRelu(LayerContext layer) {
    LayerConfig config = layer.config();
    double slope = config.number("negative_slope", config.number("alpha", 0.3));
    KerasTensor x = layer.input();
    return new KerasTensor(Activations.leakyRelu(layer.graph(), x.value(), slope), x.layout());
  }

  static KerasTensor relu(LayerContext layer) {
    LayerConfig config = layer.config();
    KerasTensor x = layer.input();
    return new KerasTensor(
        Activations.relu(
            layer.graph(),
            x.value(),
            config.number("negative_slope", 0),
            config.number("max_value", Double.POSITIVE_INFINITY),
            config.number("threshold", 0)),
        x.layout());
  }
}
