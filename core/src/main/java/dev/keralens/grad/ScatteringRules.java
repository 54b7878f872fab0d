package dev.keralens.grad;

import static dev.keralens.grad.Backward.gradients;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gradients of operators that take or put elements by position, where the positions may be
 * computed. What was taken is put back, and what was put is taken.
 */
final class ScatteringRules {
  private ScatteringRules() {}

  static List<@Nullable Value> topK(Backward n) {
    Attributes axis = Attributes.of("axis", n.attributes().getInt("axis", -1));
    Value positions = n.saved(n.node().outputs().get(1));
    return gradients(
        n.builder().node(Op.SCATTER_ELEMENTS, axis, zeros(n, n.x()), positions, n.dy()));
  }

  static List<@Nullable Value> gatherElements(Backward n) {
    Attributes add = axis(n).with("reduction", "add");
    return gradients(
        n.builder().node(Op.SCATTER_ELEMENTS, add, zeros(n, n.x()), n.saved(n.x(1)), n.dy()));
  }

  static List<@Nullable Value> gatherNd(Backward n) {
    int outer = n.attributes().getInt("batch_dims", 0);
    if (outer > 0) {
      return gradients(gatherNdOfRows(n, outer));
    }
    Attributes add = Attributes.NONE.with("reduction", "add");
    return gradients(
        n.builder().node(Op.SCATTER_ND, add, zeros(n, n.x()), n.saved(n.x(1)), n.dy()));
  }

  /**
   * ScatterND knows no outer axes. So the indexed axes become one, and what was taken from it goes
   * back by a product with the matrix (taken, place) that is one where an element was taken.
   */
  private static Value gatherNdOfRows(Backward n, int outer) {
    GraphBuilder b = n.builder();
    Shape x = n.x().shape();
    if (x.batchAxis() >= outer) {
      throw n.unsupported("the batch is not one of its batch_dims");
    }
    int depth = n.x(1).shape().size(-1);
    int[] indexed = Arrays.copyOfRange(x.sizes(), outer, outer + depth);
    int places = Arrays.stream(indexed).reduce(1, Math::multiplyExact);
    int inner = (int) (x.elements() / Math.abs(product(x.sizes(), outer)) / places);
    Value hits = b.node(Op.ONE_HOT, flat(b, n.x(1), indexed), b.ints(places), hot(b, n.x().type()));
    int taken = (int) (hits.shape().elements() / Math.abs(product(x.sizes(), outer)) / places);
    Value matrix = n.saved(b.reshape(hits, shape(x.sizes(), outer, taken, places)));
    int[] sizes = n.gradientShape(0).sizes();
    Value dy = b.reshape(n.dy(), shape(sizes, outer, taken, inner));
    Value g = b.matMul(MatrixRules.transposed(b, matrix), dy);
    return b.reshape(g, n.gradientShape(0));
  }

  private static int product(int[] sizes, int count) {
    return Arrays.stream(sizes, 0, count).reduce(1, Math::multiplyExact);
  }

  /** The first sizes, followed by two. */
  private static Shape shape(int[] sizes, int count, int rows, int columns) {
    int[] out = Arrays.copyOf(sizes, count + 2);
    out[count] = rows;
    out[count + 1] = columns;
    return Shape.of(out);
  }

  /** Indices into several axes as indices into their product. */
  private static Value flat(GraphBuilder b, Value indices, int[] sizes) {
    int[] strides = new int[sizes.length];
    for (int i = sizes.length - 1, stride = 1; i >= 0; stride *= sizes[i--]) {
      strides[i] = stride;
    }
    Value positive = b.node(Op.MOD, indices, b.cast(b.ints(sizes), indices.type()));
    Value steps = b.mul(positive, b.cast(b.ints(strides), indices.type()));
    return b.reduceSum(steps, false, -1);
  }

  private static Value hot(GraphBuilder b, ElementType type) {
    return b.cast(b.constant(Tensor.of(new float[] {0, 1}, 2)), type);
  }

  static List<@Nullable Value> scatterElements(Backward n) {
    GraphBuilder b = n.builder();
    Value indices = n.saved(n.x(1));
    Value kept = n.dy();
    if (replaces(n)) {
      kept = b.node(Op.SCATTER_ELEMENTS, axis(n), kept, indices, zeros(n, n.x(2)));
    }
    return gradients(kept, null, b.node(Op.GATHER_ELEMENTS, axis(n), n.dy(), indices));
  }

  static List<@Nullable Value> scatterNd(Backward n) {
    GraphBuilder b = n.builder();
    Value indices = n.saved(n.x(1));
    Value kept = replaces(n) ? b.node(Op.SCATTER_ND, n.dy(), indices, zeros(n, n.x(2))) : n.dy();
    return gradients(kept, null, b.node(Op.GATHER_ND, n.dy(), indices));
  }

  private static boolean replaces(Backward n) {
    String reduction = n.attributes().getString("reduction", "none");
    if (!reduction.equals("none") && !reduction.equals("add")) {
      throw n.unsupported("its reduction is '" + reduction + "'");
    }
    return reduction.equals("none");
  }

  private static Attributes axis(Backward n) {
    return Attributes.of("axis", n.attributes().getInt("axis", 0));
  }

  /** Zeros of a value's shape, its rows repeated for each unit. No number is less than itself. */
  private static Value zeros(Backward n, Value like) {
    GraphBuilder b = n.builder();
    return n.saved(b.cast(b.node(Op.LESS, like, like), like.type()));
  }
}
