package dev.keralens.network.search;

import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import dev.keralens.text.ClosestName;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Layers of a network by name, by place, and by what they give. */
public final class Layers {
  private Layers() {}

  /**
   * {@return the layer of a name}
   *
   * @param network the network
   * @param name its name; inside nested models the path, such as {@code backbone/conv5}, or its
   *     last part where only one layer is called so; or the name of a value, which ONNX files have.
   *     {@code backbone/conv5@1} is the layer with its second call only
   * @throws IllegalArgumentException if there is none or there are several; the message gives the
   *     closest name
   */
  public static Layer named(Network network, String name) {
    Optional<Layer> exact = network.layer(name);
    if (exact.isPresent()) {
      return exact.get();
    }
    List<Layer> inner = ending(network, name);
    if (inner.size() > 1) {
      throw new IllegalArgumentException(
          "Several layers are called '%s': %s."
              .formatted(name, inner.stream().map(Layer::name).toList()));
    }
    return inner.stream()
        .findFirst()
        .or(() -> passing(network, name))
        .or(() -> CallNames.named(network, name))
        .or(() -> ofValue(network, name))
        .orElseThrow(() -> unknown(network, name));
  }

  private static Optional<Layer> passing(Network network, String name) {
    return network.passing().stream().filter(layer -> layer.name().equals(name)).findFirst();
  }

  /** The layer that gives a value with a name of its own, as if it gave nothing else. */
  private static Optional<Layer> ofValue(Network network, String name) {
    KerasTensor value = network.named().get(name);
    if (value == null) {
      return Optional.empty();
    }
    Optional<Layer> giving = giving(network, value.value());
    List<KerasTensor> inputs =
        giving.map(layer -> layer.calls().get(layer.calls().size() - 1).inputs()).orElse(List.of());
    String className = giving.map(Layer::className).orElse("Input");
    return Optional.of(
        new Layer(name, className, List.of(new Layer.Call(inputs, List.of(value))), Map.of()));
  }

  /**
   * {@return the layers whose path ends with a name}
   *
   * @param network the network
   * @param name the last part of the path, or several
   */
  public static List<Layer> ending(Network network, String name) {
    return network.layers().stream().filter(layer -> layer.name().endsWith("/" + name)).toList();
  }

  private static IllegalArgumentException unknown(Network network, String name) {
    Set<String> names = new LinkedHashSet<>();
    network.layers().forEach(layer -> names.add(layer.name()));
    network.layers().forEach(l -> names.add(l.name().substring(l.name().lastIndexOf('/') + 1)));
    network.layers().forEach(layer -> names.add(layer.className()));
    network.passing().forEach(layer -> names.add(layer.name()));
    names.addAll(network.named().keySet());
    return new IllegalArgumentException(
        "There is no layer '%s'%s"
            .formatted(
                name,
                ClosestName.among(names, name)
                    .map(closest -> "; did you mean '" + closest + "'?")
                    .orElse(".")));
  }

  /**
   * {@return the layer at an index}
   *
   * @param network the network
   * @param index its place among all layers, those of nested models after the nested model, from 0;
   *     negative counts from the end
   * @throws IllegalArgumentException if there is none
   */
  public static Layer at(Network network, int index) {
    int count = network.layers().size();
    int place = index < 0 ? index + count : index;
    if (place < 0 || place >= count) {
      throw new IllegalArgumentException(
          "There is no layer %d; the model has the layers 0 to %d.".formatted(index, count - 1));
    }
    return network.layers().get(place);
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

  /**
   * {@return the layer that gives a value; of several, such as a nested model and its last layer,
   * the last}
   *
   * @param network the network
   * @param value the value
   */
  public static Optional<Layer> giving(Network network, Value value) {
    Layer last = null;
    for (Layer layer : network.layers()) {
      boolean gives =
          layer.calls().stream()
              .flatMap(call -> call.outputs().stream())
              .anyMatch(tensor -> tensor.value() == value);
      last = gives ? layer : last;
    }
    return Optional.ofNullable(last);
  }
}
