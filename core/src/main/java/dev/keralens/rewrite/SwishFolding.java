package dev.keralens.rewrite;

import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of y = x s, s = sigmoid(x), which comes in two parts, dy s + (dy x) (s (1 - s)), is
 * computed as dy (s + y (1 - s)).
 */
final class SwishFolding {
  private SwishFolding() {}

  static Graph rewrite(Graph graph) {
    return Pass.run(graph, (node, pass) -> node.op() == Op.ADD ? folded(node, pass) : null);
  }

  private static @Nullable Value folded(Node add, Pass pass) {
    for (int i = 0; i < 2; i++) {
      Node direct = pass.producer(add.input(i), Op.MUL);
      Node through = pass.producer(add.input(1 - i), Op.MUL);
      if (direct != null && through != null) {
        Value folded = folded(direct, through, pass);
        if (folded != null) {
          return folded;
        }
      }
    }
    return null;
  }

  /** direct: dy s; through: (dy x) slope. */
  private static @Nullable Value folded(Node direct, Node through, Pass pass) {
    Value dy = direct.input(0);
    Value s = direct.input(1);
    Node sigmoid = pass.producer(s, Op.SIGMOID);
    Node scaled = pass.producer(through.input(0), Op.MUL);
    Node slope = pass.producer(through.input(1), Op.MUL);
    if (sigmoid == null || scaled == null || slope == null || scaled.input(0) != dy) {
      return null;
    }
    Value x = sigmoid.input(0);
    Node rest = pass.producer(slope.input(1), Op.SUB);
    boolean isSlope =
        slope.input(0) == s
            && rest != null
            && rest.input(1) == s
            && Float.valueOf(1).equals(BlockedLayout.number(pass.constant(rest.input(0))));
    Value y = isSlope && scaled.input(1) == x ? product(x, s, pass) : null;
    if (rest == null || y == null || !y.shape().equals(dy.shape())) {
      return null;
    }
    GraphBuilder b = pass.builder();
    Value whole = b.add(b.mul(pass.copy(y), pass.copy(rest.output())), pass.copy(s));
    return b.mul(pass.copy(dy), whole);
  }

  /** The product of two values that the graph has already. */
  private static @Nullable Value product(Value x, Value s, Pass pass) {
    for (Node reader : pass.readers(s)) {
      if (reader.op() == Op.MUL && reader.input(0) == x && reader.input(1) == s) {
        return reader.output();
      }
    }
    return null;
  }
}
