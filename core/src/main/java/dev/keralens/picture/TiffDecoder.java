package dev.keralens.picture;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

/**
 * Decodes TIFF files: what {@code ImageIO} can, and the horizontal differences of 16-bit samples
 * (predictor 2), which it cannot undo.
 *
 * <p>Such a file is decoded as if it had no predictor. Each sample then is its difference from the
 * sample of the same channel to the left, in 16 bits, so sums along the rows give the samples; in a
 * tiled file they begin anew in each tile.
 */
final class TiffDecoder {
  /** LZW and the two numbers of Deflate: libtiff heeds the predictor of no other that is read. */
  private static final Set<Integer> WITH_PREDICTOR = Set.of(5, 8, 32946);

  private static final int WHITE_IS_ZERO = 0;
  private static final int NONE = 1;
  private static final int HORIZONTAL = 2;
  private static final int FLOATING_POINT = 3;

  /** How others compress, by the tag's value. */
  private static final Map<Integer, String> NOT_READ =
      Map.of(
          34887, "LERC",
          34892, "lossy JPEG (DNG)",
          34712, "JPEG 2000",
          33003, "JPEG 2000",
          33005, "JPEG 2000",
          34925, "LZMA",
          50000, "Zstandard",
          50001, "WebP",
          50002, "JPEG XL",
          52546, "JPEG XL");

  private TiffDecoder() {}

  /** Pillow turns a TIFF upright whenever it loads one, so this does too. */
  static Pixels decode(ImageBytes image) throws IOException {
    TiffDirectory tags = TiffDirectory.of(image.content());
    check(tags);
    return Exif.ofTiff(image.content(), 0).turn(pixels(image, tags));
  }

  private static Pixels pixels(ImageBytes image, TiffDirectory tags) throws IOException {
    boolean differences =
        tags.value(TiffDirectory.PREDICTOR, NONE) == HORIZONTAL
            && WITH_PREDICTOR.contains(tags.value(TiffDirectory.COMPRESSION, NONE))
            && tags.value(TiffDirectory.BITS_PER_SAMPLE, 1) == 16;
    if (!differences) {
      return ImageDecoders.plain(image, "tiff");
    }
    byte[] plain = tags.with(TiffDirectory.PREDICTOR, NONE);
    Pixels pixels =
        ImageDecoders.plain(new ImageBytes(plain, image.name(), image.maxPixels()), "tiff");
    if (!(pixels instanceof DeepPicture deep)) {
      throw new UnreadableImageException(
          "has horizontal differences (predictor 2) of 16-bit samples whose colours are not read;"
              + " save it without a predictor");
    }
    boolean inverted = tags.value(TiffDirectory.PHOTOMETRIC, 1) == WHITE_IS_ZERO;
    int tileWidth = tags.value(TiffDirectory.TILE_WIDTH, deep.width());
    sum(deep, Math.max(1, Math.min(tileWidth, deep.width())), inverted ? 0xFFFF : 0);
    return deep;
  }

  /** Refuses what is whole, but not read. */
  private static void check(TiffDirectory tags) throws UnreadableImageException {
    String compression = NOT_READ.get(tags.value(TiffDirectory.COMPRESSION, NONE));
    if (compression != null) {
      throw new UnreadableImageException(
          "is compressed by %s, which is not read; save it with LZW, Deflate or uncompressed"
              .formatted(compression));
    }
    int bits = tags.value(TiffDirectory.BITS_PER_SAMPLE, 1);
    int format = tags.value(TiffDirectory.SAMPLE_FORMAT, 1);
    int predictor = tags.value(TiffDirectory.PREDICTOR, NONE);
    if (format == 3 || predictor == FLOATING_POINT) {
      throw new UnreadableImageException(
          "has floating-point samples of %d bits, which are not read; save it with 8 or 16 bits, or its numbers as .npy"
              .formatted(bits));
    }
    if (format == 2) {
      throw new UnreadableImageException(
          "has signed samples of %d bits, which are not read; save it with unsigned ones"
              .formatted(bits));
    }
    if (bits > 16) {
      throw new UnreadableImageException(
          "has samples of %d bits; at most 16 are read".formatted(bits));
    }
  }

  /** {@code inverted}: the bits that the decoder has turned over, where white is 0 in the file. */
  private static void sum(DeepPicture picture, int tileWidth, int inverted) {
    int channels = picture.channels();
    int row = picture.width() * channels;
    int tile = tileWidth * channels;
    short[] samples = picture.samples();
    for (int i = 0; i < samples.length; i++) {
      if (i % row % tile >= channels) {
        int left = samples[i - channels] ^ inverted;
        samples[i] = (short) ((left + (samples[i] ^ inverted)) ^ inverted);
      }
    }
  }
}
