package dev.keralens.method;

import dev.keralens.graph.Graph;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What an embedding makes of an input: numbers that have a gradient, where indices have none. */
final class Embedded {
  private Embedded() {}

  /**
   * {@return the vectors that an embedding makes of an input; the input itself, where it is used as
   * a number}
   *
   * @throws UnsupportedModelException if the input takes whole numbers, and not one embedding reads
   *     them
   */
  static KerasTensor of(Graph graph, KerasTensor input) {
    Set<Value> indices = new HashSet<>(List.of(input.value()));
    List<Value> vectors = new ArrayList<>();
    boolean real = input.value().type().isFloating();
    for (Node node : graph.nodes()) {
      if (node.inputs().stream().noneMatch(value -> value != null && indices.contains(value))) {
        continue;
      }
      if (node.op() == Op.GATHER && !indices.contains(node.input(0))) {
        vectors.add(node.output());
      } else if (node.op() == Op.CAST && !node.output().type().isFloating()) {
        indices.add(node.output());
      } else if (real) {
        return input;
      }
    }
    if (vectors.size() == 1) {
      return KerasTensor.plain(vectors.get(0));
    } else if (real) {
      return input;
    }
    throw new UnsupportedModelException(
        "The input '%s' takes whole numbers (%s), which have no gradient, and %s; explain a layer after it, by a method such as gradcam."
            .formatted(
                input.value().name(),
                input.value().type(),
                vectors.isEmpty()
                    ? "no embedding makes vectors of them"
                    : vectors.size() + " embeddings read them"));
  }

  /**
   * Requires an input of real numbers.
   *
   * @param input the input that a method changes
   * @param change what the method does to it, such as "adds noise to"
   * @throws UnsupportedModelException if it takes whole numbers
   */
  static void requireReal(KerasTensor input, String change) {
    if (!input.value().type().isFloating()) {
      throw new UnsupportedModelException(
          "The method %s the input, but '%s' takes whole numbers (%s)."
              .formatted(change, input.value().name(), input.value().type()));
    }
  }
}
