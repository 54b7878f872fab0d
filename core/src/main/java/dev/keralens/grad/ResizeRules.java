package dev.keralens.grad;

import static dev.keralens.grad.Backward.gradients;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The gradient of resizing. */
final class ResizeRules {
  private ResizeRules() {}

  /**
   * Resizing is linear and separable: along each axis it multiplies by a matrix, which is what the
   * operator itself makes of the unit matrix. The gradient multiplies by the transposed matrix.
   */
  static List<@Nullable Value> resize(Backward n) {
    if (n.attributes()
        .getString("coordinate_transformation_mode", "")
        .equals("tf_crop_and_resize")) {
      throw n.unsupported("it crops");
    }
    GraphBuilder b = n.builder();
    Value g = n.dy();
    for (int axis = 0; axis < n.x().rank(); axis++) {
      int from = n.x().shape().size(axis);
      int to = n.y().shape().size(axis);
      if (from == to) {
        continue;
      }
      int[] order = IntStream.range(0, g.rank()).toArray();
      order[axis] = g.rank() - 1;
      order[g.rank() - 1] = axis;
      Value matrix = matrix(n, axis, from, to);
      g = b.transpose(b.matMul(b.transpose(g, order), MatrixRules.transposed(b, matrix)), order);
    }
    return gradients(g);
  }

  /** The matrix (from, to) of one axis; ONNX Runtime folds it into a constant. */
  private static Value matrix(Backward n, int axis, int from, int to) {
    GraphBuilder b = n.builder();
    float[] unit = new float[from * from];
    IntStream.range(0, from).forEach(i -> unit[i * from + i] = 1);
    Value identity = b.constant(Tensor.of(unit, 1, 1, from, from));
    Attributes attributes = n.attributes().without("axes").without("keep_aspect_ratio_policy");
    Value scales = n.node().optionalInput(2);
    Value resized;
    if (n.node().optionalInput(3) == null && scales != null) {
      float scale = constant(n, scales).toFloatArray()[axis];
      Value factors = b.constant(Tensor.of(new float[] {1, 1, 1, scale}, 4));
      resized = b.node(Op.RESIZE, attributes, identity, null, factors);
    } else {
      resized = b.node(Op.RESIZE, attributes, identity, null, null, b.ints(1, 1, from, to));
    }
    return b.squeeze(resized, 0, 1);
  }

  private static Tensor constant(Backward n, Value value) {
    Constant constant = n.builder().constantOf(value);
    if (constant == null) {
      throw n.unsupported("its scales are computed");
    }
    return constant.tensor();
  }
}
