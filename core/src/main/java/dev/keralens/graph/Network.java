package dev.keralens.graph;

import java.util.List;
import java.util.Optional;

/**
 * A model specialised to the sizes of its inputs: the flat graph, and the layers that it came from.
 *
 * @param graph the graph; its outputs are the model's
 * @param inputs the model's inputs as Keras sees them; the graph takes them in Keras' order of axes
 * @param outputs the model's outputs as Keras sees them
 * @param layers the layers in the model's order, those of nested models after the nested model
 *     itself
 */
public record Network(
    Graph graph, List<KerasTensor> inputs, List<KerasTensor> outputs, List<Layer> layers) {
  /** Takes unmodifiable copies. */
  public Network {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    layers = List.copyOf(layers);
  }

  /**
   * {@return the layer of a name, if there is one}
   *
   * @param name its name or path
   */
  public Optional<Layer> layer(String name) {
    return layers.stream().filter(layer -> layer.name().equals(name)).findFirst();
  }
}
