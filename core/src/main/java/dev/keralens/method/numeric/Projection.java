package dev.keralens.method.numeric;

import dev.keralens.graph.UnsupportedModelException;

/** Places, each a vector of the channels there, brought to one number each. */
public enum Projection {
  /** The first principal component of the places. */
  LINEAR {
    @Override
    public double[] component(double[][] places) {
      int channels = places[0].length;
      return PrincipalComponent.scaled(
          places.length,
          vector -> {
            double[] sums = new double[channels];
            for (int i = 0; i < places.length; i++) {
              for (int c = 0; c < channels; c++) {
                sums[c] += places[i][c] * vector[i];
              }
            }
            double[] product = new double[places.length];
            for (int i = 0; i < places.length; i++) {
              product[i] = dot(places[i], sums);
            }
            return product;
          });
    }
  },

  /** The first principal component with a sigmoid kernel: tanh(x y / channels + 1), centred. */
  SIGMOID {
    @Override
    public double[] component(double[][] places) {
      int n = places.length;
      float[][] kernel = new float[n][n];
      double[] means = new double[n];
      double mean = 0;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          kernel[i][j] = (float) Math.tanh(dot(places[i], places[j]) / places[i].length + 1);
          means[i] += kernel[i][j] / n;
        }
        mean += means[i] / n;
      }
      double all = mean;
      return PrincipalComponent.scaled(n, vector -> centred(kernel, means, all, vector));
    }

    private double[] centred(float[][] kernel, double[] means, double mean, double[] vector) {
      double sum = 0;
      double weighted = 0;
      for (int i = 0; i < vector.length; i++) {
        sum += vector[i];
        weighted += means[i] * vector[i];
      }
      double[] product = new double[vector.length];
      for (int i = 0; i < vector.length; i++) {
        double row = 0;
        for (int j = 0; j < vector.length; j++) {
          row += kernel[i][j] * vector[j];
        }
        product[i] = row - means[i] * sum - weighted + mean * sum;
      }
      return product;
    }
  };

  /** A kernel of more places would need more than 64 MB. */
  private static final int MOST_PLACES = 4096;

  public abstract double[] component(double[][] places);

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** Refuses activations of more places than a kernel can be made of. */
  public void check(int places, String method) {
    if (this == SIGMOID && places > MOST_PLACES) {
      throw new UnsupportedModelException(
          "%s compares all places of the activation with one another: it takes %,d at most, and there are %,d. Name a layer with fewer, or take eigencam."
              .formatted(method, MOST_PLACES, places));
    }
  }

  /**
   * The map of one image: one number for each place, the one of the largest magnitude positive.
   *
   * @param values (channels, places...)
   */
  public float[] map(float[] values, int channels) {
    int area = values.length / channels;
    double[][] places = new double[area][channels];
    for (int c = 0; c < channels; c++) {
      double mean = 0;
      for (int i = 0; i < area; i++) {
        mean += values[c * area + i];
      }
      mean /= area;
      for (int i = 0; i < area; i++) {
        places[i][c] = values[c * area + i] - mean;
      }
    }
    double[] component = component(places);
    float[] map = new float[area];
    for (int i = 0; i < area; i++) {
      map[i] = (float) component[i];
    }
    return map;
  }
}
