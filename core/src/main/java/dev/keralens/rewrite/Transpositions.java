package dev.keralens.rewrite;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import org.jspecify.annotations.Nullable;

/**
 * Transpositions in a row become one or none, and reshapes in a row that lead back to the shape
 * that they began with are left out. A network has them one after another where a layer gives what
 * lies between.
 */
final class Transpositions {
  private Transpositions() {}

  static Graph rewrite(Graph graph) {
    return Pass.run(
        graph,
        (node, pass) ->
            switch (node.op()) {
              case TRANSPOSE -> joined(node, pass);
              case RESHAPE -> start(node, pass);
              default -> null;
            });
  }

  private static @Nullable Value joined(Node transpose, Pass pass) {
    int[] order = transpose.attributes().getInts("perm");
    // The builder joins it with what computes its input.
    return order == null ? null : pass.builder().transpose(pass.copy(transpose.input(0)), order);
  }

  private static @Nullable Value start(Node reshape, Pass pass) {
    if (pass.readers(reshape.output()).stream().anyMatch(reader -> reader.op() == Op.RESIZE)) {
      return null; // as for Reshapes
    }
    Shape shape = reshape.output().shape();
    Value value = pass.copy(reshape.input(0));
    Node before = pass.builder().producerOf(value);
    while (before != null && before.op() == Op.RESHAPE) {
      if (value.shape().size(0) < Shape.BATCH && shape.size(0) == Shape.BATCH) {
        return null; // the rows of several units, which UnitFactors and Reshapes take together
      }
      value = before.input(0);
      if (value.shape().equals(shape)) {
        return value;
      }
      before = pass.builder().producerOf(value);
    }
    return null;
  }
}
