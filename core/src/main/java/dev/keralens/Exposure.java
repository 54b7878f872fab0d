package dev.keralens;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.inspect.LayerSelector;
import dev.keralens.network.InputSpec;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.network.Network;
import dev.keralens.network.NetworkSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** A model with other outputs: values from inside. */
final class Exposure implements NetworkSource {
  private final NetworkSource source;
  private final Function<Network, List<KerasTensor>> chosen;

  /**
   * Makes a model with other outputs.
   *
   * @param source the model
   * @param chosen gives the values that come out, for each size of the inputs
   */
  public Exposure(NetworkSource source, Function<Network, List<KerasTensor>> chosen) {
    this.source = source;
    this.chosen = chosen;
  }

  /**
   * {@return the values that a text names: those of a layer, as {@link LayerSelector#parse} finds
   * it, or of the graph}
   *
   * @param network the network
   * @param text a layer, or the name of a value of the graph
   * @throws IllegalArgumentException if there is none
   */
  public static List<KerasTensor> named(Network network, String text) {
    if (network.layer(text).isEmpty() && !network.named().containsKey(text)) {
      for (Node node : network.graph().nodes()) {
        for (Value value : node.outputs()) {
          if (value.name().equals(text)) {
            return List.of(KerasTensor.plain(value));
          }
        }
      }
    }
    return LayerSelector.parse(text).values(network);
  }

  @Override
  public Map<String, String> metadata() {
    return source.metadata();
  }

  @Override
  public List<InputSpec> inputs() {
    return source.inputs();
  }

  @Override
  public Network network(List<Shape> shapes) {
    Network network = source.network(shapes);
    GraphBuilder builder = GraphBuilder.from(network.graph());
    List<Value> outputs = new ArrayList<>();
    for (KerasTensor tensor : Objects.requireNonNull(chosen.apply(network))) {
      Value value = tensor.value();
      outputs.add(
          tensor.layout() == Layout.CHANNELS_MOVED
              ? builder.transpose(value, KerasTensor.channelsLast(value.rank()))
              : value);
    }
    return new Network(
        builder.build(outputs),
        network.inputs(),
        outputs.stream().map(KerasTensor::plain).toList(),
        network.layers());
  }
}
