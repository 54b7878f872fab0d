package dev.keralens.keras.layer;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.keras.call.Broadcasting;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;
import java.util.List;

/**
 * Layers that {@code keras.applications} defines for its own networks. Others have written classes
 * of the same names: where the file does not say whose they are, the arguments must be those of
 * Keras.
 */
final class ApplicationLayers {
  private ApplicationLayers() {}

  /** x * gamma, one factor for each channel (ConvNeXt). */
  static KerasTensor layerScale(LayerCall layer) {
    requireArgument(layer, "projection_dim");
    GraphBuilder graph = layer.graph();
    KerasTensor x = layer.input();
    int channels = layer.config().integer("projection_dim");
    return KerasTensor.plain(graph.mul(layer.plain(x), layer.weight("gamma", channels).value()));
  }

  /** The identity: paths are dropped in training alone (ConvNeXt). */
  static KerasTensor stochasticDepth(LayerCall layer) {
    requireArgument(layer, "drop_path_rate");
    return CoreLayers.identity(layer);
  }

  /** The first input plus the second times {@code scale} (Inception-ResNet). */
  static KerasTensor customScale(LayerCall layer) {
    requireArgument(layer, "scale");
    List<KerasTensor> inputs = layer.inputs();
    if (inputs.size() != 2) {
      throw layer.invalid("it takes two inputs, got %d.".formatted(inputs.size()));
    }
    GraphBuilder graph = layer.graph();
    Broadcasting both = Broadcasting.of(layer, inputs);
    return new KerasTensor(
        graph.add(
            both.values().get(0),
            graph.mul(both.values().get(1), layer.config().number("scale", 1))),
        both.layout());
  }

  private static void requireArgument(LayerCall layer, String key) {
    if (!layer.config().json().has(key)) {
      throw layer.unsupported(
          "a class of this name in keras.applications has the argument %s, this one has not. Give a builder for it (LayerRegistry.with(\"%s\", builder, weights))."
              .formatted(key, layer.className()));
    }
  }
}
