package dev.keralens.picture;

import java.awt.image.Raster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageReader;

/**
 * Decodes JPEG to the bit as Pillow with libjpeg-turbo does.
 *
 * <p>Java's reader gives the samples as libjpeg leaves them before its colour conversion (the
 * accurate integer transform, triangular chroma upsampling); the colour conversion is done here.
 * Asked for an image instead of a raster, the reader would guess colour spaces differently, refuse
 * CMYK, and apply embedded profiles.
 */
final class JpegDecoder {
  private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] JFIF = "JFIF\0".getBytes(StandardCharsets.US_ASCII);
  private static final int NO_TRANSFORM = 0;
  private static final int YCCK_TRANSFORM = 2;

  private JpegDecoder() {}

  static Pixels decode(ImageBytes image) throws IOException {
    ImageReader reader = image.open("jpeg");
    try {
      int[] warnings = new int[1];
      reader.addIIOReadWarningListener((source, warning) -> warnings[0]++);
      Raster raster = reader.readRaster(0, null);
      // libjpeg warns of the missing marker, and once more where picture data are missing too.
      if (warnings[0] > 1 && !endsProperly(image.content())) {
        throw new UnreadableImageException("is cut off: the end of its picture is missing");
      }
      byte[] samples = Rasters.components(raster, raster.getNumBands());
      return convert(
          samples, raster.getHeight(), raster.getWidth(), raster.getNumBands(), image.content());
    } finally {
      reader.dispose();
    }
  }

  /**
   * Whether an end-of-image marker follows the first scan's start; thumbnails, which have their
   * own, lie before it.
   */
  private static boolean endsProperly(byte[] file) {
    JpegSegments segments = new JpegSegments(file);
    while (segments.next()) {}
    for (int i = file.length - 2; i >= segments.start() + segments.length(); i--) {
      if (file[i] == (byte) 0xFF && file[i + 1] == (byte) 0xD9) {
        return true;
      }
    }
    return false;
  }

  private static Picture convert(byte[] samples, int height, int width, int bands, byte[] file)
      throws UnreadableImageException {
    switch (bands) {
      case 1 -> {
        return new Picture(ColorMode.GRAYSCALE, height, width, samples);
      }
      case 3 -> {
        if (!isRgb(file)) {
          Conversion.yccToRgb(samples, 3);
        }
        return new Picture(ColorMode.RGB, height, width, samples);
      }
      case 4 -> {
        toInk(samples, adobeTransform(file) == YCCK_TRANSFORM);
        return Rasters.cmyk(samples, height, width);
      }
      default ->
          throw new UnreadableImageException("has " + bands + " channels, which are not read");
    }
  }

  /**
   * Pillow takes every four-channel JPEG for Adobe's, which stores ink inverted. The three colours
   * of YCCK are those of inverted ink inverted again.
   */
  private static void toInk(byte[] samples, boolean ycck) {
    if (ycck) {
      Conversion.yccToRgb(samples, 4);
    }
    for (int i = 0; i < samples.length; i += 4) {
      for (int c = ycck ? i + 3 : i; c < i + 4; c++) {
        samples[c] = (byte) ~samples[c];
      }
    }
  }

  /**
   * libjpeg's rule for three channels: JFIF is YCbCr, Adobe's marker says, else the components' ids
   * "RGB" tell.
   */
  private static boolean isRgb(byte[] file) {
    int transform = -1;
    boolean named = false;
    for (JpegSegments segments = new JpegSegments(file); segments.next(); ) {
      if (segments.marker() == 0xE0 && segments.startsWith(JFIF)) {
        return false;
      }
      if (isAdobe(segments)) {
        transform = segments.at(11);
      }
      if (isFrame(segments)) {
        named = segments.at(6) == 'R' && segments.at(9) == 'G' && segments.at(12) == 'B';
      }
    }
    return transform == -1 ? named : transform == NO_TRANSFORM;
  }

  private static int adobeTransform(byte[] file) {
    for (JpegSegments segments = new JpegSegments(file); segments.next(); ) {
      if (isAdobe(segments)) {
        return segments.at(11);
      }
    }
    return -1;
  }

  private static boolean isAdobe(JpegSegments segments) {
    return segments.marker() == 0xEE && segments.length() >= 12 && segments.startsWith(ADOBE);
  }

  /** Start of frame, of a picture of three components or more. */
  private static boolean isFrame(JpegSegments segments) {
    int marker = segments.marker();
    return marker >= 0xC0
        && marker <= 0xCF
        && marker != 0xC4
        && marker != 0xC8
        && marker != 0xCC
        && segments.length() >= 15;
  }
}
