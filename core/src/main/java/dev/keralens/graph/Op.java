package dev.keralens.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The operators of ONNX that graphs are made of, with the meaning that operator set {@value #OPSET}
 * gives them.
 *
 * <p>The set is closed: an operator is a row here, with the rule of its shapes; gradients and
 * double precision are exhaustive switches, so what is added here does not compile until it has
 * them.
 */
public enum Op {
  // One input, one output of the same shape.
  ABS("Abs", ShapeInference::same),
  ACOS("Acos", ShapeInference::same),
  ACOSH("Acosh", ShapeInference::same),
  ASIN("Asin", ShapeInference::same),
  ASINH("Asinh", ShapeInference::same),
  ATAN("Atan", ShapeInference::same),
  ATANH("Atanh", ShapeInference::same),
  CAST("Cast", ShapeInference::cast),
  CEIL("Ceil", ShapeInference::same),
  CELU("Celu", ShapeInference::same),
  CLIP("Clip", BroadcastShapes::infer),
  COS("Cos", ShapeInference::same),
  COSH("Cosh", ShapeInference::same),
  ELU("Elu", ShapeInference::same),
  ERF("Erf", ShapeInference::same),
  EXP("Exp", ShapeInference::same),
  FLOOR("Floor", ShapeInference::same),
  GELU("Gelu", ShapeInference::same),
  HARD_SIGMOID("HardSigmoid", ShapeInference::same),
  HARD_SWISH("HardSwish", ShapeInference::same),
  IDENTITY("Identity", ShapeInference::same),
  IS_INF("IsInf", ShapeInference::truth),
  IS_NAN("IsNaN", ShapeInference::truth),
  LEAKY_RELU("LeakyRelu", ShapeInference::same),
  LOG("Log", ShapeInference::same),
  MISH("Mish", ShapeInference::same),
  NEG("Neg", ShapeInference::same),
  NOT("Not", ShapeInference::same),
  RECIPROCAL("Reciprocal", ShapeInference::same),
  RELU("Relu", ShapeInference::same),
  ROUND("Round", ShapeInference::same),
  SELU("Selu", ShapeInference::same),
  SHRINK("Shrink", ShapeInference::same),
  SIGMOID("Sigmoid", ShapeInference::same),
  SIGN("Sign", ShapeInference::same),
  SIN("Sin", ShapeInference::same),
  SINH("Sinh", ShapeInference::same),
  SOFTPLUS("Softplus", ShapeInference::same),
  SOFTSIGN("Softsign", ShapeInference::same),
  SQRT("Sqrt", ShapeInference::same),
  TAN("Tan", ShapeInference::same),
  TANH("Tanh", ShapeInference::same),
  THRESHOLDED_RELU("ThresholdedRelu", ShapeInference::same),
  // Several inputs that broadcast.
  ADD("Add", BroadcastShapes::infer),
  AND("And", BroadcastShapes::infer),
  DIV("Div", BroadcastShapes::infer),
  EQUAL("Equal", BroadcastShapes::infer),
  GREATER("Greater", BroadcastShapes::infer),
  GREATER_OR_EQUAL("GreaterOrEqual", BroadcastShapes::infer),
  LESS("Less", BroadcastShapes::infer),
  LESS_OR_EQUAL("LessOrEqual", BroadcastShapes::infer),
  MAX("Max", BroadcastShapes::infer),
  MEAN("Mean", BroadcastShapes::infer),
  MIN("Min", BroadcastShapes::infer),
  MOD("Mod", BroadcastShapes::infer),
  MUL("Mul", BroadcastShapes::infer),
  OR("Or", BroadcastShapes::infer),
  POW("Pow", BroadcastShapes::infer),
  PRELU("PRelu", BroadcastShapes::infer),
  SUB("Sub", BroadcastShapes::infer),
  SUM("Sum", BroadcastShapes::infer),
  WHERE("Where", BroadcastShapes::infer),
  XOR("Xor", BroadcastShapes::infer),
  // Products of matrices.
  EINSUM("Einsum", ProductShapes::einsum),
  GEMM("Gemm", ProductShapes::gemm),
  MAT_MUL("MatMul", ProductShapes::matMul),
  // Convolution and pooling, channels first.
  AVERAGE_POOL("AveragePool", WindowShapes::types),
  CONV("Conv", WindowShapes::types),
  CONV_TRANSPOSE("ConvTranspose", WindowShapes::types),
  GLOBAL_AVERAGE_POOL("GlobalAveragePool", WindowShapes::globalTypes),
  GLOBAL_MAX_POOL("GlobalMaxPool", WindowShapes::globalTypes),
  LP_POOL("LpPool", WindowShapes::types),
  MAX_POOL("MaxPool", WindowShapes::types),
  // Normalization.
  BATCH_NORMALIZATION("BatchNormalization", NormalizationShapes::batch),
  INSTANCE_NORMALIZATION("InstanceNormalization", NormalizationShapes::instance),
  LAYER_NORMALIZATION("LayerNormalization", NormalizationShapes::layer),
  LOG_SOFTMAX("LogSoftmax", NormalizationShapes::alongAxis),
  LP_NORMALIZATION("LpNormalization", NormalizationShapes::alongAxis),
  LRN("LRN", NormalizationShapes::localResponse),
  SOFTMAX("Softmax", NormalizationShapes::alongAxis),
  // Along axes.
  ARG_MAX("ArgMax", ReductionShapes::infer),
  ARG_MIN("ArgMin", ReductionShapes::infer),
  CUM_SUM("CumSum", ReductionShapes::infer),
  REDUCE_L1("ReduceL1", ReductionShapes::infer),
  REDUCE_L2("ReduceL2", ReductionShapes::infer),
  REDUCE_LOG_SUM("ReduceLogSum", ReductionShapes::infer),
  REDUCE_LOG_SUM_EXP("ReduceLogSumExp", ReductionShapes::infer),
  REDUCE_MAX("ReduceMax", ReductionShapes::infer),
  REDUCE_MEAN("ReduceMean", ReductionShapes::infer),
  REDUCE_MIN("ReduceMin", ReductionShapes::infer),
  REDUCE_PROD("ReduceProd", ReductionShapes::infer),
  REDUCE_SUM("ReduceSum", ReductionShapes::infer),
  REDUCE_SUM_SQUARE("ReduceSumSquare", ReductionShapes::infer),
  TOP_K("TopK", ReductionShapes::infer),
  // Rearranging.
  CONCAT("Concat", RearrangingShapes::concat),
  DEPTH_TO_SPACE("DepthToSpace", BlockShapes::depthToSpace),
  EXPAND("Expand", RearrangingShapes::expand),
  FLATTEN("Flatten", RearrangingShapes::flatten),
  GATHER("Gather", IndexingShapes::gather),
  GATHER_ELEMENTS("GatherElements", IndexingShapes::gatherElements),
  GATHER_ND("GatherND", IndexingShapes::gatherNd),
  ONE_HOT("OneHot", IndexingShapes::oneHot),
  PAD("Pad", RearrangingShapes::pad),
  RESHAPE("Reshape", RearrangingShapes::reshape),
  RESIZE("Resize", RearrangingShapes::resize),
  SCATTER_ELEMENTS("ScatterElements", IndexingShapes::scatterElements),
  SCATTER_ND("ScatterND", IndexingShapes::scatterNd),
  SLICE("Slice", IndexingShapes::slice),
  SPACE_TO_DEPTH("SpaceToDepth", BlockShapes::spaceToDepth),
  SPLIT("Split", RearrangingShapes::split),
  SQUEEZE("Squeeze", RearrangingShapes::squeeze),
  TILE("Tile", RearrangingShapes::tile),
  TRANSPOSE("Transpose", RearrangingShapes::transpose),
  TRILU("Trilu", RearrangingShapes::trilu),
  UNSQUEEZE("Unsqueeze", RearrangingShapes::unsqueeze);

  /** The version of ONNX's operator set that gives the operators their meaning. */
  public static final int OPSET = 20;

  private static final Map<String, Op> BY_NAME =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(Op::onnxName, Function.identity()));

  /** Says the types and shapes of what a node gives. */
  interface ShapeRule {
    List<ValueType> infer(ShapeInference node);
  }

  private final String onnxName;

  @SuppressWarnings("ImmutableEnumChecker") // All are references to methods.
  private final ShapeRule shapes;

  Op(String onnxName, ShapeRule shapes) {
    this.onnxName = onnxName;
    this.shapes = shapes;
  }

  /** {@return the types and shapes of what a node of the operator gives} */
  ShapeRule shapes() {
    return shapes;
  }

  /** {@return the operator's name in ONNX} */
  public String onnxName() {
    return onnxName;
  }

  /**
   * {@return the operator of a name, or nothing where graphs cannot hold it}
   *
   * @param onnxName the operator's name in ONNX's own domain
   */
  public static Optional<Op> byOnnxName(String onnxName) {
    return Optional.ofNullable(BY_NAME.get(onnxName));
  }
}
