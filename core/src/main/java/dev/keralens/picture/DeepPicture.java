package dev.keralens.picture;

import dev.keralens.tensor.Tensor;

/**
 * Samples of 16 bits, as a decoder gives them.
 *
 * @param colorMode the channels
 * @param height the number of rows
 * @param width the number of columns
 * @param samples unsigned, row by row, channels last
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record DeepPicture(ColorMode colorMode, int height, int width, short[] samples) implements Pixels {
  private static final int WHITE = 65535;

  int channels() {
    return colorMode.channels();
  }

  /** The largest number of a colour; alpha is none. */
  int largest() {
    int channels = channels();
    int colors = channels == 4 ? 3 : channels;
    int largest = 0;
    for (int i = 0; i < samples.length; i++) {
      largest = i % channels < colors ? Math.max(largest, samples[i] & WHITE) : largest;
    }
    return largest;
  }

  /**
   * The same in 8 bits: the high ones of those that are used. Larger numbers are white.
   *
   * @param bits how many bits are used, 8 to 16; with 8, all above 255 are white, as Pillow
   *     converts a grayscale image
   */
  Picture highBits(int bits) {
    byte[] out = new byte[samples.length];
    boolean alpha = colorMode == ColorMode.RGBA;
    for (int i = 0; i < out.length; i++) {
      int used = alpha && i % 4 == 3 ? 16 : bits;
      out[i] = (byte) Math.min(255, (samples[i] & WHITE) >> (used - 8));
    }
    return new Picture(colorMode, height, width, out);
  }

  /** With other channels, as {@link Picture#convert} makes them. */
  DeepPicture convert(ColorMode to) {
    if (colorMode == to) {
      return this;
    }
    int pixels = height * width;
    short[] out = new short[Math.multiplyExact(pixels, to.channels())];
    int step = channels();
    for (int i = 0, s = 0, t = 0; i < pixels; i++, s += step, t += to.channels()) {
      short red = samples[s];
      short green = step == 1 ? red : samples[s + 1];
      short blue = step == 1 ? red : samples[s + 2];
      if (to == ColorMode.GRAYSCALE) {
        out[t] = (short) luma(red & WHITE, green & WHITE, blue & WHITE);
        continue;
      }
      out[t] = red;
      out[t + 1] = green;
      out[t + 2] = blue;
      if (to == ColorMode.RGBA) {
        out[t + 3] = (short) WHITE;
      }
    }
    return new DeepPicture(to, height, width, out);
  }

  private static long luma(long red, long green, long blue) {
    return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
  }

  /**
   * A part in another size.
   *
   * @param factor what the numbers of colours are multiplied by
   * @param largest where they end; alpha ends there too
   * @return (height, width, channel)
   */
  Tensor resize(
      Region from, int toHeight, int toWidth, Interpolation filter, double factor, double largest) {
    boolean alpha = colorMode == ColorMode.RGBA;
    boolean resized = from.width() != toWidth || from.height() != toHeight;
    boolean blended = alpha && resized && filter != Interpolation.NEAREST;
    int channels = channels();
    float[] out = new float[Math.multiplyExact(toHeight * toWidth, channels)];
    float[] opacity = {};
    for (int c = channels - 1; c >= 0; c--) {
      boolean isAlpha = alpha && c == 3;
      Plane plane = plane(c, blended && !isAlpha).resize(from, toHeight, toWidth, filter, !blended);
      float[] values = plane.values();
      opacity = isAlpha ? values : opacity;
      double times = isAlpha ? largest / WHITE : factor;
      for (int i = 0; i < values.length; i++) {
        double part = blended && !isAlpha && opacity[i] > 0 ? opacity[i] / WHITE : 1;
        out[i * channels + c] = (float) Math.max(0, Math.min(largest, values[i] / part * times));
      }
    }
    return Tensor.of(out, toHeight, toWidth, channels);
  }

  /** One channel; {@code premultiplied} by alpha. */
  private Plane plane(int channel, boolean premultiplied) {
    int channels = channels();
    float[] values = new float[height * width];
    for (int i = 0, s = 0; i < values.length; i++, s += channels) {
      float value = samples[s + channel] & WHITE;
      values[i] = premultiplied ? value * (samples[s + 3] & WHITE) / WHITE : value;
    }
    return new Plane(height, width, values);
  }
}
