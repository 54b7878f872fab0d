package dev.keralens.method.numeric;

/** Blurs an array along some of its axes; what lies beyond its edge is zero. */
public final class GaussianBlur {
  /** The kernel is cut off after so many standard deviations. */
  private static final double REACH = 4;

  private final int[] shape;
  private final int[] axes;

  /**
   * A blur.
   *
   * @param shape of the array
   * @param axes along which it is blurred
   */
  public GaussianBlur(int[] shape, int[] axes) {
    this.shape = shape;
    this.axes = axes;
  }

  /**
   * The blurred array.
   *
   * @param deviation the standard deviation, in elements; 0 leaves the array as it is
   */
  public double[] apply(double[] values, double deviation) {
    int radius = (int) (REACH * deviation + 0.5);
    if (radius == 0) {
      return values;
    }
    double[] kernel = new double[radius + 1];
    double sum = 0;
    for (int i = 0; i <= radius; i++) {
      kernel[i] = Math.exp(-0.5 * i * i / (deviation * deviation));
      sum += (i == 0 ? 1 : 2) * kernel[i];
    }
    for (int i = 0; i <= radius; i++) {
      kernel[i] /= sum;
    }
    double[] blurred = values;
    for (int axis : axes) {
      blurred = along(blurred, axis, kernel);
    }
    return blurred;
  }

  private double[] along(double[] values, int axis, double[] kernel) {
    int length = shape[axis];
    int inner = 1;
    for (int i = axis + 1; i < shape.length; i++) {
      inner *= shape[i];
    }
    double[] out = new double[values.length];
    int block = length * inner;
    for (int from = 0; from < values.length; from += block) {
      for (int to = 0; to < length; to++) {
        int first = Math.max(0, to - kernel.length + 1);
        int last = Math.min(length - 1, to + kernel.length - 1);
        for (int at = first; at <= last; at++) {
          double weight = kernel[Math.abs(to - at)];
          int source = from + at * inner;
          int target = from + to * inner;
          for (int i = 0; i < inner; i++) {
            out[target + i] += weight * values[source + i];
          }
        }
      }
    }
    return out;
  }
}
