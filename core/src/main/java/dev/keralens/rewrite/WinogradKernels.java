package dev.keralens.rewrite;

import dev.keralens.graph.Constant;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The 16 kernels of 1 x 1 that {@link Winograd} makes of one of 3 x 3: u = G g G', in double
 * precision, those of the last row and of the last column with the other sign. The kernel is read,
 * and all 16 are computed, when the first is asked for; they are let go when each was given.
 */
final class WinogradKernels {
  private static final int SIZE = 4;

  private final Constant kernel;
  private final Supplier<double[]> scale;
  private float @Nullable [][] computed;
  private int left;

  /**
   * @param kernel a kernel (outputs, inputs, 3, 3)
   * @param scale gives what each output is multiplied with
   */
  WinogradKernels(Constant kernel, Supplier<double[]> scale) {
    this.kernel = kernel;
    this.scale = scale;
  }

  /** {@return the kernel (outputs, inputs, 1, 1) of one place of a tile} */
  Constant constant(int row, int column) {
    int[] shape = kernel.shape();
    shape[2] = 1;
    shape[3] = 1;
    int place = SIZE * row + column;
    return Constant.deferred(ElementType.FLOAT32, shape, () -> Tensor.of(take(place), shape));
  }

  private synchronized float[] take(int place) {
    float[][] all = computed;
    if (all == null) {
      all = compute();
      left = all.length;
    }
    left--;
    computed = left == 0 ? null : all;
    return all[place];
  }

  private float[][] compute() {
    int[] shape = kernel.shape();
    float[] g = kernel.tensor().toFloatArray();
    double[] scales = scale.get();
    float[][] u = new float[SIZE * SIZE][shape[0] * shape[1]];
    double[] rows = new double[SIZE * 3];
    double[] row = new double[SIZE];
    for (int k = 0; k < u[0].length; k++) {
      double factor = scales[k / shape[1]];
      for (int j = 0; j < 3; j++) {
        int at = 9 * k + j;
        transform(factor * g[at], factor * g[at + 3], factor * g[at + 6], row);
        for (int i = 0; i < SIZE; i++) {
          rows[3 * i + j] = row[i];
        }
      }
      for (int i = 0; i < SIZE; i++) {
        transform(rows[3 * i], rows[3 * i + 1], rows[3 * i + 2], row);
        for (int j = 0; j < SIZE; j++) {
          u[SIZE * i + j][k] = (float) row[j];
        }
      }
    }
    return u;
  }

  /** G g, with the sign of its last number changed. */
  private static void transform(double a, double b, double c, double[] result) {
    result[0] = a;
    result[1] = (a + b + c) / 2;
    result[2] = (a - b + c) / 2;
    result[3] = -c;
  }
}
