package dev.keralens.spark;

import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import scala.collection.Seq;

/** Arrays of Spark as tensors. */
final class RowNumbers {
  private RowNumbers() {}

  /** {@return numbers without a shape of their own} */
  static Tensor flat(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Tensor.of(floats, floats.length);
  }

  /**
   * {@return an array, or an array of arrays, as a tensor}
   *
   * @throws IllegalArgumentException if its rows differ in length, or a number is missing
   */
  static Tensor of(Object value) {
    List<Integer> shape = new ArrayList<>();
    Object first = value;
    while (first instanceof Seq<?> seq) {
      shape.add(seq.length());
      if (seq.isEmpty()) {
        throw new IllegalArgumentException("The array is empty.");
      }
      first = seq.apply(0);
    }
    int[] sizes = shape.stream().mapToInt(Integer::intValue).toArray();
    float[] floats = new float[Math.toIntExact(Tensor.elements(sizes))];
    int end = fill(value, sizes, 0, floats, 0);
    if (end != floats.length) {
      throw new IllegalStateException("Filled " + end + " of " + floats.length + " numbers.");
    }
    return Tensor.of(floats, sizes);
  }

  private static int fill(Object value, int[] sizes, int axis, float[] to, int from) {
    if (!(value instanceof Seq<?> seq) || seq.length() != sizes[axis]) {
      throw new IllegalArgumentException(
          "The rows of the array differ in length; its first have " + Arrays.toString(sizes) + ".");
    }
    int place = from;
    scala.collection.Iterator<?> elements = seq.iterator();
    while (elements.hasNext()) {
      Object element = elements.next();
      if (axis + 1 < sizes.length) {
        place = fill(element, sizes, axis + 1, to, place);
      } else if (element instanceof Number number) {
        to[place++] = number.floatValue();
      } else {
        throw new IllegalArgumentException("A number of the array is missing.");
      }
    }
    return place;
  }
}
