package dev.keralens.method.numeric;

/**
 * Weighted least squares: the numbers b for which sum of w (rows b - y)^2 + ridge |b|^2 is least.
 */
public final class LeastSquares {
  private final double[][] matrix;
  private final double[] right;

  public LeastSquares(int unknowns) {
    this.matrix = new double[unknowns][unknowns];
    this.right = new double[unknowns];
  }

  public void add(double[] row, double y, double weight) {
    for (int i = 0; i < row.length; i++) {
      if (row[i] != 0) {
        double factor = weight * row[i];
        right[i] += factor * y;
        for (int j = 0; j < row.length; j++) {
          matrix[i][j] += factor * row[j];
        }
      }
    }
  }

  /** Adds a ridge to an unknown. */
  public void ridge(int unknown, double ridge) {
    matrix[unknown][unknown] += ridge;
  }

  /** The solution by elimination; an unknown that nothing determines is zero. */
  public double[] solve() {
    int n = right.length;
    double scale = 0;
    for (int i = 0; i < n; i++) {
      scale = Math.max(scale, Math.abs(matrix[i][i]));
    }
    double[] solution = new double[n];
    for (int column = 0; column < n; column++) {
      int pivot = column;
      for (int row = column + 1; row < n; row++) {
        pivot = Math.abs(matrix[row][column]) > Math.abs(matrix[pivot][column]) ? row : pivot;
      }
      double[] swapped = matrix[column];
      matrix[column] = matrix[pivot];
      matrix[pivot] = swapped;
      double value = right[column];
      right[column] = right[pivot];
      right[pivot] = value;
      double divisor = matrix[column][column];
      if (Math.abs(divisor) <= 1e-12 * scale) {
        matrix[column][column] = 0;
        continue;
      }
      for (int row = column + 1; row < n; row++) {
        double factor = matrix[row][column] / divisor;
        for (int i = column; i < n && factor != 0; i++) {
          matrix[row][i] -= factor * matrix[column][i];
        }
        right[row] -= factor * right[column];
      }
    }
    for (int row = n - 1; row >= 0; row--) {
      double rest = right[row];
      for (int i = row + 1; i < n; i++) {
        rest -= matrix[row][i] * solution[i];
      }
      solution[row] = matrix[row][row] == 0 ? 0 : rest / matrix[row][row];
    }
    return solution;
  }
}
