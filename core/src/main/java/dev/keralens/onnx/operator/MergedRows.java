package dev.keralens.onnx.operator;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Rows in which the batch is not the outer axis: PyTorch's attention has (places, batch, features),
 * and goes through one product as (places * batch, features).
 *
 * <p>Graphs keep the rows of an image together, so the value stays (places, batch, features) there,
 * and what is done to the features is done to that. Anything else is refused until the file takes
 * the two axes apart again.
 */
final class MergedRows {
  static final Map<String, Operator> TABLE =
      Map.of(
          "Add", MergedRows::add,
          "Cast", node -> List.of(node.known(0)),
          "Gemm", MergedRows::gemm,
          "Identity", node -> List.of(node.known(0)),
          "MatMul", MergedRows::matMul,
          "Reshape", MergedRows::apart,
          "Shape", ConstantOperators::shape);

  private MergedRows() {}

  /**
   * {@return whether a reshape puts the batch behind other rows}
   *
   * @param from the shape before, the batch on its second axis or a later one
   * @param target the shape after; a batch that the file fixes is multiplied into the axis where it
   *     begins, and hidden instead if that is the features'
   * @param freesBatch whether the file fixes the batch
   */
  static boolean hides(Shape from, Shape target, boolean freesBatch) {
    if (!from.hasBatch() || !target.hasBatch() || places(from) < 2 || target.rank() < 2) {
      return false;
    }
    boolean free = target.size(0) == -places(from);
    boolean fixed =
        freesBatch
            && target.rank() == 2
            && target.size(0) == places(from)
            && target.size(1) < Shape.BATCH;
    return from.size(from.batchAxis()) == Shape.BATCH && (free || fixed);
  }

  private static int places(Shape shape) {
    int[] before = Arrays.copyOf(shape.sizes(), shape.batchAxis());
    return Math.toIntExact(Tensor.elements(before));
  }

  /** {@return a value reshaped so that its batch is hidden} */
  static List<Known> together(OnnxNode node, Shape target) {
    int places = places(node.shape(0));
    Shape shown = target.size(0) < 0 ? target : target.with(1, -target.size(1));
    Shape inside = shown.with(0, Shape.BATCH).insert(0, places);
    return List.of(new Known.Merged(node.builder().reshape(node.value(0), inside), shown));
  }

  private static Known.Merged rows(OnnxNode node) {
    if (node.known(0) instanceof Known.Merged merged) {
      return merged;
    }
    throw new Refusal("its second operand has the batch behind other rows");
  }

  /** The places and the batch become axes of their own again. */
  private static List<Known> apart(OnnxNode node) {
    Known.Merged rows = rows(node);
    Shape inside = rows.value().shape();
    Shape target = Reshaping.target(rows.shape(), node);
    boolean isApart =
        target.rank() > 1
            && target.size(0) == inside.size(0)
            && (target.size(1) == Shape.BATCH || (node.freesBatch() && target.size(1) == 1));
    if (!isApart) {
      throw new Refusal("it reshapes rows in which the batch is not the outer axis");
    }
    Shape result = target.with(1, Shape.BATCH);
    return OnnxNode.one(node.builder().reshape(rows.value(), result));
  }

  private static List<Known> gemm(OnnxNode node) {
    GraphBuilder b = node.builder();
    Value kernel = parameter(node, 1, 2);
    if (node.intAttribute("transA", 0) != 0) {
      throw new Refusal("it transposes rows in which the batch is not the outer axis");
    }
    Value right = node.intAttribute("transB", 0) != 0 ? b.transpose(kernel, 1, 0) : kernel;
    float alpha = node.floatAttribute("alpha", 1);
    Value product = b.matMul(rows(node).value(), right);
    Value scaled = alpha == 1 ? product : b.mul(product, alpha);
    if (!node.has(2)) {
      return like(node, scaled);
    }
    float beta = node.floatAttribute("beta", 1);
    Value bias = parameter(node, 2, 1);
    return like(node, b.add(scaled, beta == 1 ? bias : b.mul(bias, beta)));
  }

  private static List<Known> matMul(OnnxNode node) {
    return like(node, node.builder().matMul(rows(node).value(), parameter(node, 1, 2)));
  }

  private static List<Known> add(OnnxNode node) {
    boolean first = node.known(0) instanceof Known.Merged;
    Known other = node.known(first ? 1 : 0);
    GraphBuilder b = node.builder();
    if (other instanceof Known.Merged both
        && node.known(first ? 0 : 1) instanceof Known.Merged own) {
      return like(node, b.node(Op.ADD, own.value(), both.value()));
    }
    Known.Merged rows = (Known.Merged) node.known(first ? 0 : 1);
    Value sum = b.add(rows.value(), parameter(node, first ? 1 : 0, 1));
    return List.of(new Known.Merged(sum, rows.shape()));
  }

  /** An operand that is the same for all rows. */
  private static Value parameter(OnnxNode node, int input, int rank) {
    Value value = node.value(input);
    if (value.shape().hasBatch() || value.rank() > rank) {
      throw new Refusal("its operands have the batch on different axes");
    }
    return value;
  }

  private static List<Known> like(OnnxNode node, Value value) {
    Shape shown = rows(node).shape();
    return List.of(new Known.Merged(value, shown.with(-1, value.shape().size(-1))));
  }
}
