package dev.keralens.onnx.operator;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Operators that work on each element by itself, where graphs have no operator for them. */
final class ElementwiseOperators {
  static final Map<String, Operator> TABLE =
      Map.of("Swish", ElementwiseOperators::swish, "Erfc", ElementwiseOperators::erfc);

  private ElementwiseOperators() {}

  /** x sigmoid(alpha x). */
  private static List<Known> swish(OnnxNode node) {
    GraphBuilder b = node.builder();
    Value x = node.value(0);
    float alpha = node.floatAttribute("alpha", 1);
    Value scaled = alpha == 1 ? x : b.mul(x, b.cast(b.constant(Tensor.scalar(alpha)), x.type()));
    return OnnxNode.one(b.mul(x, b.node(Op.SIGMOID, scaled)));
  }

  /**
   * 1 - erf(x). ONNX has no such operator: tf2onnx leaves TensorFlow's in the file, which is in
   * every GELU of Keras.
   */
  private static List<Known> erfc(OnnxNode node) {
    GraphBuilder b = node.builder();
    Value x = node.value(0);
    Value one = b.cast(b.constant(Tensor.scalar(1)), x.type());
    return OnnxNode.one(b.sub(one, b.node(Op.ERF, x)));
  }
}
