package dev.keralens.graph;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The operators of ONNX that graphs are made of, with the meaning that operator set {@value #OPSET}
 * gives them.
 *
 * <p>The set is closed: shape inference and differentiation are exhaustive switches over it, so an
 * operator that is added here does not compile until it has its shape and its gradient there.
 */
public enum Op {
  // One input, one output of the same shape.
  ABS("Abs"),
  ACOS("Acos"),
  ACOSH("Acosh"),
  ASIN("Asin"),
  ASINH("Asinh"),
  ATAN("Atan"),
  ATANH("Atanh"),
  CAST("Cast"),
  CEIL("Ceil"),
  CELU("Celu"),
  CLIP("Clip"),
  COS("Cos"),
  COSH("Cosh"),
  ELU("Elu"),
  ERF("Erf"),
  EXP("Exp"),
  FLOOR("Floor"),
  GELU("Gelu"),
  HARD_SIGMOID("HardSigmoid"),
  HARD_SWISH("HardSwish"),
  IDENTITY("Identity"),
  IS_INF("IsInf"),
  IS_NAN("IsNaN"),
  LEAKY_RELU("LeakyRelu"),
  LOG("Log"),
  MISH("Mish"),
  NEG("Neg"),
  NOT("Not"),
  RECIPROCAL("Reciprocal"),
  RELU("Relu"),
  ROUND("Round"),
  SELU("Selu"),
  SHRINK("Shrink"),
  SIGMOID("Sigmoid"),
  SIGN("Sign"),
  SIN("Sin"),
  SINH("Sinh"),
  SOFTPLUS("Softplus"),
  SOFTSIGN("Softsign"),
  SQRT("Sqrt"),
  TAN("Tan"),
  TANH("Tanh"),
  THRESHOLDED_RELU("ThresholdedRelu"),
  // Several inputs that broadcast.
  ADD("Add"),
  AND("And"),
  DIV("Div"),
  EQUAL("Equal"),
  GREATER("Greater"),
  GREATER_OR_EQUAL("GreaterOrEqual"),
  LESS("Less"),
  LESS_OR_EQUAL("LessOrEqual"),
  MAX("Max"),
  MEAN("Mean"),
  MIN("Min"),
  MOD("Mod"),
  MUL("Mul"),
  OR("Or"),
  POW("Pow"),
  PRELU("PRelu"),
  SUB("Sub"),
  SUM("Sum"),
  WHERE("Where"),
  XOR("Xor"),
  // Products of matrices.
  EINSUM("Einsum"),
  GEMM("Gemm"),
  MAT_MUL("MatMul"),
  // Convolution and pooling, channels first.
  AVERAGE_POOL("AveragePool"),
  CONV("Conv"),
  CONV_TRANSPOSE("ConvTranspose"),
  GLOBAL_AVERAGE_POOL("GlobalAveragePool"),
  GLOBAL_MAX_POOL("GlobalMaxPool"),
  LP_POOL("LpPool"),
  MAX_POOL("MaxPool"),
  // Normalization.
  BATCH_NORMALIZATION("BatchNormalization"),
  INSTANCE_NORMALIZATION("InstanceNormalization"),
  LAYER_NORMALIZATION("LayerNormalization"),
  LOG_SOFTMAX("LogSoftmax"),
  LP_NORMALIZATION("LpNormalization"),
  LRN("LRN"),
  SOFTMAX("Softmax"),
  // Along axes.
  ARG_MAX("ArgMax"),
  ARG_MIN("ArgMin"),
  CUM_SUM("CumSum"),
  REDUCE_L1("ReduceL1"),
  REDUCE_L2("ReduceL2"),
  REDUCE_LOG_SUM("ReduceLogSum"),
  REDUCE_LOG_SUM_EXP("ReduceLogSumExp"),
  REDUCE_MAX("ReduceMax"),
  REDUCE_MEAN("ReduceMean"),
  REDUCE_MIN("ReduceMin"),
  REDUCE_PROD("ReduceProd"),
  REDUCE_SUM("ReduceSum"),
  REDUCE_SUM_SQUARE("ReduceSumSquare"),
  TOP_K("TopK"),
  // Rearranging.
  CONCAT("Concat"),
  DEPTH_TO_SPACE("DepthToSpace"),
  EXPAND("Expand"),
  FLATTEN("Flatten"),
  GATHER("Gather"),
  GATHER_ELEMENTS("GatherElements"),
  GATHER_ND("GatherND"),
  ONE_HOT("OneHot"),
  PAD("Pad"),
  RESHAPE("Reshape"),
  RESIZE("Resize"),
  SCATTER_ELEMENTS("ScatterElements"),
  SCATTER_ND("ScatterND"),
  SLICE("Slice"),
  SPACE_TO_DEPTH("SpaceToDepth"),
  SPLIT("Split"),
  SQUEEZE("Squeeze"),
  TILE("Tile"),
  TRANSPOSE("Transpose"),
  TRILU("Trilu"),
  UNSQUEEZE("Unsqueeze");

  /** The version of ONNX's operator set that gives the operators their meaning. */
  public static final int OPSET = 20;

  private static final Map<String, Op> BY_NAME =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(Op::onnxName, Function.identity()));

  private final String onnxName;

  Op(String onnxName) {
    this.onnxName = onnxName;
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
