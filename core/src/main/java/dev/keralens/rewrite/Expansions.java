package dev.keralens.rewrite;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is computed of one number everywhere in an image, as of what comes back through a global
 * average pooling, is computed once, and repeated afterwards where it has to be: products, sums and
 * the like of repeated values; their sum over an image, which is a multiple; and their mean.
 */
final class Expansions {
  /** What the values of the old graph repeat, as values of the new one. */
  private final Map<Value, Value> repeated = new HashMap<>();

  private Expansions() {}

  static Graph rewrite(Graph graph) {
    return Pass.run(graph, new Expansions()::visit);
  }

  private @Nullable Value visit(Node node, Pass pass) {
    return switch (node.op()) {
      case EXPAND -> expansion(node, pass);
      case MUL, ADD, SUB, DIV, RELU, EQUAL, WHERE -> elements(node, pass);
      case REDUCE_SUM, REDUCE_MEAN -> reduction(node, pass);
      default -> null;
    };
  }

  private @Nullable Value expansion(Node expand, Pass pass) {
    Shape once = expand.input(0).shape();
    Shape whole = expand.output().shape();
    if (once.rank() == whole.rank() && once.rank() > 0 && once.size(0) == whole.size(0)) {
      repeated.put(expand.output(), pass.copy(expand.input(0)));
    }
    return null;
  }

  /** An operator that is applied to each element, of repeated values and of what fits them. */
  private @Nullable Value elements(Node node, Pass pass) {
    Shape whole = node.output().shape();
    if (node.inputs().stream().noneMatch(repeated::containsKey)) {
      return null;
    }
    Shape once = whole;
    for (int axis = 1; axis < whole.rank(); axis++) {
      once = once.with(axis, 1);
    }
    List<@Nullable Value> operands = new ArrayList<>();
    for (Value input : node.inputs()) {
      Value operand = repeated.get(input);
      operand = operand == null ? pass.copy(input) : operand;
      operands.add(operand);
      int missing = whole.rank() - operand.rank();
      for (int axis = Math.max(1, missing); axis < whole.rank(); axis++) {
        int size = operand.shape().size(axis - missing);
        once = size == 1 ? once : once.with(axis, size);
      }
    }
    if (once.equals(whole)) {
      return null;
    }
    Value result = pass.builder().nodes(node.op(), node.attributes(), 1, operands).get(0);
    if (!result.shape().equals(once)) {
      return null;
    }
    repeated.put(node.output(), result);
    return pass.builder().expand(result, whole);
  }

  private @Nullable Value reduction(Node node, Pass pass) {
    Value once = repeated.get(node.input(0));
    Constant axes = pass.constant(node.optionalInput(1));
    if (once == null || axes == null || once.type() != ElementType.FLOAT32) {
      return null;
    }
    Shape left = node.input(0).shape();
    long count = 1;
    for (int axis : axes.tensor().toIntArray()) {
      count *= left.size(axis);
      left = left.with(axis, 1);
    }
    if (!left.equals(once.shape()) || count <= 0) {
      return null;
    }
    GraphBuilder b = pass.builder();
    Value result = b.reshape(once, node.output().shape());
    return node.op() == Op.REDUCE_MEAN ? result : b.mul(result, b.scalar((float) count));
  }
}
