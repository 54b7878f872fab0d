package dev.keralens.rewrite;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Results that need no computing.
 *
 * <ul>
 *   <li>A gradient begins with one at the explained unit and zero elsewhere. Its product with the
 *       kernel of the last dense layer is the unit's part of the kernel.
 *   <li>The mean of an image that has one number everywhere, as what comes back through a global
 *       average pooling, is that number.
 * </ul>
 */
final class Shortcuts {
  private Shortcuts() {}

  static Graph rewrite(Graph graph) {
    return Pass.run(
        graph,
        (node, pass) ->
            switch (node.op()) {
              case GEMM -> unit(node, pass);
              case REDUCE_MEAN -> mean(node, pass);
              default -> null;
            });
  }

  private static @Nullable Value unit(Node gemm, Pass pass) {
    Attributes attributes = gemm.attributes();
    Value units = units(gemm.input(0), pass);
    if (units == null
        || pass.constant(gemm.input(1)) == null
        || gemm.optionalInput(2) != null
        || attributes.getInt("transA", 0) != 0
        || attributes.getFloat("alpha", 1) != 1) {
      return null;
    }
    GraphBuilder b = pass.builder();
    Value rows = b.reshape(pass.copy(units), Shape.of(gemm.output().shape().size(0)));
    Value kernel = pass.copy(gemm.input(1));
    return attributes.getInt("transB", 0) == 0
        ? b.node(Op.GATHER, Attributes.of("axis", 0), kernel, rows)
        : b.transpose(b.node(Op.GATHER, Attributes.of("axis", 1), kernel, rows), 1, 0);
  }

  /** What the rows of a matrix have a one at, and zeros elsewhere; null where they are others. */
  private static @Nullable Value units(Value rows, Pass pass) {
    Value value = rows;
    for (Node node = pass.producer(value, Op.RESHAPE);
        node != null;
        node = pass.producer(value, Op.RESHAPE)) {
      value = node.input(0);
    }
    Node hot = pass.producer(value, Op.ONE_HOT);
    Constant values = hot == null ? null : pass.constant(hot.input(2));
    boolean fits =
        hot != null
            && values != null
            && rows.shape().batchAxis() == 0
            && hot.attributes().getInt("axis", -1) == -1
            && hot.output().shape().size(-1) == rows.shape().size(1)
            && Arrays.equals(values.tensor().toFloatArray(), new float[] {0, 1});
    return fits && hot != null ? hot.input(0) : null;
  }

  private static @Nullable Value mean(Node mean, Pass pass) {
    Node expand = pass.producer(mean.input(0), Op.EXPAND);
    Constant axes = pass.constant(mean.optionalInput(1));
    if (expand == null || axes == null) {
      return null;
    }
    Shape once = expand.input(0).shape();
    Shape whole = expand.output().shape();
    if (once.rank() != whole.rank()) {
      return null;
    }
    Shape left = whole;
    for (int axis : axes.tensor().toIntArray()) {
      left = left.with(axis, 1);
    }
    return left.equals(once)
        ? pass.builder().reshape(pass.copy(expand.input(0)), mean.output().shape())
        : null;
  }
}
