package dev.keralens.rewrite.float64;

import dev.keralens.element.Elementwise;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A graph in double precision: weights are converted, inputs too, and outputs converted back.
 *
 * <p>ONNX Runtime's CPU kernels compute in double what the first case of {@link #lowered} lists;
 * every other operator is said in those.
 */
public final class Float64 {
  private final GraphBuilder builder = new GraphBuilder();
  private final Map<Value, Value> copies = new HashMap<>();

  private Float64() {}

  public static Graph rewrite(Graph graph) {
    return new Float64().converted(graph);
  }

  private Graph converted(Graph graph) {
    for (Value input : graph.inputs()) {
      Value copy = builder.input(input.name(), input.type(), input.shape());
      copies.put(input, isSingle(input) ? builder.cast(copy, ElementType.FLOAT64) : copy);
    }
    graph
        .constants()
        .forEach(
            (value, constant) ->
                copies.put(value, builder.constant(value.name(), doubled(constant))));
    for (Node node : graph.nodes()) {
      visit(node);
    }
    return builder.build(
        graph.outputs().stream().map(value -> builder.cast(copy(value), value.type())).toList());
  }

  private static boolean isSingle(Value value) {
    return value.type() == ElementType.FLOAT32;
  }

  private static Constant doubled(Constant constant) {
    if (constant.type() != ElementType.FLOAT32) {
      return constant;
    }
    return constant.isHeld()
        ? Constant.of(doubled(constant.tensor()))
        : Constant.deferred(
            ElementType.FLOAT64, constant.shape(), () -> doubled(constant.tensor()));
  }

  private static Tensor doubled(Tensor tensor) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(tensor.elements(), Double.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float number : tensor.toFloatArray()) {
      bytes.putDouble(number);
    }
    return Tensor.wrap(ElementType.FLOAT64, bytes.flip(), tensor.shape());
  }

  private void visit(Node node) {
    String name = node.output().name();
    builder.scope(name.contains("/") ? name.substring(0, name.lastIndexOf('/')) : "");
    List<@Nullable Value> operands = new ArrayList<>();
    node.inputs().forEach(value -> operands.add(value == null ? null : copy(value)));
    Value lowered = isFloating(node) ? lowered(new Lowering(builder, node, operands)) : null;
    if (lowered != null) {
      copies.put(node.output(), lowered);
      return;
    }
    List<Value> results =
        builder.nodes(node.op(), node.attributes(), node.outputs().size(), operands);
    for (int i = 0; i < results.size(); i++) {
      copies.put(node.outputs().get(i), results.get(i));
    }
  }

  private static boolean isFloating(Node node) {
    return node.outputs().stream().anyMatch(Float64::isSingle)
        || node.inputs().stream().anyMatch(value -> value != null && isSingle(value));
  }

  private Value copy(Value value) {
    Value copy = copies.get(value);
    if (copy == null) {
      throw new IllegalStateException(value + " is read before it is computed.");
    }
    return copy;
  }

  /** What stands for the output of a node; null where there is a kernel for doubles. */
  private static @Nullable Value lowered(Lowering n) {
    return switch (n.op()) {
      case ADD,
          AND,
          ARG_MAX,
          ARG_MIN,
          CEIL,
          CONCAT,
          CUM_SUM,
          DEPTH_TO_SPACE,
          DIV,
          EINSUM,
          EQUAL,
          EXPAND,
          FLATTEN,
          FLOOR,
          GATHER,
          GATHER_ELEMENTS,
          GATHER_ND,
          GEMM,
          GREATER,
          GREATER_OR_EQUAL,
          IDENTITY,
          IS_INF,
          IS_NAN,
          LESS,
          LESS_OR_EQUAL,
          LOG_SOFTMAX,
          LP_NORMALIZATION,
          MAT_MUL,
          MAX,
          MAX_POOL,
          MIN,
          MOD,
          MUL,
          NEG,
          NOT,
          OR,
          PAD,
          POW,
          REDUCE_L1,
          REDUCE_L2,
          REDUCE_LOG_SUM,
          REDUCE_LOG_SUM_EXP,
          REDUCE_MAX,
          REDUCE_MEAN,
          REDUCE_MIN,
          REDUCE_PROD,
          REDUCE_SUM,
          REDUCE_SUM_SQUARE,
          RESHAPE,
          ROUND,
          SCATTER_ELEMENTS,
          SCATTER_ND,
          SIGN,
          SLICE,
          SOFTMAX,
          SPACE_TO_DEPTH,
          SPLIT,
          SQUEEZE,
          SUB,
          SUM,
          TILE,
          TOP_K,
          TRANSPOSE,
          TRILU,
          UNSQUEEZE,
          WHERE,
          XOR ->
          null;
      case CAST -> cast(n);
      case ONE_HOT -> oneHot(n);
      case ABS,
          ACOS,
          ACOSH,
          ASIN,
          ASINH,
          ATAN,
          ATANH,
          CELU,
          CLIP,
          COS,
          COSH,
          ELU,
          ERF,
          EXP,
          GELU,
          HARD_SIGMOID,
          HARD_SWISH,
          LEAKY_RELU,
          LOG,
          MISH,
          RECIPROCAL,
          RELU,
          SELU,
          SHRINK,
          SIGMOID,
          SIN,
          SINH,
          SOFTPLUS,
          SOFTSIGN,
          SQRT,
          TAN,
          TANH,
          THRESHOLDED_RELU ->
          Elementwise.inDouble(n.b(), n.node(), n.x());
      case MEAN -> mean(n);
      case PRELU -> prelu(n);
      case CONV -> Float64Windows.conv(n);
      case CONV_TRANSPOSE -> Float64Windows.convTranspose(n);
      case AVERAGE_POOL -> Float64Windows.averagePool(n);
      case LP_POOL -> Float64Windows.lpPool(n);
      case LRN -> Float64Windows.localResponse(n);
      case GLOBAL_AVERAGE_POOL -> n.b().reduceMean(n.x(), true, n.spatialAxes());
      case GLOBAL_MAX_POOL -> n.b().reduce(Op.REDUCE_MAX, n.x(), true, n.spatialAxes());
      case BATCH_NORMALIZATION -> Float64Normalization.batch(n);
      case INSTANCE_NORMALIZATION -> Float64Normalization.instance(n);
      case LAYER_NORMALIZATION -> Float64Normalization.layer(n);
      case RESIZE -> Float64Resize.resize(n);
    };
  }

  private static Value mean(Lowering n) {
    Value sum = n.x();
    int count = n.operands().size();
    for (int i = 1; i < count; i++) {
      sum = n.b().add(sum, n.x(i));
    }
    return n.b().mul(sum, 1.0 / count);
  }

  private static Value prelu(Lowering n) {
    GraphBuilder b = n.b();
    return b.add(b.relu(n.x()), b.mul(b.min(n.x(), n.scalar(0)), n.x(1)));
  }

  /** What is converted to float becomes double. */
  private static Value cast(Lowering n) {
    ElementType type = n.node().output().type();
    return n.b().cast(n.x(), type == ElementType.FLOAT32 ? ElementType.FLOAT64 : type);
  }

  /** Its two values are numbers of single precision, and are only copied. */
  private static Value oneHot(Lowering n) {
    Value values = n.b().cast(n.x(2), ElementType.FLOAT32);
    Attributes attributes = n.node().attributes();
    return n.b()
        .cast(n.b().node(Op.ONE_HOT, attributes, n.x(), n.x(1), values), ElementType.FLOAT64);
  }
}
