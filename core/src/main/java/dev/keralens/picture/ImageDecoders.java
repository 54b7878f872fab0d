package dev.keralens.picture;

import java.io.IOException;
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

  static Pixels plain(ImageBytes image, String format) throws IOException {
    ImageReader reader = image.open(format);
    try {
      return Rasters.pixels(reader.read(0));
    } finally {
      reader.dispose();
    }
  }
}
