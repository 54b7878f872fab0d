package dev.keralens.grad;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A ReLU whose result a max pooling alone reads. The element that a window's gradient goes to is
 * the window's maximum, so the ReLU lets the gradient through where the maximum is above zero: that
 * is asked of the maxima, a quarter as many as the elements.
 */
final class PooledRelu {
  private PooledRelu() {}

  /**
   * {@return by the result of each max pooling the ReLU before it, where the pooling alone reads
   * it}
   *
   * @param nodes all nodes of the graph
   */
  static Map<Value, Node> of(List<Node> nodes, GraphBuilder b) {
    Map<Value, Node> pools = new LinkedHashMap<>();
    for (Node node : nodes) {
      if (node.op() == Op.MAX_POOL && node.outputs().size() == 1) {
        Node relu = b.producerOf(node.input(0));
        if (relu != null && relu.op() == Op.RELU) {
          pools.put(node.input(0), node);
        }
      }
    }
    for (Node node : pools.isEmpty() ? List.<Node>of() : nodes) {
      if (node.outputs().stream().anyMatch(y -> y.type().isFloating())) {
        node.inputs()
            .forEach(x -> pools.computeIfPresent(x, (read, p) -> p.equals(node) ? p : null));
      }
    }
    Map<Value, Node> relus = new HashMap<>();
    pools.forEach((x, pool) -> relus.put(pool.output(), b.producerOf(x)));
    return relus;
  }

  /**
   * {@return the gradients of the windows that have a maximum above zero, zero for the others}
   *
   * @param maxima what the pooling gives
   * @param dy the gradients with respect to it
   * @param units how many rows of gradients there are for each row of the batch
   */
  static Value masked(GraphBuilder b, Value maxima, Value dy, int units) {
    Value above = b.node(Op.GREATER, maxima, b.scalar(0, maxima.type()));
    return UnitRows.times(b, dy, b.cast(above, maxima.type()), units);
  }
}
