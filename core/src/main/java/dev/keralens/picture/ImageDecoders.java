package dev.keralens.picture;

import dev.keralens.picture.webp.WebpDecoder;
import dev.keralens.picture.webp.WebpException;
import dev.keralens.picture.webp.WebpImage;
import dev.keralens.text.Printable;
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

  static Pixels webp(ImageBytes image) throws IOException {
    try {
      WebpImage webp = WebpDecoder.decode(image.content(), image::checkSize);
      return new Picture(
          ColorMode.ofChannels(webp.channels()), webp.height(), webp.width(), webp.samples());
    } catch (WebpException e) {
      throw new UnreadableImageException(Printable.reason(e), e);
    }
  }
}
