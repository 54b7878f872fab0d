package dev.keralens.picture.webp;

/**
 * The samples of a WebP file.
 *
 * @param channels 3 for RGB, 4 for RGBA
 * @param height the number of rows
 * @param width the number of columns
 * @param samples row by row, channels last
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record WebpImage(int channels, int height, int width, byte[] samples) {
  /** The same with alpha; opaque where it had none. */
  WebpImage withAlpha() {
    if (channels == 4) {
      return this;
    }
    byte[] out = new byte[Math.multiplyExact(4, samples.length / 3)];
    for (int s = 0, t = 0; s < samples.length; s += 3, t += 4) {
      out[t] = samples[s];
      out[t + 1] = samples[s + 1];
      out[t + 2] = samples[s + 2];
      out[t + 3] = (byte) 255;
    }
    return new WebpImage(4, height, width, out);
  }
}
