package dev.keralens.picture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Decodes WebP files: lossless ones, alpha and the canvas by {@code ImageIO}, lossy colours by
 * {@link Vp8Frame}.
 *
 * <p>Chroma has half the resolution of luma. As libwebp does, each sample of it is interpolated
 * from the four around it, weighted 9, 3, 3 and 1.
 */
final class WebpDecoder {
  private static final int CHUNK = 8;

  /** What comes before the chunks of a frame of an animation. */
  private static final int FRAME = 16;

  private WebpDecoder() {}

  /** The parts of a file that are decoded; a place is 0 where there is no such part. */
  private record Parts(int lossy, int end, int alpha, int alphaEnd, boolean isPlain) {}

  static Pixels decode(ImageBytes image) throws IOException {
    long size = 8 + (image.buffer(ByteOrder.LITTLE_ENDIAN).getInt(4) & 0xFFFFFFFFL);
    if (size > image.content().length) {
      throw new UnreadableImageException(
          "is cut off: it should have %d bytes and has %d".formatted(size, image.content().length));
    }
    Parts parts = parts(image, 12, (int) size);
    if (!parts.isPlain || parts.lossy == 0) {
      return ImageDecoders.plain(image, "webp");
    }
    Vp8Header header = new Vp8Header(image.content(), parts.lossy, parts.end);
    image.checkSize(header.width, header.height);
    Picture colors = colors(Vp8Frame.decode(header), header.width, header.height);
    if (parts.alpha == parts.alphaEnd) {
      return colors;
    }
    return withAlpha(
        colors, WebpAlpha.read(image, parts.alpha, parts.alphaEnd, header.width, header.height));
  }

  /** Finds the first lossy frame; an animation's is plain where it fills the canvas. */
  private static Parts parts(ImageBytes image, int start, int end) {
    ByteBuffer file = image.buffer(ByteOrder.LITTLE_ENDIAN);
    int alpha = 0;
    int alphaEnd = 0;
    int width = 0;
    int height = 0;
    for (long at = start; at + CHUNK <= end; ) {
      int chunk = (int) at;
      String name = new String(image.content(), chunk, 4, StandardCharsets.ISO_8859_1);
      long length = file.getInt(chunk + 4) & 0xFFFFFFFFL;
      int content = chunk + CHUNK;
      long next = Math.min(end, content + length);
      if (name.equals("VP8X") && next - content >= 10) {
        width = file.getInt(content + 4) & 0xFFFFFF;
        height = (file.getInt(content + 6) >>> 8) & 0xFFFFFF;
      } else if (name.equals("ALPH")) {
        alpha = content;
        alphaEnd = (int) next;
      } else if (name.equals("VP8 ")) {
        return new Parts(content, (int) next, alpha, alphaEnd, true);
      } else if (name.equals("VP8L")) {
        return new Parts(0, 0, alpha, alphaEnd, true);
      } else if (name.equals("ANMF") && next - content >= FRAME) {
        boolean fills =
            (file.getInt(content) & 0xFFFFFF) == 0
                && (file.getInt(content + 2) >>> 8) == 0
                && (file.getInt(content + 6) & 0xFFFFFF) == width
                && ((file.getInt(content + 8) >>> 8) & 0xFFFFFF) == height;
        Parts inner = parts(image, content + FRAME, (int) next);
        return new Parts(inner.lossy, inner.end, inner.alpha, inner.alphaEnd, fills);
      }
      at = content + length + length % 2;
    }
    return new Parts(0, 0, alpha, alphaEnd, true);
  }

  private static Picture withAlpha(Picture colors, byte[] alpha) {
    byte[] out = Conversion.convert(colors, ColorMode.RGBA).samples();
    for (int i = 0; i < alpha.length; i++) {
      out[4 * i + 3] = alpha[i];
    }
    return new Picture(ColorMode.RGBA, colors.height(), colors.width(), out);
  }

  private static Picture colors(Vp8Frame frame, int width, int height) {
    byte[] out = new byte[Math.multiplyExact(3 * width, height)];
    Vp8Plane luma = frame.planes()[0];
    int half = (width + 1) / 2;
    int halfRows = (height + 1) / 2;
    int[] u = new int[width];
    int[] v = new int[width];
    for (int y = 0, at = 0; y < height; y++) {
      int near = y / 2;
      int far = Math.max(0, Math.min(halfRows - 1, y % 2 == 0 ? near - 1 : near + 1));
      interpolate(frame.planes()[1], near, far, half, u);
      interpolate(frame.planes()[2], near, far, half, v);
      for (int x = 0; x < width; x++, at += 3) {
        color(luma.samples()[y * luma.stride() + x] & 0xFF, u[x], v[x], out, at);
      }
    }
    return new Picture(ColorMode.RGB, height, width, out);
  }

  /** A row of chroma of full width from the nearer and the farther row of half the width. */
  private static void interpolate(Vp8Plane plane, int near, int far, int half, int[] out) {
    byte[] s = plane.samples();
    int n = near * plane.stride();
    int f = far * plane.stride();
    int width = out.length;
    out[0] = (3 * (s[n] & 0xFF) + (s[f] & 0xFF) + 2) >> 2;
    for (int x = 1; x < half; x++) {
      int nearLeft = s[n + x - 1] & 0xFF;
      int nearRight = s[n + x] & 0xFF;
      int farLeft = s[f + x - 1] & 0xFF;
      int farRight = s[f + x] & 0xFF;
      int sum = nearLeft + nearRight + farLeft + farRight + 8;
      out[2 * x - 1] = (((sum + 2 * (nearRight + farLeft)) >> 3) + nearLeft) >> 1;
      if (2 * x < width) {
        out[2 * x] = (((sum + 2 * (nearLeft + farRight)) >> 3) + nearRight) >> 1;
      }
    }
    if (width % 2 == 0) {
      out[width - 1] = (3 * (s[n + half - 1] & 0xFF) + (s[f + half - 1] & 0xFF) + 2) >> 2;
    }
  }

  /** libwebp's sums, with 14 bits for the weights and 6 behind the point. */
  private static void color(int y, int u, int v, byte[] out, int at) {
    int light = (y * 19077) >> 8;
    out[at] = clip(light + ((v * 26149) >> 8) - 14234);
    out[at + 1] = clip(light - ((u * 6419) >> 8) - ((v * 13320) >> 8) + 8708);
    out[at + 2] = clip(light + ((u * 33050) >> 8) - 17685);
  }

  private static byte clip(int value) {
    return (byte) (value < 0 ? 0 : Math.min(255, value >> 6));
  }
}
