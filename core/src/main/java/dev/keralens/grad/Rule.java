package dev.keralens.grad;

import dev.keralens.graph.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How gradients pass backward through one operator. */
@FunctionalInterface
public interface Rule {
  /**
   * Returns the gradients with respect to a node's inputs, one per input in order. Null says that
   * none flows there. A gradient may still have the shape that the input was broadcast to.
   *
   * @param node the node, the gradients with respect to its outputs, and the means to build
   * @return the gradients; shorter lists are filled up with null
   */
  List<@Nullable Value> apply(Backward node);
}
