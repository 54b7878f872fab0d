package dev.keralens.rewrite;

import dev.keralens.graph.Constant;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;

/** Constants with more elements at the ends of their axes. */
final class Widening {
  private Widening() {}

  /**
   * {@return a constant of another shape, of floats}
   *
   * @param constant a constant of floats
   * @param shape the shape, no axis shorter than before
   * @param more what the added elements are
   */
  static Constant of(Constant constant, int[] shape, float more) {
    return Constant.deferred(
        constant.type(), shape, () -> of(constant.tensor(), constant.shape(), shape, more));
  }

  private static Tensor of(Tensor tensor, int[] from, int[] to, float more) {
    float[] wide = new float[Math.toIntExact(Tensor.elements(to))];
    if (more != 0) {
      Arrays.fill(wide, more);
    }
    // What lies behind the last axis that grows stays together.
    int last = from.length - 1;
    while (last > 0 && from[last] == to[last]) {
      last--;
    }
    int run = elements(from, last);
    int distance = elements(to, last);
    float[] values = tensor.toFloatArray();
    for (int i = 0; i < values.length / Math.max(1, run); i++) {
      System.arraycopy(values, i * run, wide, moved(i, from, to, last) * distance, run);
    }
    return Tensor.of(wide, to);
  }

  private static int elements(int[] shape, int firstAxis) {
    return Arrays.stream(shape).skip(firstAxis).reduce(1, Math::multiplyExact);
  }

  /** The index over the axes before one, of the larger shape. */
  private static int moved(int index, int[] from, int[] to, int axes) {
    int rest = index;
    int moved = 0;
    int size = 1;
    for (int axis = axes - 1; axis >= 0; axis--) {
      moved += rest % from[axis] * size;
      rest /= from[axis];
      size *= to[axis];
    }
    return moved;
  }
}
