package dev.keralens.method;

import dev.keralens.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Sums the maps of several passes, and their squares, in double precision. */
final class MapSums {
  private final Smooth.Form form;
  private int count;
  private int[] shape = {};
  private double @Nullable [] sums;
  private double[] squares = {};

  /**
   * Sums for one form.
   *
   * @param form what is wanted of the passes; the squares are summed where it needs them
   */
  MapSums(Smooth.Form form) {
    this.form = form;
  }

  /** Adds the maps of several passes, those of one after those of another. */
  void add(Tensor maps, int passes) {
    int rows = maps.size(0) / passes;
    for (int pass = 0; pass < passes; pass++) {
      add(maps.rows(pass * rows, (pass + 1) * rows));
    }
  }

  void add(Tensor maps) {
    float[] values = maps.toFloatArray();
    double[] total = sums;
    if (total == null) {
      shape = maps.shape();
      total = new double[values.length];
      squares = new double[form == Smooth.Form.MEAN ? 0 : values.length];
      sums = total;
    }
    for (int i = 0; i < values.length; i++) {
      total[i] += values[i];
    }
    for (int i = 0; i < squares.length; i++) {
      squares[i] += (double) values[i] * values[i];
    }
    count++;
  }

  Tensor result() {
    double[] total = sums;
    if (total == null) {
      throw new IllegalStateException("There was no pass.");
    }
    float[] out = new float[total.length];
    for (int i = 0; i < out.length; i++) {
      double mean = total[i] / count;
      double square = form == Smooth.Form.MEAN ? 0 : squares[i] / count;
      out[i] =
          (float)
              switch (form) {
                case MEAN -> mean;
                case SQUARE -> square;
                case VARIANCE -> Math.max(0, square - mean * mean);
              };
    }
    return Tensor.of(out, shape);
  }
}
