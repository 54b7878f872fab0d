package dev.keralens.picture;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageReader;

/**
 * Decodes the first frame of a GIF on the file's logical screen, as Pillow: around a smaller frame
 * the screen has the frame's transparent colour, else the palette's first.
 */
final class GifDecoder {
  private static final int EXTENSION = 0x21;
  private static final int IMAGE = 0x2C;

  private GifDecoder() {}

  static Pixels decode(ImageBytes image) throws IOException {
    ImageReader reader = image.open("gif");
    try {
      BufferedImage frame = reader.read(0);
      int at = firstImage(image);
      int left = sixteenBits(image, at + 1);
      int top = sixteenBits(image, at + 3);
      int width = Math.max(sixteenBits(image, 6), left + frame.getWidth());
      int height = Math.max(sixteenBits(image, 8), top + frame.getHeight());
      image.checkSize(width, height);
      if (width == frame.getWidth() && height == frame.getHeight()) {
        return Rasters.pixels(frame);
      }
      return onScreen(frame, left, top, height, width);
    } finally {
      reader.dispose();
    }
  }

  private static Picture onScreen(BufferedImage frame, int left, int top, int height, int width) {
    IndexColorModel palette = (IndexColorModel) frame.getColorModel();
    byte[] indices = new byte[height * width];
    Arrays.fill(indices, (byte) Math.max(0, palette.getTransparentPixel()));
    int[] row = new int[frame.getWidth()];
    for (int y = 0; y < frame.getHeight(); y++) {
      frame.getRaster().getSamples(0, y, row.length, 1, 0, row);
      for (int x = 0; x < row.length; x++) {
        indices[(top + y) * width + left + x] = (byte) row[x];
      }
    }
    return Rasters.indexed(indices, height, width, palette);
  }

  /** Where the first image descriptor stands. */
  private static int firstImage(ImageBytes image) {
    int flags = image.byteAt(10);
    int at = 13 + ((flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1));
    while (image.byteAt(at) == EXTENSION) {
      at += 2;
      while (image.byteAt(at) != 0) {
        at += 1 + image.byteAt(at);
      }
      at++;
    }
    if (image.byteAt(at) != IMAGE) {
      throw new IllegalStateException("no image descriptor at byte " + at);
    }
    return at;
  }

  private static int sixteenBits(ImageBytes image, int at) {
    return image.byteAt(at) | image.byteAt(at + 1) << 8;
  }
}
