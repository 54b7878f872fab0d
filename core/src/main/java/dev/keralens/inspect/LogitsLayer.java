package dev.keralens.inspect;

import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import dev.keralens.network.search.Layers;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;

/** Finds the layer that logits come from. */
final class LogitsLayer {
  private static final Set<Op> KEEPING =
      Set.of(
          Op.RESHAPE,
          Op.FLATTEN,
          Op.SQUEEZE,
          Op.UNSQUEEZE,
          Op.TRANSPOSE,
          Op.IDENTITY,
          Op.CAST,
          Op.SLICE,
          Op.NEG);

  private LogitsLayer() {}

  /** The layer with weights that a value comes from by rearranging; else the one that gives it. */
  static Optional<Layer> of(Network network, Value value) {
    Value current = value;
    while (true) {
      Optional<Layer> layer = Layers.giving(network, current);
      if (layer.isPresent() && layer.get().parameters() > 0) {
        return layer;
      }
      Optional<Node> producer = network.graph().producer(current);
      if (producer.isEmpty() || !KEEPING.contains(producer.get().op())) {
        return Layers.giving(network, value).or(() -> computing(network, value));
      }
      current = producer.get().input(0);
    }
  }

  /** The layer inside which a value is computed, as before the activation that is part of it. */
  private static Optional<Layer> computing(Network network, Value value) {
    return network.layers().stream()
        .filter(layer -> value.name().startsWith(layer.name() + "/"))
        .max(Comparator.comparingInt(layer -> layer.name().length()));
  }

  /** What people call a value: the layer that it comes from, else its own name. */
  static String name(Network network, Value value) {
    return of(network, value)
        .map(Layer::name)
        .orElseGet(
            () -> {
              boolean inner = network.graph().producer(value).isPresent();
              return inner ? "'" + value.name() + "'" : "the input '" + value.name() + "'";
            });
  }
}
