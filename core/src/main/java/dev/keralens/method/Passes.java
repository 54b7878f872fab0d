package dev.keralens.method;

import dev.keralens.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Sums the maps of several passes, and their squares, in double precision. */
final class Passes {
  private int count;
  private int[] shape = {};
  private double @Nullable [] sums;
  private double[] squares = {};

  void add(Tensor maps) {
    float[] values = maps.toFloatArray();
    double[] total = sums;
    if (total == null) {
      shape = maps.shape();
      total = new double[values.length];
      squares = new double[values.length];
      sums = total;
    }
    for (int i = 0; i < values.length; i++) {
      total[i] += values[i];
      squares[i] += (double) values[i] * values[i];
    }
    count++;
  }

  Tensor result(Smooth.Form form) {
    double[] total = sums;
    if (total == null) {
      throw new IllegalStateException("There was no pass.");
    }
    float[] out = new float[total.length];
    for (int i = 0; i < out.length; i++) {
      double mean = total[i] / count;
      double square = squares[i] / count;
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
