package dev.keralens.picture;

import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Pillow's conversions between colour modes, to the bit. */
final class Conversion {
  /** The weights of libjpeg, with 16 bits behind the point, for each value of the chroma. */
  private static final int[] RED_OF_CR = ofChroma(cr -> (91881 * cr + 0x8000) >> 16);

  private static final int[] GREEN_OF_CB = ofChroma(cb -> -22554 * cb + 0x8000);
  private static final int[] GREEN_OF_CR = ofChroma(cr -> -46802 * cr);
  private static final int[] BLUE_OF_CB = ofChroma(cb -> (116130 * cb + 0x8000) >> 16);

  private Conversion() {}

  /** ITU-R 601-2 luma in 16-bit fixed point. */
  static int luma(int red, int green, int blue) {
    return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
  }

  static Picture convert(Picture picture, ColorMode to) {
    ColorMode from = picture.colorMode();
    if (from == to) {
      return picture;
    }
    byte[] in = picture.samples();
    int pixels = picture.height() * picture.width();
    byte[] out = new byte[Math.multiplyExact(pixels, to.channels())];
    for (int i = 0, s = 0, t = 0; i < pixels; i++, s += from.channels(), t += to.channels()) {
      byte red = in[s];
      byte green = from == ColorMode.GRAYSCALE ? red : in[s + 1];
      byte blue = from == ColorMode.GRAYSCALE ? red : in[s + 2];
      if (to == ColorMode.GRAYSCALE) {
        out[t] = (byte) luma(red & 0xFF, green & 0xFF, blue & 0xFF);
        continue;
      }
      out[t] = red;
      out[t + 1] = green;
      out[t + 2] = blue;
      if (to == ColorMode.RGBA) {
        out[t + 3] = (byte) 255;
      }
    }
    return new Picture(to, picture.height(), picture.width(), out);
  }

  /** Colour times alpha over 255, rounded. */
  static Picture premultiply(Picture rgba) {
    byte[] out = rgba.samples().clone();
    for (int i = 0; i < out.length; i += 4) {
      int alpha = out[i + 3] & 0xFF;
      for (int c = i; c < i + 3; c++) {
        out[c] = (byte) multiply(out[c] & 0xFF, alpha);
      }
    }
    return new Picture(ColorMode.RGBA, rgba.height(), rgba.width(), out);
  }

  /** Colour times 255 over alpha, rounded down, at most 255; as it is where alpha is 0. */
  static Picture unpremultiply(Picture rgba) {
    byte[] out = rgba.samples().clone();
    for (int i = 0; i < out.length; i += 4) {
      int alpha = out[i + 3] & 0xFF;
      if (alpha != 0 && alpha != 255) {
        for (int c = i; c < i + 3; c++) {
          out[c] = (byte) Math.min(255, 255 * (out[c] & 0xFF) / alpha);
        }
      }
    }
    return new Picture(ColorMode.RGBA, rgba.height(), rgba.width(), out);
  }

  /** A picture in RGB; alpha is blended over white. */
  static Picture opaque(Picture picture) {
    return picture.colorMode() == ColorMode.RGBA
        ? overWhite(picture)
        : convert(picture, ColorMode.RGB);
  }

  /** An RGBA picture blended over white, in RGB. */
  private static Picture overWhite(Picture rgba) {
    byte[] in = rgba.samples();
    byte[] out = new byte[in.length / 4 * 3];
    for (int s = 0, t = 0; s < in.length; s += 4, t += 3) {
      int alpha = in[s + 3] & 0xFF;
      for (int c = 0; c < 3; c++) {
        out[t + c] = (byte) (255 - multiply(255 - (in[s + c] & 0xFF), alpha));
      }
    }
    return new Picture(ColorMode.RGB, rgba.height(), rgba.width(), out);
  }

  /** Ink (0 is none) to RGB: (255 - k) less its share for the ink. */
  static byte inkToLight(int ink, int black) {
    int light = 255 - black;
    return (byte) (light - multiply(ink, light));
  }

  /** The product of two numbers of 0 to 255, over 255, rounded. */
  private static int multiply(int a, int b) {
    int product = a * b + 128;
    return ((product >> 8) + product) >> 8;
  }

  /** Turns libjpeg's YCbCr into red, green and blue, in place; {@code channels} a pixel. */
  static void yccToRgb(byte[] samples, int channels) {
    for (int i = 0; i < samples.length; i += channels) {
      int luma = samples[i] & 0xFF;
      int cb = samples[i + 1] & 0xFF;
      int cr = samples[i + 2] & 0xFF;
      samples[i] = clip(luma + RED_OF_CR[cr]);
      samples[i + 1] = clip(luma + ((GREEN_OF_CB[cb] + GREEN_OF_CR[cr]) >> 16));
      samples[i + 2] = clip(luma + BLUE_OF_CB[cb]);
    }
  }

  private static int[] ofChroma(IntUnaryOperator function) {
    return IntStream.range(-128, 128).map(function).toArray();
  }

  private static byte clip(int value) {
    return (byte) ((value & ~0xFF) == 0 ? value : value < 0 ? 0 : 255);
  }
}
