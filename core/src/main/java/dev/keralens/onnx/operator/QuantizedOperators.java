package dev.keralens.onnx.operator;

import dev.keralens.graph.Constant;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Operators of quantized models. Weights in whole numbers become the floats that they stand for,
 * exactly; what rounds the values that a network computes is refused, since no gradient passes it.
 */
final class QuantizedOperators {
  static final Map<String, Operator> TABLE =
      Map.of("DequantizeLinear", QuantizedOperators::dequantize);

  private static final Set<String> ROUNDING =
      Set.of(
          "ConvInteger",
          "DynamicQuantizeLinear",
          "MatMulInteger",
          "QAttention",
          "QGemm",
          "QLinearAdd",
          "QLinearAveragePool",
          "QLinearConcat",
          "QLinearConv",
          "QLinearGlobalAveragePool",
          "QLinearMatMul",
          "QLinearMul",
          "QLinearSigmoid",
          "QuantizeLinear");

  private QuantizedOperators() {}

  /** Refuses an operator that rounds what the network computes. */
  static void refuse(String type) {
    if (ROUNDING.contains(type)) {
      throw new Refusal(
          "it rounds what the network computes to whole numbers, and no gradient passes that;"
              + " explain the float model that this one was quantized from");
    }
  }

  /** (x - zero point) * scale, for all or for each position of an axis. */
  private static List<Known> dequantize(OnnxNode node) {
    Constant x = node.constantOrNull(0);
    Constant scale = node.constantOrNull(1);
    Constant zero = node.has(2) ? node.constantOrNull(2) : null;
    if (x == null || scale == null || (node.has(2) && zero == null)) {
      refuse("QuantizeLinear");
    }
    if (x == null || scale == null) {
      throw new IllegalStateException("refused above");
    }
    int[] shape = x.shape();
    int axis = scale.shape().length == 0 ? 0 : axis(node, shape, scale.shape());
    if (node.intAttribute("block_size", 0) != 0 || !fits(scale.shape(), shape, axis)) {
      throw new Refusal("its scales are those of blocks");
    }
    int inner = Arrays.stream(shape).skip(axis + 1L).reduce(1, Math::multiplyExact);
    Constant folded =
        Constant.deferred(
            ElementType.FLOAT32,
            shape,
            () -> {
              float[] values = x.tensor().toFloatArray();
              float[] scales = scale.tensor().toFloatArray();
              float[] zeros =
                  zero == null ? new float[scales.length] : zero.tensor().toFloatArray();
              for (int i = 0; i < values.length; i++) {
                int at = scales.length == 1 ? 0 : i / inner % scales.length;
                values[i] = (values[i] - zeros[at]) * scales[at];
              }
              return Tensor.of(values, shape);
            });
    return List.of(new Known.Weight(node.outputName(), folded));
  }

  private static int axis(OnnxNode node, int[] shape, int[] scales) {
    boolean one = scales.length == 1 && scales[0] == 1;
    return one ? 0 : OnnxNode.axis(node.longAttribute("axis", 1), shape.length);
  }

  private static boolean fits(int[] scales, int[] shape, int axis) {
    boolean one = Arrays.stream(scales).allMatch(size -> size == 1);
    return one || (scales.length == 1 && scales[0] == shape[axis]);
  }
}
