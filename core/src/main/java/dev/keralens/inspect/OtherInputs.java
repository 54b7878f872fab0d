package dev.keralens.inspect;

import dev.keralens.graph.Node;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.network.search.Dependencies;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What depends on inputs beside the explained one. */
final class OtherInputs {
  private OtherInputs() {}

  /**
   * {@return the values that depend on an input with spatial axes other than the explained one, as
   * far as the target depends on that input. A table beside a picture has no places, and so none
   * that a map could confuse}
   */
  static Set<Value> values(Network network, int explained, Value target) {
    Set<Value> needed = Dependencies.order(network, target).keySet();
    List<KerasTensor> inputs = network.inputs();
    int axes = inputs.get(explained).shape().rank();
    Set<Value> found = new HashSet<>();
    for (int i = 0; i < inputs.size(); i++) {
      KerasTensor input = inputs.get(i);
      boolean hasPlaces = input.shape().rank() >= 3 || axes < 3;
      if (i != explained && hasPlaces && needed.contains(input.value())) {
        found.add(input.value());
      }
    }
    for (Node node : network.graph().nodes()) {
      if (node.inputs().stream().anyMatch(found::contains)) {
        found.addAll(node.outputs());
      }
    }
    return found;
  }
}
