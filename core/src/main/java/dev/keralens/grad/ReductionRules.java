package dev.keralens.grad;

import static dev.keralens.grad.Backward.gradients;

import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Gradients of sums, means and extrema over axes. */
final class ReductionRules {
  private ReductionRules() {}

  static int[] spatialAxes(Value x) {
    return IntStream.range(2, x.rank()).toArray();
  }

  static List<@Nullable Value> sum(Backward n) {
    return gradients(n.expand(kept(n, n.dy(), axes(n)), 0));
  }

  static List<@Nullable Value> mean(Backward n) {
    return mean(n, axes(n));
  }

  static List<@Nullable Value> absoluteSum(Backward n) {
    return weighted(n, n.builder().node(Op.SIGN, n.x()));
  }

  static List<@Nullable Value> norm(Backward n) {
    GraphBuilder b = n.builder();
    int[] axes = axes(n);
    return gradients(
        n.times(kept(n, n.dy(), axes), b.div(n.x(), notZero(b, keptForward(n, axes)))));
  }

  static List<@Nullable Value> sumOfSquares(Backward n) {
    return weighted(n, n.builder().mul(n.x(), 2));
  }

  static List<@Nullable Value> logSum(Backward n) {
    GraphBuilder b = n.builder();
    int[] axes = axes(n);
    Value inverse = b.node(Op.EXP, b.neg(keptForward(n, axes)));
    return gradients(n.expand(n.times(kept(n, n.dy(), axes), inverse), 0));
  }

  static List<@Nullable Value> logSumExp(Backward n) {
    GraphBuilder b = n.builder();
    int[] axes = axes(n);
    Value weights = b.node(Op.EXP, b.sub(n.x(), keptForward(n, axes)));
    return gradients(n.times(kept(n, n.dy(), axes), weights));
  }

  static List<@Nullable Value> product(Backward n) {
    int[] axes = axes(n);
    return gradients(n.times(kept(n, n.dy(), axes), others(n, axes)));
  }

  private static List<@Nullable Value> weighted(Backward n, Value weights) {
    return gradients(n.times(kept(n, n.dy(), axes(n)), weights));
  }

  /** The product of the other elements; where one of them is zero, zero. */
  private static Value others(Backward n, int... axes) {
    GraphBuilder b = n.builder();
    Value zero = b.cast(b.node(Op.EQUAL, n.x(), b.scalar(0, n.x().type())), n.x().type());
    Value filled = b.add(n.x(), zero);
    Value alone = b.node(Op.EQUAL, b.reduceSum(zero, true, axes), zero);
    Value product = b.div(b.reduce(Op.REDUCE_PROD, filled, true, axes), filled);
    return b.mul(b.cast(alone, n.x().type()), product);
  }

  /** A norm to divide by: where it is zero, so is what it divides, and the gradient is zero. */
  static Value notZero(GraphBuilder b, Value norm) {
    Value zero = b.scalar(0, norm.type());
    return b.add(norm, b.cast(b.node(Op.EQUAL, norm, zero), norm.type()));
  }

  static List<@Nullable Value> mean(Backward n, int... axes) {
    Value share = n.builder().mul(n.dy(), 1.0 / Rules.count(n.x().shape(), axes));
    return gradients(n.expand(kept(n, share, axes), 0));
  }

  /** Several elements that are the extremum share the gradient, as in TensorFlow. */
  static List<@Nullable Value> extremum(Backward n) {
    GraphBuilder b = n.builder();
    int[] axes = n.node().op() == Op.GLOBAL_MAX_POOL ? spatialAxes(n.x()) : axes(n);
    Value hits = b.cast(b.node(Op.EQUAL, n.x(), keptForward(n, axes)), n.x().type());
    Value shares = b.div(hits, b.reduceSum(hits, true, axes));
    return gradients(n.times(kept(n, n.dy(), axes), shares));
  }

  private static int[] axes(Backward n) {
    int rank = n.x().rank();
    Value given = n.node().optionalInput(1);
    if (given == null) {
      return n.attributes().getInt("noop_with_empty_axes", 0) != 0
          ? new int[0]
          : IntStream.range(0, rank).toArray();
    }
    Constant constant = n.builder().constantOf(given);
    if (constant == null) {
      throw n.unsupported("its axes are computed");
    }
    return Arrays.stream(constant.tensor().toIntArray()).map(a -> a < 0 ? a + rank : a).toArray();
  }

  /** A gradient with the reduced axes back in place, of size one. */
  private static Value kept(Backward n, Value gradient, int... axes) {
    return n.builder().reshape(gradient, keptShape(n.gradientShape(0), axes));
  }

  private static Value keptForward(Backward n, int... axes) {
    return n.builder().reshape(n.y(), keptShape(n.x().shape(), axes));
  }

  private static Shape keptShape(Shape full, int... axes) {
    Shape shape = full;
    for (int axis : axes) {
      shape = shape.with(axis, 1);
    }
    return shape;
  }
}
