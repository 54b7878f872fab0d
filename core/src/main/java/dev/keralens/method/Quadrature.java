package dev.keralens.method;

import java.util.Arrays;

/** Where an integral over [0, 1] is sampled, and what each sample weighs. */
final class Quadrature {
  private final double[] points;
  private final double[] weights;

  private Quadrature(double[] points, double[] weights) {
    this.points = points;
    this.weights = weights;
  }

  /** The samples, rising. */
  double point(int index) {
    return points[index];
  }

  /** The weights of the samples, which add up to 1. */
  double weight(int index) {
    return weights[index];
  }

  static Quadrature of(IntegratedGradients.Rule rule, int count) {
    return switch (rule) {
      case GAUSS -> gauss(count);
      case RIEMANN_MIDDLE -> middle(count);
      case TRAPEZOID -> trapezoid(count);
    };
  }

  private static Quadrature middle(int count) {
    double[] points = new double[count];
    double[] weights = new double[count];
    Arrays.setAll(points, i -> (i + 0.5) / count);
    Arrays.fill(weights, 1.0 / count);
    return new Quadrature(points, weights);
  }

  private static Quadrature trapezoid(int count) {
    double[] points = new double[count];
    double[] weights = new double[count];
    Arrays.setAll(points, i -> (double) i / (count - 1));
    Arrays.fill(weights, 1.0 / (count - 1));
    weights[0] /= 2;
    weights[count - 1] /= 2;
    return new Quadrature(points, weights);
  }

  /** The roots of Legendre's polynomial by Newton's method, from [-1, 1] brought to [0, 1]. */
  private static Quadrature gauss(int count) {
    double[] points = new double[count];
    double[] weights = new double[count];
    for (int i = 0; i < count; i++) {
      double x = Math.cos(Math.PI * (i + 0.75) / (count + 0.5));
      double slope = 1;
      for (int step = 0; step < 100; step++) {
        double last = 1;
        double value = x;
        for (int n = 2; n <= count; n++) {
          double next = ((2 * n - 1) * x * value - (n - 1) * last) / n;
          last = value;
          value = next;
        }
        slope = count * (x * value - last) / (x * x - 1);
        double change = value / slope;
        x -= change;
        if (Math.abs(change) < 1e-15) {
          break;
        }
      }
      points[count - 1 - i] = (x + 1) / 2;
      weights[count - 1 - i] = 1 / ((1 - x * x) * slope * slope);
    }
    return new Quadrature(points, weights);
  }
}
