package dev.keralens.picture.draw;

import dev.keralens.picture.Interpolation;
import dev.keralens.tensor.Tensor;

/**
 * The numbers of a map, row by row.
 *
 * @param height the number of rows
 * @param width the number of columns
 * @param values the numbers, {@code height * width} of them
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record MapValues(int height, int width, float[] values) {
  /** A map: (height, width) or (height, width, 1), all numbers finite. */
  static MapValues ofMap(Tensor map) {
    if (map.rank() != 2 && !(map.rank() == 3 && map.size(2) == 1)) {
      throw new IllegalArgumentException(
          "A map is (height, width) or (height, width, 1), got " + map.typeAndShape() + ".");
    }
    float[] values = map.toFloatArray();
    if (values.length == 0) {
      throw new IllegalArgumentException("The map " + map.typeAndShape() + " is empty.");
    }
    int width = map.size(1);
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "The map %s is %s in row %d, column %d."
                .formatted(map.typeAndShape(), values[i], i / width, i % width));
      }
    }
    return new MapValues(map.size(0), width, values);
  }

  float at(int row, int column) {
    return values[row * width + column];
  }

  /** The largest value; 0 where there is none above it is still the largest. */
  float maximum() {
    float max = Float.NEGATIVE_INFINITY;
    for (float v : values) {
      max = Math.max(max, v);
    }
    return max;
  }

  /** The smallest value. */
  float minimum() {
    float min = Float.POSITIVE_INFINITY;
    for (float v : values) {
      min = Math.min(min, v);
    }
    return min;
  }

  /** The same map in another size. */
  MapValues resize(int toHeight, int toWidth, Interpolation filter) {
    Tensor map = Tensor.of(values, height, width);
    return new MapValues(toHeight, toWidth, filter.resize(map, toHeight, toWidth).toFloatArray());
  }
}
