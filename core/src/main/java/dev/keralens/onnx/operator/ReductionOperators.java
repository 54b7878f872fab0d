package dev.keralens.onnx.operator;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reductions, whose axes were an attribute once. */
final class ReductionOperators {
  static final Map<String, Operator> TABLE = table();

  private static final Set<Op> UNCHANGED_WITHOUT_AXES =
      Set.of(Op.REDUCE_MAX, Op.REDUCE_MEAN, Op.REDUCE_MIN, Op.REDUCE_PROD, Op.REDUCE_SUM);

  private ReductionOperators() {}

  private static Map<String, Operator> table() {
    Map<String, Operator> table = new HashMap<>();
    for (Op op : Op.values()) {
      if (op.onnxName().startsWith("Reduce")) {
        table.put(op.onnxName(), node -> reduce(node, op));
      }
    }
    return Map.copyOf(table);
  }

  /** {@return the axes that are reduced, from 0} */
  static int[] axes(OnnxNode node, int rank) {
    int @Nullable [] given;
    if (node.version() < (node.type().equals("ReduceSum") ? 13 : 18)) {
      given = node.intsAttribute("axes");
    } else {
      given = node.has(1) ? node.numbers(1).ints() : null;
    }
    if (given == null || given.length == 0) {
      return node.intAttribute("noop_with_empty_axes", 0) != 0
          ? new int[0]
          : IntStream.range(0, rank).toArray();
    }
    return Arrays.stream(given).map(axis -> OnnxNode.axis(axis, rank)).toArray();
  }

  private static List<Known> reduce(OnnxNode node, Op op) {
    Value x = node.value(0);
    int[] axes = axes(node, x.rank());
    if (axes.length == 0) {
      if (!UNCHANGED_WITHOUT_AXES.contains(op) && x.rank() > 0) {
        throw new Refusal("it reduces no axis");
      }
      return OnnxNode.one(x);
    }
    if (Arrays.stream(axes).anyMatch(axis -> x.shape().size(axis) < 0)) {
      throw new Refusal("it mixes the rows of the batch");
    }
    Attributes attributes = Attributes.of("keepdims", node.intAttribute("keepdims", 1));
    return OnnxNode.one(node.builder().node(op, attributes, x, node.builder().ints(axes)));
  }
}
