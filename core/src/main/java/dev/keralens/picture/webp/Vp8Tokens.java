package dev.keralens.picture.webp;

import java.util.Arrays;

/** Reads the coefficients of a macroblock, RFC 6386, section 13. */
final class Vp8Tokens {
  private static final int[] ZIGZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};
  private static final int[] BANDS = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0};

  /** The probabilities of the bits of large numbers, by category. */
  private static final int[][] LARGE = {
    {173, 148, 140},
    {176, 155, 140, 135},
    {180, 157, 141, 134, 130},
    {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
  };

  private static final int LUMA_AFTER_DC = 0;
  private static final int LUMA_DC = 1;
  private static final int CHROMA = 2;
  private static final int LUMA = 3;

  /** For each column of blocks: 4 of luma, 2 of each chroma, 1 of luma's DCs. */
  private static final int FLAGS = 9;

  private final int[] probabilities;
  private final boolean[] above;
  private final boolean[] left = new boolean[FLAGS];

  /** The coefficients of the macroblock that was read last: 16 blocks of luma, 4 of each chroma. */
  final int[] coefficients = new int[24 * 16];

  private final int[] dcs = new int[16];

  Vp8Tokens(int[] probabilities, int columns) {
    this.probabilities = probabilities;
    this.above = new boolean[columns * FLAGS];
  }

  void beginRow() {
    Arrays.fill(left, false);
  }

  /** Takes note of a macroblock without coefficients. */
  void skip(int column, boolean subblocks) {
    int flags = subblocks ? FLAGS - 1 : FLAGS;
    Arrays.fill(above, column * FLAGS, column * FLAGS + flags, false);
    Arrays.fill(left, 0, flags, false);
  }

  /** Reads those of a macroblock; says whether there is any. */
  boolean read(Vp8Bits bits, int column, boolean subblocks, int[] quantizers) {
    Arrays.fill(coefficients, 0);
    int first = subblocks ? 0 : 1;
    int flags = column * FLAGS;
    if (!subblocks) {
      Arrays.fill(dcs, 0);
      int context = context(flags + 8, 8);
      int end = block(bits, LUMA_DC, context, 0, dcs, 0, quantizers[2], quantizers[3]);
      set(flags + 8, 8, end > 0);
      spread();
    }
    int type = subblocks ? LUMA : LUMA_AFTER_DC;
    boolean any = false;
    for (int b = 0; b < 24; b++) {
      boolean luma = b < 16;
      int x = luma ? b % 4 : 4 + (b - 16) / 4 * 2 + b % 2;
      int y = luma ? b / 4 : 4 + (b - 16) / 4 * 2 + b / 2 % 2;
      int from = luma ? first : 0;
      int q = luma ? 0 : 4;
      int context = context(flags + x, y);
      int end =
          block(
              bits,
              luma ? type : CHROMA,
              context,
              from,
              coefficients,
              16 * b,
              quantizers[q],
              quantizers[q + 1]);
      set(flags + x, y, end > from);
      any |= end > 1 || coefficients[16 * b] != 0;
    }
    return any;
  }

  private int context(int column, int row) {
    return (above[column] ? 1 : 0) + (left[row] ? 1 : 0);
  }

  private void set(int column, int row, boolean any) {
    above[column] = any;
    left[row] = any;
  }

  /** Reads one block's; returns where they end. */
  private int block(
      Vp8Bits bits, int type, int context, int first, int[] out, int to, int dc, int ac) {
    int p = place(type, first, context);
    for (int n = first; n < 16; n++) {
      if (bits.bit(probabilities[p]) == 0) {
        return n;
      }
      while (bits.bit(probabilities[p + 1]) == 0) {
        n++;
        if (n == 16) {
          return 16;
        }
        p = place(type, n, 0);
      }
      int value = 1;
      if (bits.bit(probabilities[p + 2]) == 1) {
        value = large(bits, p);
      }
      p = place(type, n + 1, value == 1 ? 1 : 2);
      out[to + ZIGZAG[n]] = (bits.flag() ? -value : value) * (n > 0 ? ac : dc);
    }
    return 16;
  }

  private static int place(int type, int n, int context) {
    return ((type * Vp8Tables.BANDS + BANDS[n]) * Vp8Tables.CONTEXTS + context) * Vp8Tables.TOKENS;
  }

  /** A number from 2 on. */
  private int large(Vp8Bits bits, int p) {
    if (bits.bit(probabilities[p + 3]) == 0) {
      return bits.bit(probabilities[p + 4]) == 0 ? 2 : 3 + bits.bit(probabilities[p + 5]);
    }
    if (bits.bit(probabilities[p + 6]) == 0) {
      return bits.bit(probabilities[p + 7]) == 0
          ? 5 + bits.bit(159)
          : 7 + 2 * bits.bit(165) + bits.bit(145);
    }
    int high = bits.bit(probabilities[p + 8]);
    int category = 2 * high + bits.bit(probabilities[p + 9 + high]);
    int rest = 0;
    for (int probability : LARGE[category]) {
      rest = 2 * rest + bits.bit(probability);
    }
    return 3 + (8 << category) + rest;
  }

  /** The DCs of the sixteen blocks: the inverse Walsh-Hadamard transform, section 14.3. */
  private void spread() {
    int[] t = new int[16];
    for (int i = 0; i < 4; i++) {
      int a = dcs[i] + dcs[12 + i];
      int b = dcs[4 + i] + dcs[8 + i];
      int c = dcs[4 + i] - dcs[8 + i];
      int d = dcs[i] - dcs[12 + i];
      t[i] = a + b;
      t[4 + i] = d + c;
      t[8 + i] = a - b;
      t[12 + i] = d - c;
    }
    for (int i = 0; i < 4; i++) {
      int a = t[4 * i] + 3 + t[4 * i + 3];
      int b = t[4 * i + 1] + t[4 * i + 2];
      int c = t[4 * i + 1] - t[4 * i + 2];
      int d = t[4 * i] + 3 - t[4 * i + 3];
      coefficients[64 * i] = (a + b) >> 3;
      coefficients[64 * i + 16] = (d + c) >> 3;
      coefficients[64 * i + 32] = (a - b) >> 3;
      coefficients[64 * i + 48] = (d - c) >> 3;
    }
  }
}
