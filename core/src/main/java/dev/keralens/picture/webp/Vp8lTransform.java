package dev.keralens.picture.webp;

/**
 * What was done to the pixels of a lossless WebP picture before they were written, RFC 9649,
 * section 3.5, and how it is undone.
 */
sealed interface Vp8lTransform {
  /** Undoes the transform. Pixels are ARGB, row by row; the answer may be the same array. */
  int[] undo(int[] pixels);

  /** Pixels are differences from a prediction out of their neighbours, a mode for each block. */
  @SuppressWarnings("ArrayRecordComponent") // Neither compared nor used as a key.
  record Predicted(int width, int height, int blockBits, int[] modes) implements Vp8lTransform {
    private static final int BLACK = 0xFF000000;

    @Override
    public int[] undo(int[] p) {
      int columns = Vp8lImage.blocks(width, blockBits);
      for (int y = 0, at = 0; y < height; y++) {
        for (int x = 0; x < width; x++, at++) {
          int mode = (modes[(y >> blockBits) * columns + (x >> blockBits)] >> 8) & 15;
          int prediction =
              y == 0
                  ? x == 0 ? BLACK : p[at - 1]
                  : x == 0 ? p[at - width] : predict(mode, p, at, width);
          p[at] = add(p[at], prediction);
        }
      }
      return p;
    }

    private static int predict(int mode, int[] p, int at, int width) {
      int left = p[at - 1];
      int top = p[at - width];
      int topLeft = p[at - width - 1];
      int topRight = p[at - width + 1];
      return switch (mode) {
        case 1 -> left;
        case 2 -> top;
        case 3 -> topRight;
        case 4 -> topLeft;
        case 5 -> average(average(left, topRight), top);
        case 6 -> average(left, topLeft);
        case 7 -> average(left, top);
        case 8 -> average(topLeft, top);
        case 9 -> average(top, topRight);
        case 10 -> average(average(left, topLeft), average(top, topRight));
        case 11 -> distance(top, topLeft) < distance(left, topLeft) ? left : top;
        case 12 -> eachChannel(left, top, topLeft, false);
        case 13 -> eachChannel(average(left, top), topLeft, 0, true);
        default -> BLACK;
      };
    }

    private static int add(int a, int b) {
      int alphaGreen = (a & 0xFF00FF00) + (b & 0xFF00FF00);
      int redBlue = (a & 0x00FF00FF) + (b & 0x00FF00FF);
      return (alphaGreen & 0xFF00FF00) | (redBlue & 0x00FF00FF);
    }

    private static int average(int a, int b) {
      return (a & b) + (((a ^ b) & 0xFEFEFEFE) >>> 1);
    }

    /** The sum over channels of absolute differences. */
    private static int distance(int a, int b) {
      int sum = 0;
      for (int shift = 0; shift < 32; shift += 8) {
        sum += Math.abs((a >>> shift & 0xFF) - (b >>> shift & 0xFF));
      }
      return sum;
    }

    /** In each channel a + b - c, or a + (a - b) / 2 where it is the {@code half}; 0 to 255. */
    private static int eachChannel(int a, int b, int c, boolean half) {
      int out = 0;
      for (int shift = 0; shift < 32; shift += 8) {
        int first = a >>> shift & 0xFF;
        int second = b >>> shift & 0xFF;
        int value = half ? first + (first - second) / 2 : first + second - (c >>> shift & 0xFF);
        out |= Math.max(0, Math.min(255, value)) << shift;
      }
      return out;
    }
  }

  /** Red and blue lack a part of green, and blue one of red; three factors for each block. */
  @SuppressWarnings("ArrayRecordComponent") // Neither compared nor used as a key.
  record CrossColor(int width, int height, int blockBits, int[] factors) implements Vp8lTransform {
    @Override
    public int[] undo(int[] p) {
      int columns = Vp8lImage.blocks(width, blockBits);
      for (int y = 0, at = 0; y < height; y++) {
        for (int x = 0; x < width; x++, at++) {
          int factor = factors[(y >> blockBits) * columns + (x >> blockBits)];
          int green = p[at] >> 8;
          int red = (p[at] >> 16) + part(factor, green);
          int blue = p[at] + part(factor >> 8, green) + part(factor >> 16, red);
          p[at] = (p[at] & 0xFF00FF00) | (red & 0xFF) << 16 | (blue & 0xFF);
        }
      }
      return p;
    }

    /** A part of a channel, in 32nds; both are signed bytes. */
    private static int part(int factor, int channel) {
      return ((byte) factor * (byte) channel) >> 5;
    }
  }

  /** Red and blue lack green. */
  record SubtractGreen() implements Vp8lTransform {
    @Override
    public int[] undo(int[] p) {
      for (int i = 0; i < p.length; i++) {
        int green = p[i] >> 8 & 0xFF;
        int redBlue = (p[i] & 0x00FF00FF) + (green << 16 | green);
        p[i] = (p[i] & 0xFF00FF00) | (redBlue & 0x00FF00FF);
      }
      return p;
    }
  }

  /**
   * Green is a place in a table of colours; of small tables, several pixels share one.
   *
   * @param width the width of the picture with a pixel each
   * @param sharedBits 2 to the power of it share a pixel
   */
  @SuppressWarnings("ArrayRecordComponent") // Neither compared nor used as a key.
  record Indexed(int width, int height, int sharedBits, int[] colors) implements Vp8lTransform {
    @Override
    public int[] undo(int[] p) {
      int packed = Vp8lImage.blocks(width, sharedBits);
      int bits = 8 >> sharedBits;
      int[] out = new int[width * height];
      for (int y = 0, at = 0; y < height; y++) {
        for (int x = 0; x < width; x++, at++) {
          int green = p[y * packed + (x >> sharedBits)] >> 8 & 0xFF;
          int place = (x & ((1 << sharedBits) - 1)) * bits;
          int index = green >> place & ((1 << bits) - 1);
          out[at] = index < colors.length ? colors[index] : 0;
        }
      }
      return out;
    }
  }
}
