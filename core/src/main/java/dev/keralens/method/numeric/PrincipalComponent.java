package dev.keralens.method.numeric;

import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/**
 * The largest eigenvalue of a symmetric matrix and its vector, by the method of Lanczos with full
 * orthogonalization, begun again from what was found until it stands still.
 */
public final class PrincipalComponent {
  private static final int MOST_STEPS = 96;
  private static final int MOST_ROUNDS = 60;
  private static final double EXACT = 1e-12;

  private PrincipalComponent() {}

  /**
   * A vector of length sqrt(value) in the direction of the largest eigenvalue; zeros where no
   * eigenvalue is positive. The element of the largest magnitude is positive.
   *
   * @param size the rows of the matrix
   * @param times multiplies a vector with the matrix
   */
  public static double[] scaled(int size, UnaryOperator<double[]> times) {
    SplittableRandom random = new SplittableRandom(1);
    double[] vector = new double[size];
    for (int i = 0; i < size; i++) {
      vector[i] = random.nextDouble() + 0.5;
    }
    double value = 0;
    for (int round = 0; round < MOST_ROUNDS; round++) {
      Ritz found = lanczos(vector, times);
      vector = found.vector;
      value = found.value;
      if (found.error <= EXACT * Math.max(found.scale, Double.MIN_NORMAL)) {
        break;
      }
    }
    double factor = value > 0 ? Math.sqrt(value) * sign(vector) : 0;
    for (int i = 0; i < size; i++) {
      vector[i] *= factor;
    }
    return vector;
  }

  /** Of elements of the same magnitude, but for rounding, the first one counts. */
  private static double sign(double[] vector) {
    double largest = 0;
    for (double element : vector) {
      largest = Math.abs(element) > Math.abs(largest) * (1 + 1e-7) ? element : largest;
    }
    return largest < 0 ? -1 : 1;
  }

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Ritz(double value, double[] vector, double error, double scale) {}

  private static Ritz lanczos(double[] start, UnaryOperator<double[]> times) {
    int size = start.length;
    int most = Math.min(size, MOST_STEPS);
    double[][] basis = new double[most][];
    double[] diagonal = new double[most];
    double[] beside = new double[most];
    basis[0] = unit(start);
    int steps = 0;
    double scale = 0;
    while (steps < most) {
      double[] next = times.apply(basis[steps]);
      diagonal[steps] = dot(next, basis[steps]);
      for (int again = 0; again < 2; again++) {
        for (int i = 0; i <= steps; i++) {
          subtract(next, basis[i], dot(next, basis[i]));
        }
      }
      double length = Math.sqrt(dot(next, next));
      scale = Math.max(scale, Math.abs(diagonal[steps]) + length);
      beside[steps] = length;
      steps++;
      if (length <= 1e-14 * scale || steps == most) {
        break;
      }
      basis[steps] = unit(next);
    }
    double[] weights = new double[steps];
    double value = largest(diagonal, beside, steps, weights);
    double[] vector = new double[size];
    for (int i = 0; i < steps; i++) {
      subtract(vector, basis[i], -weights[i]);
    }
    double error = Math.abs(beside[steps - 1] * weights[steps - 1]);
    return new Ritz(value, unit(vector), steps == size ? 0 : error, scale);
  }

  /** The largest eigenvalue of a tridiagonal matrix by Jacobi's rotations, and its vector. */
  private static double largest(double[] diagonal, double[] beside, int n, double[] vector) {
    double[][] a = new double[n][n];
    double[][] v = new double[n][n];
    for (int i = 0; i < n; i++) {
      a[i][i] = diagonal[i];
      v[i][i] = 1;
      if (i + 1 < n) {
        a[i][i + 1] = beside[i];
        a[i + 1][i] = beside[i];
      }
    }
    for (int sweep = 0; sweep < 50 && rotate(a, v, n); sweep++) {
      // rotate has done a sweep
    }
    int best = 0;
    for (int i = 1; i < n; i++) {
      best = a[i][i] > a[best][best] ? i : best;
    }
    for (int i = 0; i < n; i++) {
      vector[i] = v[i][best];
    }
    return a[best][best];
  }

  private static boolean rotate(double[][] a, double[][] v, int n) {
    boolean changed = false;
    for (int p = 0; p < n; p++) {
      for (int q = p + 1; q < n; q++) {
        double limit = 1e-15 * (Math.abs(a[p][p]) + Math.abs(a[q][q]));
        if (Math.abs(a[p][q]) <= limit) {
          continue;
        }
        changed = true;
        double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        double t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
        double c = 1 / Math.hypot(t, 1);
        double s = t * c;
        for (int i = 0; i < n; i++) {
          double ip = a[i][p];
          a[i][p] = c * ip - s * a[i][q];
          a[i][q] = s * ip + c * a[i][q];
        }
        for (int i = 0; i < n; i++) {
          double pi = a[p][i];
          a[p][i] = c * pi - s * a[q][i];
          a[q][i] = s * pi + c * a[q][i];
          double ip = v[i][p];
          v[i][p] = c * ip - s * v[i][q];
          v[i][q] = s * ip + c * v[i][q];
        }
      }
    }
    return changed;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void subtract(double[] from, double[] vector, double factor) {
    for (int i = 0; i < from.length; i++) {
      from[i] -= factor * vector[i];
    }
  }

  private static double[] unit(double[] vector) {
    double length = Math.sqrt(dot(vector, vector));
    double[] unit = vector.clone();
    for (int i = 0; i < unit.length; i++) {
      unit[i] /= length == 0 ? 1 : length;
    }
    return unit;
  }
}
