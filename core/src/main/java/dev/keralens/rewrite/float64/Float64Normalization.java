package dev.keralens.rewrite.float64;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Normalizations in double precision. ONNX Runtime has kernels for some, but takes epsilon as a
 * float, 0.0010000000475 for 0.001.
 */
final class Float64Normalization {
  private Float64Normalization() {}

  static Value batch(Lowering n) {
    GraphBuilder b = n.b();
    Value scale = b.div(n.x(1), deviation(n, n.x(4)));
    Value centred = b.sub(n.x(), perChannel(n, n.x(3)));
    return b.add(b.mul(centred, perChannel(n, scale)), perChannel(n, n.x(2)));
  }

  static Value instance(Lowering n) {
    GraphBuilder b = n.b();
    Value standardized = standardized(n, n.spatialAxes());
    return b.add(b.mul(standardized, perChannel(n, n.x(1))), perChannel(n, n.x(2)));
  }

  static @Nullable Value layer(Lowering n) {
    if (n.node().outputs().size() > 1) {
      return null;
    }
    int rank = n.x().rank();
    int axis = n.node().attributes().getInt("axis", -1);
    Value standardized =
        standardized(n, IntStream.range(axis < 0 ? axis + rank : axis, rank).toArray());
    Value scaled = n.b().mul(standardized, n.x(1));
    Value beta = n.optional(2);
    return beta == null ? scaled : n.b().add(scaled, beta);
  }

  private static Value standardized(Lowering n, int[] axes) {
    GraphBuilder b = n.b();
    Value centred = b.sub(n.x(), b.reduceMean(n.x(), true, axes));
    Value variance = b.reduceMean(b.mul(centred, centred), true, axes);
    return b.div(centred, deviation(n, variance));
  }

  private static Value deviation(Lowering n, Value variance) {
    return n.b().node(Op.SQRT, n.plus(variance, n.number("epsilon", 1e-5)));
  }

  private static Value perChannel(Lowering n, Value vector) {
    Shape shape = vector.shape();
    while (shape.rank() < n.x().rank() - 1) {
      shape = shape.insert(1, 1);
    }
    return n.b().reshape(vector, shape);
  }
}
