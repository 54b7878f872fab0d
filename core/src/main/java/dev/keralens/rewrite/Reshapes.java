package dev.keralens.rewrite;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;

/** Reshapes in a row are the last one. */
final class Reshapes {
  private Reshapes() {}

  static Graph rewrite(Graph graph) {
    return Pass.run(
        graph,
        (node, pass) -> {
          if (node.op() != Op.RESHAPE) {
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
