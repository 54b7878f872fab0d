package dev.keralens.grad;

import static dev.keralens.grad.Backward.gradients;

import dev.keralens.element.Elementwise;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of every operator: one exhaustive switch, so that an operator without a rule does
 * not compile.
 *
 * <p>{@code none} says that the operator passes no gradient on (it is constant between its jumps,
 * or gives indices); {@code unsupported} says that it would, but that there is no rule for it.
 *
 * <p>To add an operator: a row in {@code Op}, here, in {@code Float64}, and in {@code OperatorRows}
 * of the tests; a function of single elements has its slope in {@code Elementwise}.
 */
final class Rules {
  private Rules() {}

  static List<@Nullable Value> of(Backward n) {
    return switch (n.node().op()) {
      case CEIL, FLOOR, IS_INF, IS_NAN, NOT, ROUND, SIGN -> none();
      case AND, EQUAL, GREATER, GREATER_OR_EQUAL, LESS, LESS_OR_EQUAL, OR, XOR -> none();
      case ARG_MAX, ARG_MIN, ONE_HOT -> none();
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
          gradients(n.times(n.dy(), Elementwise.slope(n.builder(), n.node(), n.x(), n.y())));
      case CAST -> gradients(n.builder().cast(n.dy(), n.x().type()));
      case IDENTITY -> n.attributes().has("stop_gradient") ? none() : gradients(n.dy());
      case NEG -> gradients(n.builder().neg(n.dy()));
      case ADD, SUM -> each(n, n.dy());
      case SUB -> gradients(n.dy(), n.builder().neg(n.dy()));
      case MUL -> gradients(n.times(n.dy(), n.x(1)), n.times(n.dy(), n.x(0)));
      case DIV -> ArithmeticRules.div(n);
      case MAX, MIN -> ArithmeticRules.extremum(n);
      case MEAN -> each(n, n.builder().mul(n.dy(), 1.0 / n.node().inputs().size()));
      case MOD -> ArithmeticRules.mod(n);
      case POW -> ArithmeticRules.pow(n);
      case PRELU -> ArithmeticRules.prelu(n);
      case WHERE -> ArithmeticRules.where(n);
      case EINSUM -> MatrixRules.einsum(n);
      case GEMM -> MatrixRules.gemm(n);
      case MAT_MUL -> MatrixRules.matMul(n);
      case CONV -> ConvolutionRules.conv(n);
      case CONV_TRANSPOSE -> ConvolutionRules.convTranspose(n);
      case AVERAGE_POOL -> PoolingRules.averagePool(n);
      case GLOBAL_AVERAGE_POOL -> ReductionRules.mean(n, ReductionRules.spatialAxes(n.x()));
      case GLOBAL_MAX_POOL -> ReductionRules.extremum(n);
      case LP_POOL -> PoolingRules.lpPool(n);
      case MAX_POOL -> MaxPooling.maxPool(n);
      case BATCH_NORMALIZATION -> NormalizationRules.batch(n);
      case INSTANCE_NORMALIZATION -> NormalizationRules.instance(n);
      case LAYER_NORMALIZATION -> NormalizationRules.layer(n);
      case LP_NORMALIZATION -> NormalizationRules.lp(n);
      case LRN -> NormalizationRules.lrn(n);
      case LOG_SOFTMAX -> NormalizationRules.logSoftmax(n);
      case SOFTMAX -> NormalizationRules.softmax(n);
      case CUM_SUM -> RearrangingRules.cumSum(n);
      case REDUCE_L1 -> ReductionRules.absoluteSum(n);
      case REDUCE_L2 -> ReductionRules.norm(n);
      case REDUCE_LOG_SUM -> ReductionRules.logSum(n);
      case REDUCE_LOG_SUM_EXP -> ReductionRules.logSumExp(n);
      case REDUCE_MAX, REDUCE_MIN -> ReductionRules.extremum(n);
      case REDUCE_MEAN -> ReductionRules.mean(n);
      case REDUCE_PROD -> ReductionRules.product(n);
      case REDUCE_SUM -> ReductionRules.sum(n);
      case REDUCE_SUM_SQUARE -> ReductionRules.sumOfSquares(n);
      case CONCAT -> RearrangingRules.concat(n);
      case DEPTH_TO_SPACE -> RearrangingRules.depthToSpace(n);
      case SPACE_TO_DEPTH -> RearrangingRules.spaceToDepth(n);
      case EXPAND -> gradients(n.dy());
      case FLATTEN, RESHAPE, SQUEEZE, UNSQUEEZE ->
          gradients(n.builder().reshape(n.dy(), n.gradientShape(0)));
      case GATHER -> IndexingRules.gather(n);
      case GATHER_ELEMENTS -> ScatteringRules.gatherElements(n);
      case GATHER_ND -> ScatteringRules.gatherNd(n);
      case SCATTER_ELEMENTS -> ScatteringRules.scatterElements(n);
      case SCATTER_ND -> ScatteringRules.scatterNd(n);
      case TOP_K -> ScatteringRules.topK(n);
      case PAD -> IndexingRules.pad(n);
      case RESIZE -> ResizeRules.resize(n);
      case SLICE -> IndexingRules.slice(n);
      case SPLIT -> RearrangingRules.split(n);
      case TILE -> RearrangingRules.tile(n);
      case TRANSPOSE -> RearrangingRules.transpose(n);
      case TRILU -> gradients(n.builder().node(n.node().op(), n.attributes(), n.dy(), band(n)));
    };
  }

  private static List<@Nullable Value> none() {
    return List.of();
  }

  private static List<@Nullable Value> each(Backward n, Value gradient) {
    @Nullable Value[] out = new @Nullable Value[n.node().inputs().size()];
    Arrays.fill(out, gradient);
    return gradients(out);
  }

  private static @Nullable Value band(Backward n) {
    return n.node().optionalInput(1);
  }

  /** The product of the sizes of some axes, none of which is the batch's. */
  static int count(Shape shape, int... axes) {
    int product = 1;
    for (int axis : axes) {
      product *= shape.size(axis);
    }
    return product;
  }
}
