package dev.keralens.rewrite;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;

/**
 * Reshapes in a row are the last one.
 *
 * <p>Those before a {@code Resize} stay: ONNX Runtime moves a transposition that directly precedes
 * one behind it, and fails where only some axes are resized.
 */
final class Reshapes {
  private Reshapes() {}

  static Graph rewrite(Graph graph) {
    return Pass.run(
        graph,
        (node, pass) -> {
          if (node.op() != Op.RESHAPE
              || pass.readers(node.output()).stream().anyMatch(r -> r.op() == Op.RESIZE)) {
            return null;
          }
          Value source = node.input(0);
          for (Node before = pass.producer(source, Op.RESHAPE);
              before != null;
              before = pass.producer(source, Op.RESHAPE)) {
            source = before.input(0);
          }
          return source == node.input(0)
              ? null
              : pass.builder().reshape(pass.copy(source), node.output().shape());
        });
  }
}
