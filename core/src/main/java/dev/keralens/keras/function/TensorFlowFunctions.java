package dev.keralens.keras.function;

import static dev.keralens.keras.function.ElementwiseFunctions.binary;
import static dev.keralens.keras.function.ElementwiseFunctions.floating;
import static dev.keralens.keras.function.ElementwiseFunctions.logical;
import static dev.keralens.keras.function.ElementwiseFunctions.typed;
import static dev.keralens.keras.function.ElementwiseFunctions.unary;
import static java.util.Map.entry;

import dev.keralens.graph.Op;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The functions of TensorFlow by the last part of their name, as Keras 2 writes them ({@code
 * TFOpLambda}, {@code SlicingOpLambda}) where a functional model calls a function on its tensors.
 * An alias is a row of its own.
 *
 * <p>To add one, add a row here and a case of {@code TFOpLambda} to {@code LayerGoldenTest}'s data.
 */
public final class TensorFlowFunctions {
  /** Where the functions live; others, such as those of texts, have names in common with them. */
  private static final Set<String> MODULES =
      Set.of(
          "",
          "math",
          "nn",
          "linalg",
          "image",
          "__operators__",
          "compat.v1",
          "compat.v1.math",
          "compat.v1.nn",
          "compat.v1.image",
          "keras.activations",
          "keras.backend");

  public static final Map<String, FunctionBuilder> BY_NAME =
      Map.ofEntries(
          // One value in, one out.
          entry("abs", typed((graph, x) -> graph.abs(x))),
          entry("acos", unary(Op.ACOS)),
          entry("acosh", unary(Op.ACOSH)),
          entry("asin", unary(Op.ASIN)),
          entry("asinh", unary(Op.ASINH)),
          entry("atan", unary(Op.ATAN)),
          entry("atanh", unary(Op.ATANH)),
          entry("cast", ElementwiseFunctions::cast),
          entry("ceil", unary(Op.CEIL)),
          entry("clip_by_value", ElementwiseFunctions::clip),
          entry("cos", unary(Op.COS)),
          entry("cosh", unary(Op.COSH)),
          entry("erf", unary(Op.ERF)),
          entry("exp", unary(Op.EXP)),
          entry("expm1", unary(MathFunctions::expm1)),
          entry("floor", unary(Op.FLOOR)),
          entry("identity", ElementwiseFunctions::identity),
          entry("log", unary(Op.LOG)),
          entry("log1p", unary(MathFunctions::log1p)),
          entry("logical_not", ElementwiseFunctions.not()),
          entry("negative", typed((graph, x) -> graph.neg(x))),
          entry("one_hot", ElementwiseFunctions::oneHot),
          entry("ones_like", ElementwiseFunctions.filled(1)),
          entry("reciprocal", unary(Op.RECIPROCAL)),
          entry("round", unary(Op.ROUND)),
          entry("rsqrt", unary((graph, x) -> graph.node(Op.RECIPROCAL, graph.node(Op.SQRT, x)))),
          entry("sign", unary(Op.SIGN)),
          entry("sin", unary(Op.SIN)),
          entry("sinh", unary(Op.SINH)),
          entry("sqrt", unary(Op.SQRT)),
          entry("square", typed((graph, x) -> graph.mul(x, x))),
          entry("stop_gradient", ElementwiseFunctions::stopGradient),
          entry("tan", unary(Op.TAN)),
          entry("zeros_like", ElementwiseFunctions.filled(0)),
          // Activations.
          entry("elu", ActivationFunctions.named("elu")),
          entry("gelu", ActivationFunctions::gelu),
          entry("leaky_relu", ActivationFunctions::leakyRelu),
          entry("log_sigmoid", ActivationFunctions.named("log_sigmoid")),
          entry("log_softmax", ReductionFunctions.softmax(Op.LOG_SOFTMAX)),
          entry("relu", ActivationFunctions::relu),
          entry("relu6", ActivationFunctions.named("relu6")),
          entry("selu", ActivationFunctions.named("selu")),
          entry("sigmoid", ActivationFunctions.named("sigmoid")),
          entry("silu", ActivationFunctions.named("silu")),
          entry("softmax", ReductionFunctions.softmax(Op.SOFTMAX)),
          entry("softplus", ActivationFunctions.named("softplus")),
          entry("softsign", ActivationFunctions.named("softsign")),
          entry("tanh", ActivationFunctions.named("tanh")),
          // Two values or more.
          entry("add", binary((graph, a, b) -> graph.add(a, b))),
          entry("add_n", ElementwiseFunctions::sumOfList),
          entry("atan2", ElementwiseFunctions::tensorFlowArctan2),
          entry("div", floating((graph, a, b) -> graph.div(a, b))),
          entry("divide_no_nan", floating(MathFunctions::divideNoNan)),
          entry("equal", binary(Op.EQUAL)),
          entry("floor_div", binary(MathFunctions::floorDivide)),
          entry("floormod", binary(MathFunctions::mod)),
          entry("greater", binary(Op.GREATER)),
          entry("greater_equal", binary(Op.GREATER_OR_EQUAL)),
          entry("less", binary(Op.LESS)),
          entry("less_equal", binary(Op.LESS_OR_EQUAL)),
          entry("logical_and", logical(Op.AND)),
          entry("logical_or", logical(Op.OR)),
          entry("maximum", binary((graph, a, b) -> graph.max(a, b))),
          entry("minimum", binary((graph, a, b) -> graph.min(a, b))),
          entry("multiply", binary((graph, a, b) -> graph.mul(a, b))),
          entry("not_equal", binary(MathFunctions::notEqual)),
          entry("pow", floating((graph, a, b) -> graph.node(Op.POW, a, b))),
          entry("squared_difference", binary(MathFunctions::squaredDifference)),
          entry("subtract", binary((graph, a, b) -> graph.sub(a, b))),
          entry("truediv", floating((graph, a, b) -> graph.div(a, b))),
          entry("where", ElementwiseFunctions::where),
          // Along axes.
          entry("argmax", ReductionFunctions.argument(Op.ARG_MAX)),
          entry("argmin", ReductionFunctions.argument(Op.ARG_MIN)),
          entry("argsort", ReductionFunctions::argumentSort),
          entry("cumprod", ReductionFunctions::cumulativeProduct),
          entry("cumsum", ReductionFunctions::cumulativeSum),
          entry("l2_normalize", ReductionFunctions::l2Normalize),
          entry("norm", ReductionFunctions::norm),
          entry("reduce_all", ReductionFunctions.reduce(ReductionFunctions::all)),
          entry("reduce_any", ReductionFunctions.reduce(ReductionFunctions::any)),
          entry("reduce_logsumexp", ReductionFunctions.reduce(ReductionFunctions::logSumExp)),
          entry("reduce_max", ReductionFunctions.reduce(Op.REDUCE_MAX)),
          entry("reduce_mean", ReductionFunctions.reduce(Op.REDUCE_MEAN)),
          entry("reduce_min", ReductionFunctions.reduce(Op.REDUCE_MIN)),
          entry("reduce_prod", ReductionFunctions.reduce(Op.REDUCE_PROD)),
          entry("reduce_std", ReductionFunctions.reduce(ReductionFunctions::deviation)),
          entry("reduce_sum", ReductionFunctions.reduce(Op.REDUCE_SUM)),
          entry("reduce_variance", ReductionFunctions.reduce(ReductionFunctions::variance)),
          entry("sort", ReductionFunctions::sort),
          entry("top_k", ReductionFunctions::topK),
          // Shapes.
          entry("broadcast_to", ShapeFunctions::broadcastTo),
          entry("concat", JoiningFunctions::concatenate),
          entry("depth_to_space", ShapeFunctions::depthToSpace),
          entry("expand_dims", ShapeFunctions::expandDims),
          entry("flip_left_right", ReorderingFunctions.flipped(2)),
          entry("flip_up_down", ReorderingFunctions.flipped(1)),
          entry("gather", IndexFunctions::take),
          entry("getitem", IndexFunctions::getItem),
          entry("pad", IndexFunctions::pad),
          entry("repeat", ReorderingFunctions::repeat),
          entry("reshape", ShapeFunctions::reshape),
          entry("reverse", ReorderingFunctions::flip),
          entry("roll", ReorderingFunctions::roll),
          entry("shape", ShapeFunctions::shape),
          entry("slice", IndexFunctions::slice),
          entry("space_to_depth", ShapeFunctions::spaceToDepth),
          entry("split", JoiningFunctions::split),
          entry("squeeze", ShapeFunctions::squeeze),
          entry("stack", JoiningFunctions::stack),
          entry("tile", ReorderingFunctions::tile),
          entry("transpose", ShapeFunctions::transpose),
          entry("unstack", JoiningFunctions::unstack),
          // Products.
          entry("bias_add", ProductFunctions::biasAdd),
          entry("matmul", ProductFunctions::matmul),
          entry("tensordot", ProductFunctions::tensordot),
          // Networks and pictures.
          entry("avg_pool", NetworkFunctions.pool(Op.AVERAGE_POOL)),
          entry("avg_pool2d", NetworkFunctions.pool(Op.AVERAGE_POOL)),
          entry("conv2d", NetworkFunctions::convolution),
          entry("extract_patches", PictureFunctions::extractPatches),
          entry("max_pool2d", NetworkFunctions.pool(Op.MAX_POOL)),
          entry("resize", PictureFunctions::resize),
          entry("rgb_to_grayscale", PictureFunctions::grayscale));

  private TensorFlowFunctions() {}

  /** {@return the function of a name such as {@code math.reduce_mean}, if it is known} */
  static Optional<FunctionBuilder> find(String name) {
    int dot = name.lastIndexOf('.');
    String module = dot < 0 ? "" : name.substring(0, dot);
    return MODULES.contains(module)
        ? Optional.ofNullable(BY_NAME.get(name.substring(dot + 1)))
        : Optional.empty();
  }
}
