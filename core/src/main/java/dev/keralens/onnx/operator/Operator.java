package dev.keralens.onnx.operator;

import java.util.List;

/** How a node of the file becomes operators of graphs, or numbers. */
public interface Operator {
  /**
   * Reads a node.
   *
   * @param node the node
   * @return what is known of its outputs; those that are left out cannot be used
   * @throws Refusal if the node is right, but cannot be read
   * @throws IllegalArgumentException if its inputs and attributes do not fit
   */
  List<? extends Known> apply(OnnxNode node);
}
