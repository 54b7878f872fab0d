package dev.keralens.network;

import dev.keralens.graph.Graph;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model specialised to the sizes of its inputs: the flat graph, and the layers that it came from.
 *
 * @param graph the graph; its outputs are the model's
 * @param inputs the model's inputs as Keras sees them; the graph takes them in Keras' order of axes
 * @param outputs the model's outputs as Keras sees them
 * @param layers the layers in the model's order, those of nested models after the nested model
 *     itself
 * @param named values that have a name of their own in the file, as those between the nodes of an
 *     ONNX file do; empty for Keras' files, where only layers have names
 * @param passing layers that are not listed since they give what they read, such as an {@code
 *     Identity} of an ONNX file; they can be named
 */
public record Network(
    Graph graph,
    List<KerasTensor> inputs,
    List<KerasTensor> outputs,
    List<Layer> layers,
    Map<String, KerasTensor> named,
    List<Layer> passing) {
  /**
   * Takes unmodifiable copies.
   *
   * @param graph the graph
   * @param inputs what goes in
   * @param outputs what comes out
   * @param layers the layers
   * @param named values that have a name of their own
   * @param passing layers that give what they read
   */
  public Network {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    layers = List.copyOf(layers);
    named = Collections.unmodifiableMap(new LinkedHashMap<>(named));
    passing = List.copyOf(passing);
  }

  /**
   * A network whose values have no names of their own.
   *
   * @param graph the graph
   * @param inputs the model's inputs
   * @param outputs the model's outputs
   * @param layers the layers in the model's order
   */
  public Network(
      Graph graph, List<KerasTensor> inputs, List<KerasTensor> outputs, List<Layer> layers) {
    this(graph, inputs, outputs, layers, Map.of(), List.of());
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
