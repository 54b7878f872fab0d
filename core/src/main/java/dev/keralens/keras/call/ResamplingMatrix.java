package dev.keralens.keras.call;

import static java.util.Map.entry;

import dev.keralens.tensor.Tensor;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/**
 * The weights by which TensorFlow resizes an image along one axis: a matrix (output, input), for
 * each method but {@code nearest}.
 *
 * <p>Methods with a kernel weight the pixels by their distance from the place that is sampled, and
 * divide by the sum; where {@code antialias} is set, the kernel widens when the image shrinks.
 * Bicubic without it reads its kernel from a table of 1,024 steps. Area gives each pixel the share
 * of it that the output pixel covers.
 */
final class ResamplingMatrix {
  /** A kernel: its value at a distance of at least 0, and the distance from which on it is 0. */
  private record Kernel(float radius, DoubleUnaryOperator value) {}

  private static final Map<String, Kernel> KERNELS =
      Map.ofEntries(
          entry("bilinear", new Kernel(1, x -> Math.max(0, 1 - x))),
          entry("bicubic", new Kernel(2, ResamplingMatrix::keysCubic)),
          entry("lanczos3", new Kernel(3, x -> lanczos(x, 3))),
          entry("lanczos5", new Kernel(5, x -> lanczos(x, 5))),
          // A Gaussian of standard deviation 1/2.
          entry("gaussian", new Kernel(1.5f, x -> x >= 1.5 ? 0 : Math.exp(-2 * x * x))),
          entry("mitchellcubic", new Kernel(2, ResamplingMatrix::mitchellCubic)));

  private static final int CUBIC_STEPS = 1024;

  private ResamplingMatrix() {}

  /**
   * {@return the weights, or nothing for an unknown method}
   *
   * @param method TensorFlow's name of the method
   * @param from the size of the axis
   * @param to its new size
   * @param antialias whether the kernel widens when the image shrinks
   */
  static Optional<Tensor> of(String method, int from, int to, boolean antialias) {
    float[] weights = new float[Math.multiplyExact(to, from)];
    Kernel kernel = KERNELS.get(method);
    if (method.equals("area")) {
      area(weights, from, to);
    } else if (method.equals("bicubic") && !antialias) {
      tabledCubic(weights, from, to);
    } else if (kernel != null) {
      sampled(weights, from, to, kernel, antialias);
    } else {
      return Optional.empty();
    }
    return Optional.of(Tensor.of(weights, to, from));
  }

  private static void sampled(float[] weights, int from, int to, Kernel kernel, boolean antialias) {
    float inverse = (float) (1.0 / ((float) to / (float) from));
    float widening = antialias ? Math.max(inverse, 1) : 1;
    float reach = kernel.radius * widening;
    for (int row = 0; row < to; row++) {
      float at = (row + 0.5f) * inverse;
      int start = clamp((int) Math.ceil(at - reach - 0.5f), from);
      int end = clamp((int) Math.floor(at + reach - 0.5f), from);
      for (int i = start; i <= end; i++) {
        double distance = Math.abs(i + 0.5f - at) / widening;
        weights[row * from + i] = (float) kernel.value.applyAsDouble(distance);
      }
      normalize(weights, row * from, from);
    }
  }

  private static void tabledCubic(float[] weights, int from, int to) {
    float scale = (float) from / (float) to;
    for (int row = 0; row < to; row++) {
      float at = (row + 0.5f) * scale - 0.5f;
      int base = (int) Math.floor(at);
      double step = Math.rint((at - base) * CUBIC_STEPS) / CUBIC_STEPS;
      for (int i = Math.max(0, base - 1); i <= Math.min(from - 1, base + 2); i++) {
        weights[row * from + i] = (float) keysCubic(Math.abs(base + step - i));
      }
      normalize(weights, row * from, from);
    }
  }

  private static void area(float[] weights, int from, int to) {
    float scale = (float) from / (float) to;
    for (int row = 0; row < to; row++) {
      float start = row * scale;
      float end = (row + 1) * scale;
      for (int i = (int) Math.floor(start); i < (int) Math.ceil(end); i++) {
        float covered = Math.min(i + 1, end) - Math.max(i, start);
        weights[row * from + clamp(i, from)] += covered / scale;
      }
    }
  }

  private static int clamp(int index, int size) {
    return Math.max(0, Math.min(size - 1, index));
  }

  private static void normalize(float[] weights, int offset, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += weights[offset + i];
    }
    for (int i = 0; i < count && sum != 0; i++) {
      weights[offset + i] = (float) (weights[offset + i] / sum);
    }
  }

  private static double lanczos(double x, int radius) {
    if (x > radius) {
      return 0;
    }
    double angle = Math.PI * x;
    return x <= 1e-3 ? 1 : radius * Math.sin(angle) * Math.sin(angle / radius) / (angle * angle);
  }

  /** R. G. Keys, Cubic convolution interpolation for digital image processing, 1981, a = -1/2. */
  private static double keysCubic(double x) {
    if (x >= 2) {
      return 0;
    }
    return x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1;
  }

  /** D. P. Mitchell, A. N. Netravali, Reconstruction filters in computer graphics, 1988. */
  private static double mitchellCubic(double x) {
    if (x >= 2) {
      return 0;
    }
    return x >= 1
        ? ((-7 * x / 18 + 2) * x - 10.0 / 3) * x + 16.0 / 9
        : (7 * x / 6 - 2) * x * x + 8.0 / 9;
  }
}
