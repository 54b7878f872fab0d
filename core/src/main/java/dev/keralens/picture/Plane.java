package dev.keralens.picture;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One channel of numbers, row by row.
 *
 * @param height the number of rows
 * @param width the number of columns
 * @param values the numbers, {@code height * width} of them
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Plane(int height, int width, float[] values) implements Pixels {
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

  /**
   * This plane in another size: sums in double precision, each pass stored as float, as Pillow's
   * mode F.
   */
  Plane resize(int toHeight, int toWidth, Interpolation filter) {
    return resize(Region.all(height, width), toHeight, toWidth, filter, false);
  }

  /**
   * A part of this plane in another size; {@code sixteenBit} rounds each pass to whole numbers of 0
   * to 65535.
   */
  Plane resize(Region from, int toHeight, int toWidth, Interpolation filter, boolean sixteenBit) {
    if (filter == Interpolation.NEAREST || (from.width() == toWidth && from.height() == toHeight)) {
      return nearest(from, toHeight, toWidth);
    }
    ResizePlan plan = ResizePlan.of(this, from, toHeight, toWidth, filter);
    return plan.verticalFirst()
        ? vertically(plan.vertical(), sixteenBit).horizontally(plan.horizontal(), sixteenBit)
        : horizontally(plan.horizontal(), sixteenBit).vertically(plan.vertical(), sixteenBit);
  }

  private Plane nearest(Region from, int toHeight, int toWidth) {
    int[] columns = Resampling.nearestIndices(from.left(), from.width(), toWidth);
    int[] rows = Resampling.nearestIndices(from.top(), from.height(), toHeight);
    float[] out = new float[toHeight * toWidth];
    for (int y = 0; y < toHeight; y++) {
      for (int x = 0; x < toWidth; x++) {
        out[y * toWidth + x] = at(rows[y], columns[x]);
      }
    }
    return new Plane(toHeight, toWidth, out);
  }

  private Plane horizontally(@Nullable Weights weights, boolean sixteenBit) {
    if (weights == null) {
      return this;
    }
    int toWidth = weights.first().length;
    float[] out = new float[height * toWidth];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < toWidth; x++) {
        double sum = 0;
        int source = y * width + weights.first()[x];
        for (int k = 0; k < weights.count()[x]; k++) {
          sum += values[source + k] * weights.value()[x * weights.size() + k];
        }
        out[y * toWidth + x] = stored(sum, sixteenBit);
      }
    }
    return new Plane(height, toWidth, out);
  }

  private Plane vertically(@Nullable Weights weights, boolean sixteenBit) {
    if (weights == null) {
      return this;
    }
    int toHeight = weights.first().length;
    float[] out = new float[toHeight * width];
    double[] sums = new double[width];
    for (int y = 0; y < toHeight; y++) {
      Arrays.fill(sums, 0);
      for (int k = 0; k < weights.count()[y]; k++) {
        double weight = weights.value()[y * weights.size() + k];
        int source = (weights.first()[y] + k) * width;
        for (int x = 0; x < width; x++) {
          sums[x] += values[source + x] * weight;
        }
      }
      for (int x = 0; x < width; x++) {
        out[y * width + x] = stored(sums[x], sixteenBit);
      }
    }
    return new Plane(toHeight, width, out);
  }

  private static float stored(double sum, boolean sixteenBit) {
    return sixteenBit
        ? Math.max(0, Math.min(65535, (int) (sum >= 0 ? sum + 0.5 : sum - 0.5)))
        : (float) sum;
  }
}
