package dev.keralens.rewrite;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Small maps are resized linearly by two products of matrices, one for each axis, which the engine
 * computes in a fraction of the time of its {@code Resize}.
 *
 * <p>A number that is not finite spreads over its whole map, and not only to what is near it.
 */
final class Interpolation {
  /** Beyond so many rows and columns the products take as long. */
  private static final int SMALL = 16;

  private Interpolation() {}

  static Graph rewrite(Graph graph) {
    return Pass.run(graph, (node, pass) -> node.op() == Op.RESIZE ? products(node, pass) : null);
  }

  private static @Nullable Value products(Node resize, Pass pass) {
    Value x = resize.input(0);
    Constant sizes = pass.constant(resize.optionalInput(3));
    Attributes attributes = resize.attributes();
    if (sizes == null
        || x.rank() != 4
        || x.type() != ElementType.FLOAT32
        || x.shape().size(2) > SMALL
        || x.shape().size(3) > SMALL
        || attributes.has("antialias")
        || !attributes.getString("mode", "nearest").equals("linear")
        || !attributes
            .getString("coordinate_transformation_mode", "half_pixel")
            .equals("half_pixel")
        || !Arrays.equals(attributes.getInts("axes"), new int[] {2, 3})) {
      return null;
    }
    int[] target = sizes.tensor().toIntArray();
    GraphBuilder b = pass.builder();
    Value columns = b.constant(weights(x.shape().size(3), target[1]).transpose(1, 0));
    Value rows = b.constant(weights(x.shape().size(2), target[0]));
    return b.matMul(rows, b.matMul(pass.copy(x), columns));
  }

  /** How much each of the new places takes of each old one: (to, from). */
  static Tensor weights(int from, int to) {
    float[] weights = new float[to * from];
    for (int i = 0; i < to; i++) {
      double place = (i + 0.5) * from / to - 0.5;
      double inside = Math.min(Math.max(place, 0), from - 1);
      int low = (int) inside;
      double part = inside - low;
      weights[i * from + low] = (float) (1 - part);
      if (part > 0) {
        weights[i * from + low + 1] = (float) part;
      }
    }
    return Tensor.of(weights, to, from);
  }
}
