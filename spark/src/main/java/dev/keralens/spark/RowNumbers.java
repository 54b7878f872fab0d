package dev.keralens.spark;

import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import scala.collection.Seq;

/**
 * Arrays of Spark as tensors of doubles: a float would round numbers above 2^24, ids among them.
 */
final class RowNumbers {
  private RowNumbers() {}

  /** {@return numbers without a shape of their own} */
  static Tensor flat(double[] values) {
    return Tensor.of(values, values.length);
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
    double[] numbers = new double[Math.toIntExact(Tensor.elements(sizes))];
    int end = fill(value, sizes, 0, numbers, 0);
    if (end != numbers.length) {
      throw new IllegalStateException("Filled " + end + " of " + numbers.length + " numbers.");
    }
    return Tensor.of(numbers, sizes);
  }

  private static int fill(Object value, int[] sizes, int axis, double[] to, int from) {
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
        to[place++] = number.doubleValue();
      } else {
        throw new IllegalArgumentException("A number of the array is missing.");
      }
    }
    return place;
  }
}
