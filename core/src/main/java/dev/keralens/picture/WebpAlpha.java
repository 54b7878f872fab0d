package dev.keralens.picture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The alpha of a lossy WebP file: a byte that says how it is stored, then its samples as they are,
 * or as the green of a lossless picture without that picture's header. They may be differences from
 * their neighbours.
 */
final class WebpAlpha {
  private static final int HORIZONTAL = 1;
  private static final int VERTICAL = 2;

  /** What begins a lossless picture: a container, a chunk, a signature, the size. */
  private static final int HEADER = 25;

  private WebpAlpha() {}

  static byte[] read(ImageBytes image, int start, int end, int width, int height)
      throws IOException {
    byte[] file = image.content();
    boolean stored = (file[start] & 3) == 0;
    byte[] samples =
        stored
            ? stored(file, start + 1, end, width * height)
            : green(
                new ImageBytes(
                    lossless(file, start + 1, end, width, height), image.name(), image.maxPixels()),
                width * height);
    int predictor = (file[start] >> 2) & 3;
    for (int y = 0, at = 0; predictor != 0 && y < height; y++) {
      for (int x = 0; x < width; x++, at++) {
        samples[at] = (byte) (samples[at] + predicted(predictor, samples, at, x, y, width));
      }
    }
    return samples;
  }

  private static byte[] stored(byte[] file, int start, int end, int count)
      throws UnreadableImageException {
    if (end - start < count) {
      throw new UnreadableImageException("is cut off: the end of its alpha is missing");
    }
    byte[] samples = new byte[count];
    System.arraycopy(file, start, samples, 0, count);
    return samples;
  }

  /** A file of its own that holds the alpha as a lossless picture. */
  private static byte[] lossless(byte[] file, int start, int end, int width, int height) {
    int length = Math.max(0, end - start);
    int padding = (length + 1) % 2;
    ByteBuffer out = ByteBuffer.allocate(HEADER + length + padding).order(ByteOrder.LITTLE_ENDIAN);
    out.put("RIFF".getBytes(StandardCharsets.ISO_8859_1)).putInt(out.capacity() - 8);
    out.put("WEBPVP8L".getBytes(StandardCharsets.ISO_8859_1)).putInt(length + 5);
    out.put((byte) 0x2F).putInt((width - 1) | ((height - 1) << 14));
    return out.put(file, start, length).array();
  }

  private static byte[] green(ImageBytes lossless, int count) throws IOException {
    if (!(ImageDecoders.plain(lossless, "webp") instanceof Picture picture)
        || picture.height() * picture.width() != count) {
      throw new UnreadableImageException("is damaged: its alpha does not fit its colours");
    }
    byte[] samples = new byte[count];
    for (int i = 0, channels = picture.channels(); i < count; i++) {
      samples[i] = picture.samples()[i * channels + (channels == 1 ? 0 : 1)];
    }
    return samples;
  }

  private static int predicted(int predictor, byte[] out, int at, int x, int y, int width) {
    if (y == 0) {
      return x == 0 ? 0 : out[at - 1] & 0xFF;
    }
    int above = out[at - width] & 0xFF;
    if (x == 0 || predictor == VERTICAL) {
      return above;
    }
    int left = out[at - 1] & 0xFF;
    return predictor == HORIZONTAL
        ? left
        : Math.max(0, Math.min(255, left + above - (out[at - width - 1] & 0xFF)));
  }
}
