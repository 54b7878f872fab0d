package dev.keralens.inspect;

import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layer;
import dev.keralens.graph.Network;
import java.util.List;

/** Layers of a network by name. */
public final class Layers {
  private Layers() {}

  /**
   * {@return the layer of a name or path, such as {@code backbone/conv5}}
   *
   * @param network the network
   * @param name the name
   * @throws IllegalArgumentException if there is none; the message gives the closest name
   */
  public static Layer named(Network network, String name) {
    return network
        .layer(name)
        .orElseThrow(
            () -> {
              List<String> names = network.layers().stream().map(Layer::name).toList();
              return new IllegalArgumentException(
                  "There is no layer '%s'%s."
                      .formatted(
                          name,
                          ClosestName.among(names, name)
                              .map(closest -> "; did you mean '" + closest + "'?")
                              .orElse("")));
            });
  }

  /**
   * {@return what a layer gives: the first output of its last call}
   *
   * @param network the network
   * @param name the layer's name or path
   * @throws IllegalArgumentException if there is no such layer, or it is not called
   */
  public static KerasTensor output(Network network, String name) {
    List<Layer.Call> calls = named(network, name).calls();
    if (calls.isEmpty() || calls.get(calls.size() - 1).outputs().isEmpty()) {
      throw new IllegalArgumentException("Layer '" + name + "' gives nothing.");
    }
    return calls.get(calls.size() - 1).outputs().get(0);
  }
}
