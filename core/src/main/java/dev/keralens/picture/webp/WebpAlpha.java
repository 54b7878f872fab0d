package dev.keralens.picture.webp;

/**
 * The alpha of a lossy WebP file: a byte that says how it is stored, then its samples as they are,
 * or as the green of a lossless picture without that picture's header. They may be differences from
 * their neighbours.
 */
final class WebpAlpha {
  private static final int HORIZONTAL = 1;
  private static final int VERTICAL = 2;

  private WebpAlpha() {}

  static byte[] read(byte[] file, int start, int end, int width, int height) throws WebpException {
    boolean stored = (file[start] & 3) == 0;
    byte[] samples =
        stored
            ? stored(file, start + 1, end, width * height)
            : green(Vp8lImage.decode(file, start + 1, end, width, height));
    int predictor = (file[start] >> 2) & 3;
    for (int y = 0, at = 0; predictor != 0 && y < height; y++) {
      for (int x = 0; x < width; x++, at++) {
        samples[at] = (byte) (samples[at] + predicted(predictor, samples, at, x, y, width));
      }
    }
    return samples;
  }

  private static byte[] stored(byte[] file, int start, int end, int count) throws WebpException {
    if (end - start < count) {
      throw new WebpException("is cut off: the end of its alpha is missing");
    }
    byte[] samples = new byte[count];
    System.arraycopy(file, start, samples, 0, count);
    return samples;
  }

  private static byte[] green(int[] pixels) {
    byte[] samples = new byte[pixels.length];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (byte) (pixels[i] >> 8);
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
