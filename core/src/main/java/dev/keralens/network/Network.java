package dev.keralens.network;

import dev.keralens.graph.Graph;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model specialised to the sizes of its inputs: the flat graph, and the layers that it came from.
 */
public final class Network {
  private final Graph graph;
  private final List<KerasTensor> inputs;
  private final List<KerasTensor> outputs;
  private final List<Layer> layers;
  private final Map<String, KerasTensor> named;
  private final List<Layer> passing;

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
  public Network(
      Graph graph,
      List<KerasTensor> inputs,
      List<KerasTensor> outputs,
      List<Layer> layers,
      Map<String, KerasTensor> named,
      List<Layer> passing) {
    this.graph = graph;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.layers = List.copyOf(layers);
    this.named = Collections.unmodifiableMap(new LinkedHashMap<>(named));
    this.passing = List.copyOf(passing);
  }

  /** {@return the graph; its outputs are the model's} */
  public Graph graph() {
    return graph;
  }

  /**
   * {@return the model's inputs as Keras sees them; the graph takes them in Keras' order of axes}
   */
  public List<KerasTensor> inputs() {
    return inputs;
  }

  /** {@return the model's outputs as Keras sees them} */
  public List<KerasTensor> outputs() {
    return outputs;
  }

  /**
   * {@return the layers in the model's order, those of nested models after the nested model itself}
   */
  public List<Layer> layers() {
    return layers;
  }

  /**
   * {@return values that have a name of their own in the file, as those between the nodes of an
   * ONNX file do; empty for Keras' files, where only layers have names}
   */
  public Map<String, KerasTensor> named() {
    return named;
  }

  /**
   * {@return layers that are not listed since they give what they read, such as an {@code Identity}
   * of an ONNX file; they can be named}
   */
  public List<Layer> passing() {
    return passing;
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

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Network that
        && graph.equals(that.graph)
        && inputs.equals(that.inputs)
        && outputs.equals(that.outputs)
        && layers.equals(that.layers)
        && named.equals(that.named)
        && passing.equals(that.passing);
  }

  @Override
  public int hashCode() {
    return Objects.hash(graph, inputs, outputs, layers, named, passing);
  }

  @Override
  public String toString() {
    return "Network[graph=%s, inputs=%s, outputs=%s, layers=%s, named=%s, passing=%s]"
        .formatted(graph, inputs, outputs, layers, named, passing);
  }
}
