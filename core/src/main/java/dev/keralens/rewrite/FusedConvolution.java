package dev.keralens.rewrite;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A convolution with the normalization and the activation that follow it, where nobody else reads
 * what is between them.
 *
 * @param conv the convolution; its kernel is a constant
 * @param normalization a batch normalization of constants, as the convolution's bias is then
 * @param activation a ReLU, or a Clip
 */
record FusedConvolution(Node conv, @Nullable Node normalization, @Nullable Node activation) {

  /**
   * {@return the convolution that a node is the end of; null where it is none, or where a node
   * after it belongs to it}
   */
  static @Nullable FusedConvolution endingAt(Node node, Pass pass) {
    FusedConvolution convolution = of(node, pass);
    if (convolution == null || !pass.isReadOnce(node.output())) {
      return convolution;
    }
    FusedConvolution longer = of(pass.readers(node.output()).get(0), pass);
    return longer == null || !longer.conv().equals(convolution.conv()) ? convolution : null;
  }

  private static @Nullable FusedConvolution of(Node last, Pass pass) {
    Node node = last;
    Node activation = null;
    Node normalization = null;
    if (node.op() == Op.RELU || node.op() == Op.CLIP) {
      activation = node;
      node = before(node, pass);
    }
    if (node != null && node.op() == Op.BATCH_NORMALIZATION) {
      normalization = node;
      node = before(node, pass);
    }
    if (node == null || node.op() != Op.CONV || !isFloats(node.input(1), pass)) {
      return null;
    }
    boolean known =
        normalization == null
            || (areFloats(normalization.inputs().subList(1, 5), pass)
                && (node.optionalInput(2) == null || isFloats(node.optionalInput(2), pass)));
    return known ? new FusedConvolution(node, normalization, activation) : null;
  }

  private static @Nullable Node before(Node node, Pass pass) {
    Value x = node.input(0);
    return pass.isReadOnce(x) ? pass.producer(x, Op.CONV, Op.BATCH_NORMALIZATION) : null;
  }

  private static boolean areFloats(List<@Nullable Value> values, Pass pass) {
    return values.stream().allMatch(value -> isFloats(value, pass));
  }

  private static boolean isFloats(@Nullable Value value, Pass pass) {
    Constant constant = pass.constant(value);
    return constant != null && constant.type() == ElementType.FLOAT32;
  }

  /** {@return what is read to compute the kernel} */
  Constant kernel(Pass pass) {
    return Objects.requireNonNull(pass.constant(conv.input(1)));
  }

  /** {@return what each output of the kernel is multiplied with; all ones without normalization} */
  double[] scale(Pass pass) {
    double[] scale = new double[conv.output().shape().size(1)];
    for (int i = 0; i < scale.length; i++) {
      scale[i] = 1;
    }
    if (normalization != null) {
      float[] gamma = numbers(normalization.input(1), pass);
      float[] variance = numbers(normalization.input(4), pass);
      double epsilon = normalization.attributes().getFloat("epsilon", 1e-5f);
      for (int i = 0; i < scale.length; i++) {
        scale[i] = gamma[i] / Math.sqrt(variance[i] + epsilon);
      }
    }
    return scale;
  }

  /** {@return the new value of what is added to each output, or null} */
  @Nullable Value bias(Pass pass) {
    Value bias = conv.optionalInput(2);
    if (normalization == null) {
      return bias == null ? null : pass.copy(bias);
    }
    int channels = conv.output().shape().size(1);
    return pass.builder()
        .constant(
            normalization.input(2).name() + "/folded",
            Constant.deferred(
                ElementType.FLOAT32, new int[] {channels}, () -> normalized(bias, pass)));
  }

  private Tensor normalized(@Nullable Value bias, Pass pass) {
    Node norm = Objects.requireNonNull(normalization);
    double[] scale = scale(pass);
    float[] beta = numbers(norm.input(2), pass);
    float[] mean = numbers(norm.input(3), pass);
    float[] before = bias == null ? new float[mean.length] : numbers(bias, pass);
    float[] folded = new float[mean.length];
    for (int i = 0; i < folded.length; i++) {
      folded[i] = (float) (beta[i] + ((double) before[i] - mean[i]) * scale[i]);
    }
    return Tensor.of(folded, folded.length);
  }

  private static float[] numbers(Value value, Pass pass) {
    return Objects.requireNonNull(pass.constant(value)).tensor().toFloatArray();
  }

  /** {@return the activation of a new value; the value itself where there is none} */
  Value activated(Value value, Pass pass) {
    if (activation == null) {
      return value;
    }
    Value[] operands = new Value[activation.inputs().size()];
    operands[0] = value;
    for (int i = 1; i < operands.length; i++) {
      Value bound = activation.optionalInput(i);
      operands[i] = bound == null ? null : pass.copy(bound);
    }
    return pass.builder().node(activation.op(), activation.attributes(), operands);
  }
}
