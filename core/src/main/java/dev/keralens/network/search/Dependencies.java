package dev.keralens.network.search;

import dev.keralens.graph.Node;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What values depend on. */
public final class Dependencies {
  private Dependencies() {}

  /**
   * {@return the values that a target depends on, itself among them}
   *
   * @param network the network
   * @param target what is explained
   */
  public static Set<Value> of(Network network, KerasTensor target) {
    return order(network, target.value()).keySet();
  }

  /**
   * {@return the values that a target depends on, each with its place in the order of computation}
   *
   * @param network the network
   * @param target the value
   */
  public static Map<Value, Integer> order(Network network, Value target) {
    Set<Value> needed = new HashSet<>(List.of(target));
    Deque<Value> open = new ArrayDeque<>(needed);
    while (!open.isEmpty()) {
      network
          .graph()
          .producer(open.pop())
          .ifPresent(
              node ->
                  node.inputs().stream()
                      .filter(value -> value != null && needed.add(value))
                      .forEach(open::push));
    }
    Map<Value, Integer> order = new HashMap<>();
    int place = 1;
    for (Node node : network.graph().nodes()) {
      for (Value value : node.outputs()) {
        if (needed.contains(value)) {
          order.put(value, place++);
        }
      }
    }
    network.graph().inputs().stream()
        .filter(needed::contains)
        .forEach(value -> order.put(value, 0));
    return order;
  }
}
