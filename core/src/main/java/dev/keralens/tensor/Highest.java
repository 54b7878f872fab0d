package dev.keralens.tensor;

import java.util.Arrays;

/** Finds the largest elements along an axis. */
final class Highest {
  private Highest() {}

  /** {@return the place of the largest along an axis, of equal ones the first: int64} */
  static Tensor along(Tensor x, int axis) {
    int[] shape = x.shape();
    int size = shape[axis];
    if (size == 0) {
      throw new IllegalArgumentException(
          "Axis %d of %s is empty.".formatted(axis, Tensor.describe(shape)));
    }
    int inner = (int) Tensor.elements(Arrays.copyOfRange(shape, axis + 1, shape.length));
    int outer = (int) Tensor.elements(Arrays.copyOf(shape, axis));
    double[] values = x.toDoubleArray();
    long[] places = new long[outer * inner];
    for (int i = 0; i < places.length; i++) {
      places[i] = place(values, i / inner * size * inner + i % inner, inner, size);
    }
    int[] left = new int[shape.length - 1];
    System.arraycopy(shape, 0, left, 0, axis);
    System.arraycopy(shape, axis + 1, left, axis, left.length - axis);
    return Tensor.of(places, left);
  }

  private static int place(double[] values, int first, int stride, int size) {
    int best = 0;
    for (int i = 0; i < size; i++) {
      double value = values[first + i * stride];
      if (Double.isNaN(value)) {
        throw new IllegalArgumentException("Of NaN and numbers, none is the largest.");
      }
      best = value > values[first + best * stride] ? i : best;
    }
    return best;
  }
}
