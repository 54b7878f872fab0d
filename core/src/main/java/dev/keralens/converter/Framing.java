package dev.keralens.converter;

import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;

/**
 * Which part of a picture is taken, and how it is resized.
 *
 * @param crops whether what is too much at two sides is cut off
 * @param pads whether black is added at two sides
 */
record Framing(boolean crops, boolean pads, Resampling resampling) {
  String verb() {
    return crops ? "cropped" : pads ? "padded" : "stretched";
  }

  /** In KerasHub's arithmetic, which rounds down, in single precision. */
  Picture applied(Picture picture, int height, int width) {
    int rows = (int) ((float) (picture.width() * height) / width);
    int columns = (int) ((float) (picture.height() * width) / height);
    if (crops) {
      int kept = Math.max(1, Math.min(picture.height(), rows));
      int wide = Math.max(1, Math.min(picture.width(), columns));
      return picture.crop((picture.height() - kept) / 2, (picture.width() - wide) / 2, kept, wide);
    }
    return pads
        ? padded(
            picture,
            (Math.max(picture.height(), rows) - picture.height()) / 2,
            (Math.max(picture.width(), columns) - picture.width()) / 2)
        : picture;
  }

  /** The same margin at both sides. */
  private static Picture padded(Picture picture, int top, int left) {
    int rows = Math.addExact(picture.height(), 2 * top);
    int columns = Math.addExact(picture.width(), 2 * left);
    int channels = picture.channels();
    byte[] from = picture.toBytes();
    byte[] to = new byte[Math.multiplyExact(Math.multiplyExact(rows, columns), channels)];
    int each = picture.width() * channels;
    for (int row = 0; row < picture.height(); row++) {
      System.arraycopy(from, row * each, to, ((top + row) * columns + left) * channels, each);
    }
    return Picture.ofBytes(picture.colorMode(), rows, columns, to);
  }

  /** (height, width, channels). */
  Tensor resized(Picture picture, int height, int width) {
    int channels = picture.channels();
    float[] samples = picture.toTensor().toFloatArray();
    if (picture.height() != height) {
      Resampling.Taps rows = resampling.taps(picture.height(), height);
      samples = along(samples, rows, 1, picture.height(), picture.width() * channels);
    }
    if (picture.width() != width) {
      Resampling.Taps columns = resampling.taps(picture.width(), width);
      samples = along(samples, columns, height, picture.width(), channels);
    }
    return Tensor.of(samples, height, width, channels);
  }

  /** Sums along the middle axis of (outer, from, inner). */
  private static float[] along(float[] in, Resampling.Taps taps, int outer, int from, int inner) {
    int to = taps.first().length;
    float[] out = new float[Math.multiplyExact(Math.multiplyExact(outer, to), inner)];
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < to; i++) {
        float[] weights = taps.weights()[i];
        int target = (o * to + i) * inner;
        for (int k = 0; k < weights.length; k++) {
          int source = (o * from + taps.first()[i] + k) * inner;
          float weight = weights[k];
          for (int j = 0; j < inner; j++) {
            out[target + j] += weight * in[source + j];
          }
        }
      }
    }
    return out;
  }
}
