package dev.keralens.picture.draw;

/** Colours packed as 0xRRGGBB. */
final class Colors {
  private Colors() {}

  static int red(int color) {
    return color >> 16 & 0xFF;
  }

  static int green(int color) {
    return color >> 8 & 0xFF;
  }

  static int blue(int color) {
    return color & 0xFF;
  }

  /** A colour between two: {@code share} 0 is the first, 1 the second. */
  static int mix(int first, int second, double share) {
    return blend(red(first), red(second), share) << 16
        | blend(green(first), green(second), share) << 8
        | blend(blue(first), blue(second), share);
  }

  static int blend(int first, int second, double share) {
    return (int) Math.round(first + share * (second - first));
  }

  /** Writes the three channels. */
  static void put(int color, byte[] samples, int at) {
    samples[at] = (byte) red(color);
    samples[at + 1] = (byte) green(color);
    samples[at + 2] = (byte) blue(color);
  }

  /** Blends a colour over the three channels of a pixel. */
  static void blendOver(byte[] samples, int at, int color, double opacity) {
    samples[at] = (byte) blend(samples[at] & 0xFF, red(color), opacity);
    samples[at + 1] = (byte) blend(samples[at + 1] & 0xFF, green(color), opacity);
    samples[at + 2] = (byte) blend(samples[at + 2] & 0xFF, blue(color), opacity);
  }

  /** Checks a colour that a user gave. */
  static int check(int color) {
    if (color < 0 || color > 0xFFFFFF) {
      throw new IllegalArgumentException(
          "A colour is 0x000000 to 0xFFFFFF, got 0x" + Integer.toHexString(color) + ".");
    }
    return color;
  }

  /** ITU-R 601-2 luma, 0 to 255. */
  static int luma(int red, int green, int blue) {
    return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
  }
}
