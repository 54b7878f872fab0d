package dev.keralens.keras.build;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Puts the layers of a model in Keras' order. It matters: weights in HDF5 files are matched with
 * layers by it.
 *
 * <p>A layer's depth is its longest distance to an output. Deep layers come first; of equal depth,
 * the one that is met first on the way from the outputs to the inputs.
 */
final class LayerOrder {
  private record Node(Operation operation, int call) {}

  private final Set<Node> finished = new HashSet<>();
  private final List<Node> decreasing = new ArrayList<>();
  private final Map<Operation, Integer> met = new HashMap<>();

  private LayerOrder() {}

  /** {@return the operations that lead to the outputs} */
  static List<Operation> of(List<SymbolicTensor> outputs) {
    LayerOrder order = new LayerOrder();
    outputs.forEach(output -> order.visit(new Node(output.operation(), output.node())));
    return order.sorted();
  }

  private static List<Node> parents(Node node) {
    return node.operation().calls().get(node.call()).inputs().stream()
        .map(tensor -> new Node(tensor.operation(), tensor.node()))
        .toList();
  }

  /** Depth first, inputs before what reads them; without recursion, for networks of any depth. */
  private void visit(Node output) {
    List<Node> path = new ArrayList<>(List.of(output));
    List<List<Node>> open = new ArrayList<>();
    while (!path.isEmpty()) {
      Node node = path.get(path.size() - 1);
      if (open.size() < path.size()) {
        if (finished.contains(node)) {
          path.remove(path.size() - 1);
          continue;
        }
        met.putIfAbsent(node.operation(), met.size());
        open.add(new ArrayList<>(parents(node)));
      }
      List<Node> waiting = open.get(open.size() - 1);
      if (waiting.isEmpty()) {
        finished.add(node);
        decreasing.add(node);
        open.remove(open.size() - 1);
        path.remove(path.size() - 1);
      } else {
        path.add(waiting.remove(0));
      }
    }
  }

  private List<Operation> sorted() {
    Map<Node, Integer> nodes = new HashMap<>();
    Map<Operation, Integer> depths = new LinkedHashMap<>();
    List<Node> increasing = new ArrayList<>(decreasing);
    Collections.reverse(increasing);
    for (Node node : increasing) {
      int depth = Math.max(nodes.getOrDefault(node, 0), depths.getOrDefault(node.operation(), 0));
      depths.put(node.operation(), depth);
      nodes.put(node, depth);
      for (Node parent : parents(node)) {
        nodes.merge(parent, depth + 1, Math::max);
      }
    }
    List<Operation> operations = new ArrayList<>(depths.keySet());
    operations.sort(
        Comparator.<Operation, Integer>comparing(o -> Objects.requireNonNull(depths.get(o)))
            .reversed()
            .thenComparing(o -> Objects.requireNonNull(met.get(o))));
    return operations;
  }
}
