package dev.keralens.grad;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A ReLU whose result a max pooling alone reads. The element that a window's gradient goes to is
 * the window's maximum, so the ReLU lets the gradient through where the maximum is above zero: that
 * is asked of the maxima, a quarter as many as the elements.
 */
final class PooledRelu {
  private PooledRelu() {}

  /** {@return the ReLU before a max pooling; null where there is none that it alone reads} */
  static @Nullable Node before(Node node, GraphBuilder b, List<Node> nodes) {
    if (node.op() != Op.MAX_POOL || node.outputs().size() != 1) {
      return null;
    }
    Value x = node.input(0);
    Node relu = b.producerOf(x);
    return relu != null && relu.op() == Op.RELU && nodes.stream().noneMatch(n -> reads(n, x, node))
        ? relu
        : null;
  }

  private static boolean reads(Node reader, Value x, Node pool) {
    return !reader.equals(pool)
        && reader.inputs().contains(x)
        && reader.outputs().stream().anyMatch(y -> y.type().isFloating());
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
