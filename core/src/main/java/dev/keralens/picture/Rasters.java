package dev.keralens.picture;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;

/**
 * Takes the samples out of Java's images and puts them in.
 *
 * <p>It reads rasters, never {@code getRGB}: that goes through colour profiles and would change the
 * samples (Java takes gray for linear light, for one).
 */
final class Rasters {
  private Rasters() {}

  /**
   * The samples of an image, converted as Pillow converts them; the exception's message lacks the
   * image's name.
   */
  static Pixels pixels(BufferedImage image) throws UnreadableImageException {
    Raster raster = image.getRaster();
    ColorModel colors = image.getColorModel();
    if (colors instanceof IndexColorModel palette) {
      return indexed(raster, palette);
    }
    int type = raster.getSampleModel().getDataType();
    if (type == DataBuffer.TYPE_FLOAT
        || type == DataBuffer.TYPE_DOUBLE
        || raster.getSampleModel().getSampleSize(0) > 16) {
      throw new UnreadableImageException("has samples of more than 16 bits, which are not read");
    }
    int space = colors.getColorSpace().getType();
    int bands = raster.getNumBands();
    if (raster.getSampleModel().getSampleSize(0) > 8 && bands <= 4 && !isCmyk(bands, space)) {
      return deep(raster, colors);
    }
    if (bands == 1) {
      return components(raster, ColorMode.GRAYSCALE);
    }
    if (bands == 2 && space == ColorSpace.TYPE_GRAY) {
      return grayAlpha(components(raster, 2), raster, colors);
    }
    if (bands == 3 && space == ColorSpace.TYPE_RGB) {
      return components(raster, ColorMode.RGB);
    }
    if (isCmyk(bands, space)) {
      return cmyk(components(raster, 4), raster.getHeight(), raster.getWidth());
    }
    if (bands == 4 && space == ColorSpace.TYPE_RGB) {
      Picture rgba = components(raster, ColorMode.RGBA);
      return colors.isAlphaPremultiplied() ? Conversion.unpremultiply(rgba) : rgba;
    }
    throw new UnreadableImageException(
        "has %d channels of colour space %d, which are not read".formatted(bands, space));
  }

  private static boolean isCmyk(int bands, int space) {
    return bands == 4 && space == ColorSpace.TYPE_CMYK;
  }

  private static Picture indexed(Raster raster, IndexColorModel palette) {
    int width = raster.getWidth();
    byte[] indices = new byte[raster.getHeight() * width];
    int[] row = new int[width];
    for (int y = 0, at = 0; y < raster.getHeight(); y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
      for (int index : row) {
        indices[at++] = (byte) index;
      }
    }
    return indexed(indices, raster.getHeight(), width, palette);
  }

  /** The colours of a palette's indices; black for those behind its end. */
  static Picture indexed(byte[] indices, int height, int width, IndexColorModel palette) {
    int[] colors = new int[256];
    for (int i = 0; i < Math.min(256, palette.getMapSize()); i++) {
      colors[i] = palette.getRGB(i);
    }
    boolean alpha = palette.hasAlpha();
    byte[] out = new byte[Math.multiplyExact(indices.length, alpha ? 4 : 3)];
    int at = 0;
    for (byte index : indices) {
      int color = colors[index & 0xFF];
      out[at++] = (byte) (color >> 16);
      out[at++] = (byte) (color >> 8);
      out[at++] = (byte) color;
      if (alpha) {
        out[at++] = (byte) (color >>> 24);
      }
    }
    return new Picture(alpha ? ColorMode.RGBA : ColorMode.RGB, height, width, out);
  }

  /** Samples of 9 to 16 bits, those below 16 scaled up; gray with alpha becomes RGBA. */
  private static DeepPicture deep(Raster raster, ColorModel colors)
      throws UnreadableImageException {
    if (raster.getSampleModel().getDataType() == DataBuffer.TYPE_SHORT) {
      throw new UnreadableImageException("has signed samples, which are not read");
    }
    int bands = raster.getNumBands();
    int width = raster.getWidth();
    int height = raster.getHeight();
    ColorMode mode = ColorMode.ofChannels(bands == 2 ? 4 : bands);
    int white = (1 << raster.getSampleModel().getSampleSize(0)) - 1;
    short[] out = new short[Math.multiplyExact(height * width, mode.channels())];
    int[] row = new int[width * bands];
    int at = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int i = 0; i < row.length; i++) {
        int value = white == 65535 ? row[i] : row[i] * 65535 / white;
        int copies = bands == 2 && i % 2 == 0 ? 3 : 1;
        for (int k = 0; k < copies; k++) {
          out[at++] = (short) value;
        }
      }
    }
    if (colors.isAlphaPremultiplied() && mode == ColorMode.RGBA) {
      unpremultiply(out);
    }
    return new DeepPicture(mode, height, width, out);
  }

  private static void unpremultiply(short[] rgba) {
    for (int i = 0; i < rgba.length; i++) {
      long alpha = rgba[i | 3] & 0xFFFF;
      if (i % 4 != 3 && alpha != 0) {
        rgba[i] = (short) Math.min(65535, (rgba[i] & 0xFFFF) * 65535L / alpha);
      }
    }
  }

  private static Picture components(Raster raster, ColorMode mode) {
    return new Picture(
        mode, raster.getHeight(), raster.getWidth(), components(raster, mode.channels()));
  }

  /**
   * All samples in 8 bits, row by row, bands last: 16-bit ones lose their low byte, those below 8
   * are scaled up.
   */
  static byte[] components(Raster raster, int bands) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    if (raster.getSampleModel() instanceof PixelInterleavedSampleModel model
        && model.getDataType() == DataBuffer.TYPE_BYTE) {
      // The same without a detour over integers, and much faster.
      return (byte[])
          raster.getDataElements(raster.getMinX(), raster.getMinY(), width, height, null);
    }
    byte[] out = new byte[Math.multiplyExact(height * bands, width)];
    int[] row = new int[width * bands];
    int[] sizes = raster.getSampleModel().getSampleSize();
    for (int y = 0, at = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int i = 0; i < row.length; i++) {
        int size = sizes[i % bands];
        out[at++] =
            (byte)
                (size == 8
                    ? row[i]
                    : size > 8 ? row[i] >> (size - 8) : row[i] * 255 / ((1 << size) - 1));
      }
    }
    return out;
  }

  private static Picture grayAlpha(byte[] samples, Raster raster, ColorModel colors) {
    byte[] out = new byte[samples.length * 2];
    for (int s = 0, t = 0; s < samples.length; s += 2, t += 4) {
      out[t] = out[t + 1] = out[t + 2] = samples[s];
      out[t + 3] = samples[s + 1];
    }
    Picture rgba = new Picture(ColorMode.RGBA, raster.getHeight(), raster.getWidth(), out);
    return colors.isAlphaPremultiplied() ? Conversion.unpremultiply(rgba) : rgba;
  }

  /** Ink, 0 being none, as light. */
  static Picture cmyk(byte[] ink, int height, int width) {
    byte[] out = new byte[height * width * 3];
    for (int s = 0, t = 0; s < ink.length; s += 4, t += 3) {
      for (int c = 0; c < 3; c++) {
        out[t + c] = Conversion.inkToLight(ink[s + c] & 0xFF, ink[s + 3] & 0xFF);
      }
    }
    return new Picture(ColorMode.RGB, height, width, out);
  }

  static BufferedImage image(Picture picture) {
    int width = picture.width();
    int height = picture.height();
    byte[] samples = picture.samples();
    if (picture.colorMode() == ColorMode.GRAYSCALE) {
      BufferedImage gray = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
      gray.getRaster().setDataElements(0, 0, width, height, samples);
      return gray;
    }
    boolean alpha = picture.colorMode() == ColorMode.RGBA;
    BufferedImage image =
        new BufferedImage(
            width, height, alpha ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB);
    int[] packed = new int[width * height];
    for (int i = 0, s = 0; i < packed.length; i++, s += picture.channels()) {
      packed[i] =
          (alpha ? samples[s + 3] << 24 : 0)
              | (samples[s] & 0xFF) << 16
              | (samples[s + 1] & 0xFF) << 8
              | (samples[s + 2] & 0xFF);
    }
    image.getRaster().setDataElements(0, 0, width, height, packed);
    return image;
  }
}
