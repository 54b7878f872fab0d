package dev.keralens.grad;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Interleaving of values along spatial axes: the transpose of taking every s-th element. */
final class Interleaving {
  private Interleaving() {}

  /**
   * Gives (v0[0], v1[0], ..., v0[1], v1[1], ...) along an axis.
   *
   * @param phases values of one shape, null for zeros; at least one is given
   */
  static Value interleave(GraphBuilder b, List<@Nullable Value> phases, int axis) {
    int stride = phases.size();
    Value some = phases.stream().filter(v -> v != null).findFirst().orElseThrow();
    if (stride == 1) {
      return some;
    }
    int last = stride - 1;
    while (phases.get(last) == null) {
      last--;
    }
    List<Value> columns = new ArrayList<>();
    for (@Nullable Value phase : phases.subList(0, last + 1)) {
      Value present = phase == null ? b.mul(some, 0) : phase;
      columns.add(b.reshape(present, present.shape().insert(axis + 1, 1)));
    }
    Value joined = b.concat(axis + 1, columns);
    int[] none = new int[joined.rank()];
    int[] after = none.clone();
    after[axis + 1] = stride - 1 - last;
    Shape shape = some.shape();
    return b.reshape(b.pad(joined, none, after), shape.with(axis, shape.size(axis) * stride));
  }

  /**
   * Puts zeros between and after the elements, along every spatial axis. Each element is repeated,
   * which is cheap, and a mask leaves the first of each: less than half the time of padding.
   *
   * @param spatialStrides how many times longer each spatial axis becomes
   */
  static Value spread(GraphBuilder b, Value x, int[] spatialStrides) {
    if (Arrays.stream(spatialStrides).allMatch(stride -> stride == 1)) {
      return x;
    }
    int rank = x.rank();
    int[] strides = new int[rank];
    Arrays.fill(strides, 1);
    System.arraycopy(spatialStrides, 0, strides, 2, rank - 2);
    float[] scales = new float[rank];
    int[] shape = new int[rank];
    int size = 1;
    for (int axis = 0; axis < rank; axis++) {
      scales[axis] = strides[axis];
      shape[axis] = strides[axis] == 1 ? 1 : x.shape().size(axis) * strides[axis];
      size *= shape[axis];
    }
    Attributes nearest =
        Attributes.NONE
            .with("mode", "nearest")
            .with("coordinate_transformation_mode", "asymmetric")
            .with("nearest_mode", "floor");
    Value repeated = b.node(Op.RESIZE, nearest, x, null, b.constant(Tensor.of(scales, rank)));
    float[] mask = new float[size];
    for (int i = 0; i < size; i++) {
      mask[i] = isFirst(i, shape, strides) ? 1 : 0;
    }
    return b.mul(repeated, b.constant(Tensor.of(mask, shape)));
  }

  private static boolean isFirst(int index, int[] shape, int[] strides) {
    int rest = index;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      if (rest % shape[axis] % strides[axis] != 0) {
        return false;
      }
      rest /= shape[axis];
    }
    return true;
  }

  /**
   * Cuts or fills up with zeros so that along each spatial axis, position 0 becomes {@code from}
   * and the size is as given.
   */
  static Value window(GraphBuilder b, Value x, int[] from, int[] sizes) {
    int[] before = new int[x.rank()];
    int[] after = new int[x.rank()];
    for (int i = 0; i < from.length; i++) {
      before[i + 2] = -from[i];
      after[i + 2] = sizes[i] + from[i] - x.shape().size(i + 2);
    }
    return b.pad(x, before, after);
  }
}
