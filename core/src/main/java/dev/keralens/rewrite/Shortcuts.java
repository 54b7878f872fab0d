package dev.keralens.rewrite;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Results that need no computing: a gradient begins with one at the explained unit and zero
 * elsewhere, and its product with the kernel of the last dense layer is the unit's part of the
 * kernel. Where one number follows as a factor, as for the gradient of a mean, the kernel has it.
 * Where only some units of a dense layer are taken, no more are computed.
 */
final class Shortcuts {
  private Shortcuts() {}

  static Graph rewrite(Graph graph) {
    return Pass.run(
        graph,
        (node, pass) ->
            switch (node.op()) {
              case GEMM -> unit(node, 1, pass);
              case GATHER -> taken(node, pass);
              case MUL -> scaled(node, pass);
              default -> null;
            });
  }

  private static @Nullable Value unit(Node gemm, float factor, Pass pass) {
    Attributes attributes = gemm.attributes();
    Value units = units(gemm.input(0), pass);
    Constant kernel = pass.constant(gemm.input(1));
    if (units == null
        || kernel == null
        || kernel.type() != ElementType.FLOAT32
        || gemm.optionalInput(2) != null
        || attributes.getInt("transA", 0) != 0
        || attributes.getFloat("alpha", 1) != 1) {
      return null;
    }
    GraphBuilder b = pass.builder();
    Value rows = b.reshape(pass.copy(units), Shape.of(gemm.output().shape().size(0)));
    boolean transposed = attributes.getInt("transB", 0) != 0;
    return b.node(
        Op.GATHER,
        Attributes.of("axis", 0),
        transposed || factor != 1
            ? b.constant(gemm.input(1).name() + "/units", byUnit(kernel, transposed, factor))
            : pass.copy(gemm.input(1)),
        rows);
  }

  /** Some columns of a product: the product with these columns of the kernel. */
  private static @Nullable Value taken(Node gather, Pass pass) {
    Value columns = gather.input(1);
    Node gemm = pass.producer(gather.input(0), Op.GEMM);
    if (gemm == null
        || !pass.isReadOnce(gather.input(0))
        || Math.floorMod(gather.attributes().getInt("axis", 0), 2) != 1
        || columns.shape().hasBatch()
        || columns.rank() != 1
        || columns.shape().size(0) >= gemm.output().shape().size(1)
        || pass.constant(gemm.input(1)) == null) {
      return null;
    }
    GraphBuilder b = pass.builder();
    Value bias = gemm.optionalInput(2);
    if (bias != null
        && (pass.constant(bias) == null
            || bias.shape().size(-1) != gemm.output().shape().size(1))) {
      return null;
    }
    int axis = gemm.attributes().getInt("transB", 0) == 0 ? 1 : 0;
    Value chosen = pass.copy(columns);
    Value kernel = b.node(Op.GATHER, Attributes.of("axis", axis), pass.copy(gemm.input(1)), chosen);
    Value biases =
        bias == null
            ? null
            : b.node(Op.GATHER, Attributes.of("axis", bias.rank() - 1), pass.copy(bias), chosen);
    return b.node(Op.GEMM, gemm.attributes(), pass.copy(gemm.input(0)), kernel, biases);
  }

  /** A kernel with a row for each unit, times a number. */
  private static Constant byUnit(Constant kernel, boolean transposed, float factor) {
    int[] shape = kernel.shape();
    int[] rows = transposed ? new int[] {shape[1], shape[0]} : shape;
    return Constant.deferred(
        ElementType.FLOAT32,
        rows,
        () -> {
          Tensor tensor = kernel.tensor();
          float[] values = (transposed ? tensor.transpose(1, 0) : tensor).toFloatArray();
          for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
          }
          return Tensor.of(values, rows);
        });
  }

  private static @Nullable Value scaled(Node mul, Pass pass) {
    for (int i = 0; i < 2; i++) {
      Float factor = BlockedLayout.number(pass.constant(mul.input(i)));
      Value value = mul.input(1 - i);
      if (factor == null || !value.shape().equals(mul.output().shape())) {
        continue;
      }
      Node node = pass.producer(value, Op.RESHAPE, Op.GEMM);
      while (node != null && node.op() == Op.RESHAPE && pass.isReadOnce(value)) {
        value = node.input(0);
        node = pass.producer(value, Op.RESHAPE, Op.GEMM);
      }
      if (node != null && node.op() == Op.GEMM && pass.isReadOnce(value)) {
        Value unit = unit(node, factor, pass);
        return unit == null ? null : pass.builder().reshape(unit, mul.output().shape());
      }
    }
    return null;
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
}
