package dev.keralens.grad;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import org.jspecify.annotations.Nullable;

/**
 * Rules of differentiation in place of the usual ones. Two overrides are the same where they are
 * equal: formulas with the same override share a backward pass.
 */
@FunctionalInterface
public interface RuleOverride {
  /** Every node keeps its rule. */
  RuleOverride NONE = (node, graph) -> null;

  /**
   * {@return the rule of a node; null for the usual one}
   *
   * @param node the node
   * @param graph the graph that it is in
   */
  @Nullable Rule of(Node node, GraphBuilder graph);
}
