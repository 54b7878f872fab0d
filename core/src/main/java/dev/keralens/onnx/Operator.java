package dev.keralens.onnx;

import java.util.List;

/** How a node of the file becomes operators of graphs, or numbers. */
interface Operator {
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
