package dev.keralens.network.search;

import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Names of calls: {@code backbone/conv@1} is the second call of a layer that is called several
 * times, counted from 0 as Keras counts the nodes of a layer.
 */
public final class CallNames {
  private static final Pattern CALL = Pattern.compile("(.+)@(\\d{1,9})");

  private CallNames() {}

  /**
   * {@return the name of a call: the layer's own where it is called once}
   *
   * @param layer the layer
   * @param call which of its calls, from 0
   */
  public static String of(Layer layer, int call) {
    return layer.calls().size() > 1 ? layer.name() + "@" + call : layer.name();
  }

  /** {@return the names of all calls of a layer} */
  static List<String> all(Layer layer) {
    return IntStream.range(0, layer.calls().size()).mapToObj(call -> of(layer, call)).toList();
  }

  /**
   * {@return a layer with the one call that a name means; nothing where it names no call}
   *
   * @param network the network
   * @param name what may be the name of a call
   * @throws IllegalArgumentException if the layer is not called so often
   */
  public static Optional<Layer> named(Network network, String name) {
    Matcher matcher = CALL.matcher(name);
    if (!matcher.matches() || network.layer(name).isPresent()) {
      return Optional.empty();
    }
    String base = matcher.group(1);
    if (network.layer(base).isEmpty() && Layers.ending(network, base).isEmpty()) {
      return Optional.empty();
    }
    Layer layer = Layers.named(network, base);
    int call = Integer.parseInt(matcher.group(2));
    if (call >= layer.calls().size()) {
      throw new IllegalArgumentException(
          "Layer '%s' is called %s; its calls are %s."
              .formatted(
                  layer.name(),
                  layer.calls().size() == 1 ? "once" : layer.calls().size() + " times",
                  IntStream.range(0, layer.calls().size())
                      .mapToObj(i -> layer.name() + "@" + i)
                      .toList()));
    }
    return Optional.of(
        new Layer(
            of(layer, call), layer.className(), List.of(layer.calls().get(call)), layer.weights()));
  }

  /**
   * A call that gives a value.
   *
   * @param layer the layer
   * @param call the place of the call among those of the layer
   */
  public record Giver(Layer layer, int call) {
    /** {@return the name of the call} */
    public String name() {
      return of(layer, call);
    }
  }

  /**
   * {@return the call that gives a value: of several layers, the first that computes it, not one
   * that passes it on or a model that it is the output of}
   *
   * @param network the network
   * @param value the value
   */
  public static Optional<Giver> giving(Network network, Value value) {
    Giver passing = null;
    Giver model = null;
    for (Layer layer : network.layers()) {
      for (int call = 0; call < layer.calls().size(); call++) {
        if (has(layer.calls().get(call).outputs(), value)) {
          Giver giver = new Giver(layer, call);
          if (has(layer.calls().get(call).inputs(), value)) {
            passing = giver;
          } else if (isModel(network, layer)) {
            model = giver;
          } else {
            return Optional.of(giver);
          }
        }
      }
    }
    return Optional.ofNullable(model != null ? model : passing);
  }

  /**
   * {@return whether a layer is a model that has layers inside}
   *
   * @param network the network
   * @param layer one of its layers
   */
  public static boolean isModel(Network network, Layer layer) {
    String inside = layer.name() + "/";
    return network.layers().stream().anyMatch(other -> other.name().startsWith(inside));
  }

  static boolean has(List<KerasTensor> tensors, Value value) {
    return tensors.stream().anyMatch(tensor -> tensor.value().equals(value));
  }
}
