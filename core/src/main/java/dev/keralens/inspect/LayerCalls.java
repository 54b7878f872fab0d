package dev.keralens.inspect;

import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import dev.keralens.network.search.CallNames;
import dev.keralens.network.search.Dependencies;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The calls of a named layer that an explained output depends on, to choose one of.
 *
 * @param layer the layer
 * @param goesIn whether it is asked for what goes into the layer, not for what it gives
 * @param calls the values of its calls, each with the name of the call
 */
record LayerCalls(Layer layer, boolean goesIn, List<Chosen> calls) {
  /**
   * One value.
   *
   * @param name the layer's name, with the number of the call where it has several
   * @param tensor the value
   */
  public record Chosen(String name, KerasTensor tensor) {}

  /**
   * {@return the values of those calls that the target depends on}
   *
   * @param network the network
   * @param target what is explained
   * @param layer a layer of it
   * @param goesIn whether values that go in are meant, not those that come out
   * @param needed what the target is computed from
   */
  public static LayerCalls of(
      Network network, KerasTensor target, Layer layer, boolean goesIn, Set<Value> needed) {
    List<Chosen> found = new ArrayList<>();
    for (int i = 0; i < layer.calls().size(); i++) {
      Layer.Call call = layer.calls().get(i);
      if (call.outputs().stream().anyMatch(tensor -> needed.contains(tensor.value()))) {
        for (KerasTensor tensor : goesIn ? call.inputs() : call.outputs()) {
          if (needed.contains(tensor.value())) {
            found.add(new Chosen(CallNames.of(layer, i), tensor));
          }
        }
      }
    }
    if (found.isEmpty()) {
      throw Unreached.of(network, target, layer, goesIn);
    }
    return new LayerCalls(layer, goesIn, found);
  }

  /**
   * {@return whether one of them depends on an input}
   *
   * @param network the network
   * @param input the position of the input
   */
  public boolean dependOn(Network network, int input) {
    return calls.stream().anyMatch(call -> depends(network, call, input));
  }

  private static boolean depends(Network network, Chosen call, int input) {
    return Dependencies.of(network, call.tensor()).contains(network.inputs().get(input).value());
  }

  /**
   * {@return the one that an input is explained by}
   *
   * @param network the network
   * @param target what is explained
   * @param input the position of the input; -1 for any
   * @throws IllegalArgumentException if none has spatial axes and depends on the input, or several
   *     lie side by side
   */
  public Chosen choose(Network network, KerasTensor target, int input) {
    List<Chosen> open = calls.stream().filter(c -> SpatialAxes.hasSpatialAxes(c.tensor())).toList();
    if (open.isEmpty()) {
      throw new IllegalArgumentException(
          "%s layer '%s' (%s) is %s, %s; name a layer before it."
              .formatted(
                  goesIn ? "The input of" : "The output of",
                  layer.name(),
                  layer.className(),
                  calls.get(0).tensor().shape(),
                  SpatialAxes.whyNone(calls.get(0).tensor())));
    }
    if (input >= 0 && network.inputs().size() > 1) {
      open = ofInput(network, target, input, open);
    }
    Chosen last = open.get(open.size() - 1);
    Set<Value> before = Dependencies.of(network, last.tensor());
    boolean inARow =
        goesIn || open.stream().allMatch(c -> before.contains(c.tensor().value()) || same(c, last));
    if (!inARow) {
      throw new IllegalArgumentException(
          "Layer '%s' is called several times side by side; name one of the calls %s."
              .formatted(layer.name(), open.stream().map(Chosen::name).distinct().toList()));
    }
    return last;
  }

  private static boolean same(Chosen one, Chosen other) {
    return one.name().equals(other.name());
  }

  /** Those that depend on the input: on it alone, if there are such. */
  private List<Chosen> ofInput(Network network, KerasTensor target, int input, List<Chosen> from) {
    List<Chosen> found = from.stream().filter(c -> depends(network, c, input)).toList();
    if (found.isEmpty()) {
      List<String> others =
          IntStream.range(0, network.inputs().size())
              .filter(i -> from.stream().anyMatch(c -> depends(network, c, i)))
              .mapToObj(i -> "'%s' (withInputs(%d))".formatted(nameOf(network, i), i))
              .toList();
      throw new IllegalArgumentException(
          "Layer '%s' does not depend on the explained input '%s', only on %s; explain that, or name another layer."
              .formatted(layer.name(), nameOf(network, input), String.join(", ", others)));
    }
    Set<Value> shared = OtherInputs.values(network, input, target.value());
    List<Chosen> own = found.stream().filter(c -> !shared.contains(c.tensor().value())).toList();
    return own.isEmpty() ? found : own;
  }

  private static String nameOf(Network network, int input) {
    return network.inputs().get(input).value().name();
  }
}
