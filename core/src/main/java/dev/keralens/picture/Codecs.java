package dev.keralens.picture;

import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriter;
import org.jspecify.annotations.Nullable;

/**
 * Picks the codecs of {@link ImageIO}.
 *
 * <p>Java's own come first: the raw samples that its JPEG reader gives are libjpeg's, and other
 * plug-ins on the class path must not change what is read.
 */
final class Codecs {
  private Codecs() {}

  static ImageReader reader(String format) throws UnreadableImageException {
    ImageReader reader = first(ImageIO.getImageReadersByFormatName(format));
    if (reader == null) {
      throw new UnreadableImageException(
          "needs an ImageIO plug-in for " + format + ", and none is on the class path");
    }
    return reader;
  }

  static ImageWriter writer(String format) {
    ImageWriter writer = first(ImageIO.getImageWritersByFormatName(format));
    if (writer == null) {
      throw new IllegalStateException("This Java cannot write " + format + ".");
    }
    return writer;
  }

  private static <T> @Nullable T first(Iterator<T> codecs) {
    T other = null;
    while (codecs.hasNext()) {
      T codec = codecs.next();
      if (codec.getClass().getModule() == ImageIO.class.getModule()) {
        return codec;
      }
      other = other == null ? codec : other;
    }
    return other;
  }
}
