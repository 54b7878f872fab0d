package dev.keralens.grad;

import static dev.keralens.grad.Backward.gradients;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Gradients of normalizations and of softmax. */
final class NormalizationRules {
  private NormalizationRules() {}

  /** At inference, batch normalization is a scale per channel: gamma / sqrt(variance + epsilon). */
  static List<@Nullable Value> batch(Backward n) {
    GraphBuilder b = n.builder();
    Constant gamma = b.constantOf(n.x(1));
    Constant variance = b.constantOf(n.x(4));
    if (gamma == null || variance == null || gamma.type() != ElementType.FLOAT32) {
      Value scale = b.div(n.x(1), deviation(n, n.x(4)));
      return gradients(b.mul(n.dy(), perChannel(n, scale)));
    }
    double epsilon = n.attributes().getFloat("epsilon", 1e-5f);
    int[] shape = new int[n.x().rank() - 1];
    Arrays.fill(shape, 1);
    shape[0] = gamma.shape()[0];
    Constant scale =
        Constant.deferred(
            ElementType.FLOAT32,
            shape,
            () -> scale(gamma.tensor(), variance.tensor(), epsilon, shape));
    return gradients(b.mul(n.dy(), b.constant(n.x(1).name() + "/scale", scale)));
  }

  private static Tensor scale(Tensor gamma, Tensor variance, double epsilon, int[] shape) {
    float[] numbers = gamma.toFloatArray();
    float[] spread = variance.toFloatArray();
    for (int c = 0; c < numbers.length; c++) {
      numbers[c] = (float) (numbers[c] / Math.sqrt(spread[c] + epsilon));
    }
    return Tensor.of(numbers, shape);
  }

  private static Value deviation(Backward n, Value variance) {
    double epsilon = n.attributes().getFloat("epsilon", 1e-5f);
    GraphBuilder b = n.builder();
    return b.node(Op.SQRT, b.add(variance, b.scalar(epsilon, variance.type())));
  }

  /** A vector of the channels' numbers, to be multiplied with images. */
  private static Value perChannel(Backward n, Value vector) {
    Shape shape = vector.shape();
    while (shape.rank() < n.x().rank() - 1) {
      shape = shape.insert(1, 1);
    }
    return n.builder().reshape(vector, shape);
  }

  static List<@Nullable Value> layer(Backward n) {
    int rank = n.x().rank();
    int axis = n.attributes().getInt("axis", -1);
    int[] axes = IntStream.range(axis < 0 ? axis + rank : axis, rank).toArray();
    return standardized(n, n.builder().mul(n.dy(), n.x(1)), axes);
  }

  static List<@Nullable Value> instance(Backward n) {
    int[] axes = ReductionRules.spatialAxes(n.x());
    return standardized(n, n.builder().mul(n.dy(), perChannel(n, n.x(1))), axes);
  }

  /** With z = (x - mean) / sd: dx = (dz - mean(dz) - z mean(dz z)) / sd. */
  private static List<@Nullable Value> standardized(Backward n, Value dz, int[] axes) {
    GraphBuilder b = n.builder();
    Value centred = b.sub(n.x(), b.reduceMean(n.x(), true, axes));
    Value variance = b.reduceMean(b.mul(centred, centred), true, axes);
    Value inverse = b.node(Op.RECIPROCAL, deviation(n, variance));
    Value z = b.mul(centred, inverse);
    Value along = n.times(b.reduceMean(n.times(dz, z), true, axes), z);
    Value rest = b.sub(b.sub(dz, b.reduceMean(dz, true, axes)), along);
    return gradients(n.times(rest, inverse));
  }

  /** y = x / |x|: dx = (dy - z sum(dy y)) / |x|, where z is the gradient of the norm. */
  static List<@Nullable Value> lp(Backward n) {
    GraphBuilder b = n.builder();
    int axis = n.attributes().getInt("axis", -1);
    boolean absolute = n.attributes().getInt("p", 2) == 1;
    Op op = absolute ? Op.REDUCE_L1 : Op.REDUCE_L2;
    Value norm = ReductionRules.notZero(b, b.reduce(op, n.x(), true, axis));
    Value z = absolute ? b.node(Op.SIGN, n.x()) : n.y();
    Value sum = b.reduceSum(n.times(n.dy(), n.y()), true, axis);
    return gradients(n.times(b.sub(n.dy(), n.times(sum, z)), b.node(Op.RECIPROCAL, norm)));
  }

  /**
   * y = x s^-beta, where s = bias + alpha mean(x^2) over neighbouring channels: dx = dy s^-beta - 2
   * alpha beta x mean'(dy y / s), where mean' is the mean over those whose neighbour x is.
   */
  static List<@Nullable Value> lrn(Backward n) {
    GraphBuilder b = n.builder();
    int size = n.attributes().getInt("size", 1);
    double alpha = n.attributes().getFloat("alpha", 1e-4f);
    double beta = n.attributes().getFloat("beta", 0.75f);
    int before = (size - 1) / 2;
    Value mean = channelMean(b, b.mul(n.x(), n.x()), size, before);
    double bias = n.attributes().getFloat("bias", 1);
    Value s = b.add(b.mul(mean, alpha), b.scalar(bias, mean.type()));
    Value own = n.times(n.dy(), b.node(Op.POW, s, b.scalar(-beta, s.type())));
    Value from = channelMean(b, n.times(n.dy(), b.div(n.y(), s)), size, size - 1 - before);
    return gradients(b.sub(own, n.times(b.mul(from, 2 * alpha * beta), n.x())));
  }

  /** The mean over a window of channels, those beyond the ends counted as zero. */
  private static Value channelMean(GraphBuilder b, Value x, int size, int before) {
    Shape shape = x.shape();
    int area = (int) (shape.elements() / Math.abs(shape.size(0)) / shape.size(1));
    Attributes attributes =
        Attributes.of("kernel_shape", size, 1)
            .with("pads", before, 0, size - 1 - before, 0)
            .with("count_include_pad", 1);
    Value image = b.reshape(x, Shape.of(shape.size(0), 1, shape.size(1), area));
    return b.reshape(b.node(Op.AVERAGE_POOL, attributes, image), shape);
  }

  static List<@Nullable Value> softmax(Backward n) {
    int axis = n.attributes().getInt("axis", -1);
    Value weighted = n.times(n.dy(), n.y());
    GraphBuilder b = n.builder();
    return gradients(n.times(b.sub(n.dy(), b.reduceSum(weighted, true, axis)), n.y()));
  }

  static List<@Nullable Value> logSoftmax(Backward n) {
    int axis = n.attributes().getInt("axis", -1);
    GraphBuilder b = n.builder();
    Value sum = b.reduceSum(n.dy(), true, axis);
    return gradients(b.sub(n.dy(), n.times(sum, b.node(Op.EXP, n.y()))));
  }
}
