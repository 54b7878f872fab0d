package dev.keralens.picture;

import java.io.IOException;
import java.nio.ByteOrder;
import javax.imageio.ImageReader;

/** Decodes the formats whose samples {@code ImageIO} hands over unchanged. */
final class ImageDecoders {
  private ImageDecoders() {}

  static Pixels png(ImageBytes image) throws IOException {
    return plain(image, "png");
  }

  static Pixels bmp(ImageBytes image) throws IOException {
    return plain(image, "bmp");
  }

  static Pixels webp(ImageBytes image) throws IOException {
    long size = 8 + (image.buffer(ByteOrder.LITTLE_ENDIAN).getInt(4) & 0xFFFFFFFFL);
    if (size > image.content().length) {
      throw new UnreadableImageException(
          "is cut off: it should have %d bytes and has %d".formatted(size, image.content().length));
    }
    return plain(image, "webp");
  }

  static Pixels plain(ImageBytes image, String format) throws IOException {
    ImageReader reader = image.open(format);
    try {
      return Rasters.pixels(reader.read(0));
    } finally {
      reader.dispose();
    }
  }
}
