package dev.keralens.grad;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * DeepLIFT's multipliers of operators that join elements and are not linear: each is taken as the
 * operators that it is written of, with the rules of these ({@link Rescale}). Sums stay exact.
 *
 * <p>Values for the reference have the suffix 0.
 */
final class RescaleJoined {
  /** Below this, two numbers are one, and the slope between them is the gradient. */
  private static final float SMALL = 1e-4f;

  private final Backward n;
  private final GraphBuilder b;
  private final Value x;
  private final Value x0;

  RescaleJoined(Backward node, Value reference) {
    this.n = node;
    this.b = node.builder();
    this.x = node.x();
    this.x0 = reference;
  }

  private Value middle(Value value, Value value0) {
    return b.mul(b.add(value, value0), 0.5);
  }

  /** (f - f0) / (v - v0); the gradient where both are one. */
  private Value slope(Value f, Value f0, Value v, Value v0, Value gradient) {
    Value change = b.sub(v, v0);
    Value same = b.node(Op.LESS, b.abs(change), b.scalar(SMALL, change.type()));
    Value over = b.where(same, b.scalar(1, change.type()), change);
    return b.where(same, gradient, b.div(b.sub(f, f0), over));
  }

  private int axis() {
    return Math.floorMod(n.attributes().getInt("axis", -1), x.rank());
  }

  /** e to the power of the logarithm of softmax: all slopes are bounded so. */
  List<@Nullable Value> softmax() {
    Exponents e = exponents();
    Value rise = slope(n.y(), e.result0(), e.log(), e.log0(), n.y());
    return Backward.gradients(lessSum(n.times(n.dy(), rise), e));
  }

  /** x less the logarithm of the sum of e^x. */
  List<@Nullable Value> logSoftmax() {
    return Backward.gradients(lessSum(n.dy(), exponents()));
  }

  private Value lessSum(Value dy, Exponents e) {
    return b.sub(dy, n.times(b.reduceSum(dy, true, axis()), e.slope()));
  }

  /**
   * The logarithms of softmax, softmax for the reference, and what each element counts for the
   * logarithm of the sum of e^x.
   */
  private record Exponents(Value log, Value log0, Value result0, Value slope) {}

  /**
   * Both are shifted by one number, which changes nothing; logarithms by the highest of their own.
   */
  private Exponents exponents() {
    Value highest = b.reduce(Op.REDUCE_MAX, x, true, axis());
    Value highest0 = b.reduce(Op.REDUCE_MAX, x0, true, axis());
    Value shift = b.max(highest, highest0);
    Value each = b.node(Op.EXP, b.sub(x, shift));
    Value each0 = b.node(Op.EXP, b.sub(x0, shift));
    Value sum = b.reduceSum(each, true, axis());
    Value sum0 = b.reduceSum(each0, true, axis());
    Value logSum = logSum(x, highest);
    Value logSum0 = logSum(x0, highest0);
    Value ofSum =
        slope(
            b.sub(logSum, shift),
            b.sub(logSum0, shift),
            sum,
            sum0,
            b.node(Op.RECIPROCAL, middle(sum, sum0)));
    Value ofEach = slope(each, each0, x, x0, middle(each, each0));
    Value log0 = b.sub(x0, logSum0);
    return new Exponents(b.sub(x, logSum), log0, b.node(Op.EXP, log0), b.mul(ofSum, ofEach));
  }

  /** The logarithm of the sum of e to the power of each. */
  private Value logSum(Value exponents, Value highest) {
    Value sum = b.reduceSum(b.node(Op.EXP, b.sub(exponents, highest)), true, axis());
    return b.add(highest, b.node(Op.LOG, sum));
  }

  /** Layer normalization. */
  List<@Nullable Value> layer() {
    int[] axes = IntStream.range(axis(), x.rank()).toArray();
    return standardized(b.mul(n.dy(), n.x(1)), axes);
  }

  /**
   * With d = x - mean(x), v = mean(d d) + epsilon and r = 1 / sqrt(v), of z = d r: two products and
   * a root, whose slope is -1 / (sqrt(v v0) (sqrt(v) + sqrt(v0))).
   */
  private List<@Nullable Value> standardized(Value dz, int[] axes) {
    Value d = b.sub(x, b.reduceMean(x, true, axes));
    Value d0 = b.sub(x0, b.reduceMean(x0, true, axes));
    Value root = deviation(d, axes);
    Value root0 = deviation(d0, axes);
    Value between = middle(d, d0);
    Value inverse = middle(b.node(Op.RECIPROCAL, root), b.node(Op.RECIPROCAL, root0));
    Value slope = b.neg(b.node(Op.RECIPROCAL, b.mul(b.mul(root, root0), b.add(root, root0))));
    double count = 1;
    for (int axis : axes) {
      count *= x.shape().size(axis);
    }
    Value ofRoot = b.reduceSum(n.times(dz, between), true, axes);
    Value ofSquares = n.times(ofRoot, b.mul(b.mul(slope, between), 2 / count));
    Value ofCentred = b.add(n.times(dz, inverse), ofSquares);
    return Backward.gradients(b.sub(ofCentred, b.reduceMean(ofCentred, true, axes)));
  }

  private Value deviation(Value centred, int[] axes) {
    double epsilon = n.attributes().getFloat("epsilon", 1e-5f);
    Value variance = b.reduceMean(b.mul(centred, centred), true, axes);
    return b.node(Op.SQRT, b.add(variance, b.scalar(epsilon, variance.type())));
  }
}
