package dev.keralens;

import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the outputs of a model are called: as its file calls them, or as the layers they are of. */
final class OutputNames {
  private final Network network;
  private final Set<String> taken = new HashSet<>();

  private OutputNames(Network network) {
    this.network = network;
    network.graph().inputs().forEach(input -> taken.add(input.name()));
  }

  /**
   * The names, each of which stands once and for no input.
   *
   * @param given the names in the file; empty for those of the layers
   */
  static List<String> of(Network network, List<String> given) {
    OutputNames names = new OutputNames(network);
    List<KerasTensor> outputs = network.outputs();
    List<String> all = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      String layer = names.layer(outputs.get(i).value());
      String name = given.size() == outputs.size() ? given.get(i) : layer;
      all.add(names.unused(name == null ? "output" : name));
    }
    return all;
  }

  private String unused(String name) {
    String candidate = name;
    for (int i = 1; !taken.add(candidate); i++) {
      candidate = name + "_" + i;
    }
    return candidate;
  }

  /** The outermost layer that gives a value; of several the last, which gives it on. */
  private @Nullable String layer(Value value) {
    String found = null;
    for (Layer layer : network.layers()) {
      if (gives(layer, value) && (found == null || depth(layer.name()) <= depth(found))) {
        found = layer.name();
      }
    }
    Node node = network.graph().producer(value).orElse(null);
    if (found != null || node == null || node.op() != Op.TRANSPOSE) {
      return found;
    }
    return layer(node.input(0));
  }

  private static boolean gives(Layer layer, Value value) {
    return layer.calls().stream()
        .flatMap(call -> call.outputs().stream())
        .anyMatch(output -> output.value() == value);
  }

  private static long depth(String name) {
    return name.chars().filter(c -> c == '/').count();
  }
}
