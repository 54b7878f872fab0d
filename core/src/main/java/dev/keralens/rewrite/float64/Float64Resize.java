package dev.keralens.rewrite.float64;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Resizing in double precision: along each axis a product with a matrix, which is what the operator
 * itself makes of the unit matrix. Its weights have single precision, as TensorFlow's have for any
 * type of images.
 */
final class Float64Resize {
  private Float64Resize() {}

  static Value resize(Lowering n) {
    Attributes attributes = n.node().attributes();
    if (attributes.getString("coordinate_transformation_mode", "").equals("tf_crop_and_resize")) {
      throw new UnsupportedModelException(
          n.node().output().name()
              + " (Resize) crops, which cannot be computed in double precision; use single"
              + " precision.");
    }
    GraphBuilder b = n.b();
    Value x = n.x();
    Shape to = n.node().output().shape();
    for (int axis = 0; axis < x.rank(); axis++) {
      if (x.shape().size(axis) == to.size(axis)) {
        continue;
      }
      int[] order = IntStream.range(0, x.rank()).toArray();
      order[axis] = x.rank() - 1;
      order[x.rank() - 1] = axis;
      Value matrix = matrix(n, axis, x.shape().size(axis), to.size(axis));
      x = b.transpose(b.matMul(b.transpose(x, order), matrix), order);
    }
    return x;
  }

  /** The matrix (from, to) of one axis; ONNX Runtime folds it into a constant. */
  private static Value matrix(Lowering n, int axis, int from, int to) {
    GraphBuilder b = n.b();
    float[] unit = new float[from * from];
    IntStream.range(0, from).forEach(i -> unit[i * from + i] = 1);
    Value identity = b.constant(Tensor.of(unit, 1, 1, from, from));
    Attributes attributes =
        n.node().attributes().without("axes").without("keep_aspect_ratio_policy");
    Value scales = scales(n, axis);
    Value resized =
        scales == null
            ? b.node(Op.RESIZE, attributes, identity, null, null, b.ints(1, 1, from, to))
            : b.node(Op.RESIZE, attributes, identity, null, scales);
    return b.cast(b.squeeze(resized, 0, 1), ElementType.FLOAT64);
  }

  /** The scales of the matrix, where the operator has scales, not sizes. */
  private static @Nullable Value scales(Lowering n, int axis) {
    Value given = n.optional(2);
    if (n.optional(3) != null || given == null) {
      return null;
    }
    Constant constant = n.b().constantOf(given);
    if (constant == null) {
      throw new UnsupportedModelException(
          n.node().output().name()
              + " (Resize) has scales that are computed; use single precision.");
    }
    Tensor all = constant.tensor();
    if (all.elements() == 0) {
      return null;
    }
    int[] axes =
        n.node().attributes().getInts("axes", IntStream.range(0, all.elements()).toArray());
    for (int i = 0; i < axes.length; i++) {
      if (Math.floorMod(axes[i], n.x().rank()) == axis) {
        return n.b().constant(Tensor.of(new float[] {1, 1, 1, all.toFloatArray()[i]}, 4));
      }
    }
    return null;
  }
}
