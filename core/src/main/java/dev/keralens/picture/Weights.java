package dev.keralens.picture;

/**
 * The filter weights of a resize along one axis: target pixel i is the sum over k of {@code value[i
 * * size + k] * source[first[i] + k]}.
 *
 * @param first the first source pixel of each target pixel
 * @param count how many source pixels each target pixel takes
 * @param size the room for the weights of one target pixel
 * @param value the weights; those of one target pixel sum to 1
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Weights(int[] first, int[] count, int size, double[] value) {
  /**
   * Bits behind the point of the weights for 8-bit samples: 32, less 8 for the sample and 2 for
   * overshoot.
   */
  static final int PRECISION_BITS = 22;

  /**
   * The weights that take {@code length} source pixels from {@code start}, out of {@code
   * available}, to {@code target} pixels.
   */
  static Weights of(int available, int start, int length, int target, Interpolation filter) {
    double scale = (double) length / target;
    double filterScale = Math.max(scale, 1);
    double support = filter.support() * filterScale;
    int size = (int) Math.ceil(support) * 2 + 1;
    int[] first = new int[target];
    int[] count = new int[target];
    double[] value = new double[Math.multiplyExact(target, size)];
    for (int i = 0; i < target; i++) {
      double centre = start + (i + 0.5) * scale;
      first[i] = Math.max(0, (int) (centre - support + 0.5));
      count[i] = Math.min(available, (int) (centre + support + 0.5)) - first[i];
      double sum = 0;
      for (int k = 0; k < count[i]; k++) {
        double w = filter.weight((k + first[i] - centre + 0.5) / filterScale);
        value[i * size + k] = w;
        sum += w;
      }
      if (sum != 0) {
        for (int k = 0; k < count[i]; k++) {
          value[i * size + k] /= sum;
        }
      }
    }
    return new Weights(first, count, size, value);
  }

  /** The weights as integers of {@link #PRECISION_BITS}. */
  int[] fixedPoint() {
    int[] fixed = new int[value.length];
    for (int i = 0; i < fixed.length; i++) {
      double scaled = value[i] * (1 << PRECISION_BITS);
      fixed[i] = (int) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    }
    return fixed;
  }

  /** The source row or column behind the last one used. */
  int end() {
    return first[first.length - 1] + count[count.length - 1];
  }
}
