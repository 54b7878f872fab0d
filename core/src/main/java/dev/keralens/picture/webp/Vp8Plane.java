package dev.keralens.picture.webp;

/**
 * One plane of a frame, whole macroblocks, with the prediction of its blocks and what is added.
 *
 * @param stride the number of samples of a row
 * @param samples row by row
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Vp8Plane(int stride, byte[] samples) {
  static final int DC = 0;
  static final int TRUE_MOTION = 1;
  static final int VERTICAL = 2;
  static final int HORIZONTAL = 3;

  private static final int ABOVE_ALL = 127;
  private static final int LEFT_OF_ALL = 129;

  /**
   * The sixteen samples of a subblock for the modes from VE on. The edge of a block is L, L, K, J,
   * I, X, A, .., H, H: the samples to its left from below, the corner, those above. A small letter
   * is the weighted mean of three, the middle one at that place of the edge (a is 0); a capital
   * that of two, the first one there.
   */
  private static final String[] SUBBLOCKS = {
    "ghijghijghijghij",
    "eeeeddddccccbbbb",
    "fghiefghdefgcdef",
    "FGHIfghieFGHdfgh",
    "hijkijkljklmklmn",
    "GHIJhijkHIJlijkm",
    "EfghDeEfCdDeBcCd",
    "DdCcCcBbBbAAAAAA"
  };

  static byte clip(int value) {
    return (byte) (value < 0 ? 0 : Math.min(value, 255));
  }

  private int at(int x, int y) {
    return y < 0 ? ABOVE_ALL : x < 0 ? LEFT_OF_ALL : samples[y * stride + x] & 0xFF;
  }

  /** Predicts a macroblock's block of {@code size} samples a side. */
  void predict(int mode, int left, int top, int size) {
    int mean = mode == DC ? mean(left, top, size) : 0;
    int corner = at(left - 1, top - 1);
    for (int y = top; y < top + size; y++) {
      for (int x = left; x < left + size; x++) {
        samples[y * stride + x] =
            switch (mode) {
              case DC -> (byte) mean;
              case TRUE_MOTION -> clip(at(left - 1, y) + at(x, top - 1) - corner);
              case VERTICAL -> (byte) at(x, top - 1);
              default -> (byte) at(left - 1, y);
            };
      }
    }
  }

  /** The mean of what is above and to the left, of those that are inside. */
  private int mean(int left, int top, int size) {
    int sum = 0;
    int count = (left > 0 ? size : 0) + (top > 0 ? size : 0);
    for (int i = 0; i < size; i++) {
      sum += left > 0 ? at(left - 1, top + i) : 0;
      sum += top > 0 ? at(left + i, top - 1) : 0;
    }
    return count == 0 ? 128 : (sum + count / 2) / count;
  }

  /**
   * Predicts a block of four samples a side.
   *
   * @param aboveRight the four samples above and to the right
   */
  void predictSubblock(int mode, int left, int top, int[] aboveRight) {
    if (mode == TRUE_MOTION) {
      predict(TRUE_MOTION, left, top, 4);
      return;
    }
    int[] edge = new int[15];
    for (int i = 0; i < 4; i++) {
      edge[4 - i] = at(left - 1, top + i);
      edge[6 + i] = at(left + i, top - 1);
      edge[10 + i] = aboveRight[i];
    }
    edge[0] = edge[1];
    edge[5] = at(left - 1, top - 1);
    edge[14] = edge[13];
    int mean = 4;
    for (int i = 0; i < 4; i++) {
      mean += edge[1 + i] + edge[6 + i];
    }
    for (int i = 0; i < 16; i++) {
      int sample = mode == DC ? mean >> 3 : smoothed(edge, SUBBLOCKS[mode - 2].charAt(i));
      samples[(top + i / 4) * stride + left + i % 4] = (byte) sample;
    }
  }

  private static int smoothed(int[] edge, char what) {
    if (what < 'a') {
      int i = what - 'A';
      return (edge[i] + edge[i + 1] + 1) >> 1;
    }
    int i = what - 'a';
    return (edge[i - 1] + 2 * edge[i] + edge[i + 1] + 2) >> 2;
  }

  /** The four samples from a place on; 127 above the plane. */
  int[] four(int left, int top) {
    return new int[] {at(left, top), at(left + 1, top), at(left + 2, top), at(left + 3, top)};
  }

  /** Adds the inverse cosine transform of sixteen coefficients, RFC 6386, section 14.3. */
  void add(int[] c, int from, int left, int top) {
    int[] t = new int[16];
    for (int i = 0; i < 4; i++) {
      int a = c[from + i] + c[from + 8 + i];
      int b = c[from + i] - c[from + 8 + i];
      int s = sine(c[from + 4 + i]) - cosine(c[from + 12 + i]);
      int d = cosine(c[from + 4 + i]) + sine(c[from + 12 + i]);
      t[4 * i] = a + d;
      t[4 * i + 1] = b + s;
      t[4 * i + 2] = b - s;
      t[4 * i + 3] = a - d;
    }
    for (int i = 0; i < 4; i++) {
      int a = t[i] + 4 + t[8 + i];
      int b = t[i] + 4 - t[8 + i];
      int s = sine(t[4 + i]) - cosine(t[12 + i]);
      int d = cosine(t[4 + i]) + sine(t[12 + i]);
      int at = (top + i) * stride + left;
      samples[at] = clip((samples[at] & 0xFF) + ((a + d) >> 3));
      samples[at + 1] = clip((samples[at + 1] & 0xFF) + ((b + s) >> 3));
      samples[at + 2] = clip((samples[at + 2] & 0xFF) + ((b - s) >> 3));
      samples[at + 3] = clip((samples[at + 3] & 0xFF) + ((a - d) >> 3));
    }
  }

  /** Times sqrt(2) cos(pi / 8), in 16 bits behind the point. */
  private static int cosine(int value) {
    return ((value * 20091) >> 16) + value;
  }

  /** Times sqrt(2) sin(pi / 8). */
  private static int sine(int value) {
    return (value * 35468) >> 16;
  }
}
