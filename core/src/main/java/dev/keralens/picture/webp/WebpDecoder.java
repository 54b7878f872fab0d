package dev.keralens.picture.webp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Decodes WebP files: lossy colours by {@link Vp8Frame}, lossless ones by {@link Vp8lImage}. Of an
 * animation, the first frame is laid on its canvas, which is transparent.
 *
 * <p>Chroma of lossy files has half the resolution of luma. As libwebp does, each sample of it is
 * interpolated from the four around it, weighted 9, 3, 3 and 1.
 */
public final class WebpDecoder {
  private static final int CHUNK = 8;

  /** What comes before the chunks of a frame of an animation. */
  private static final int FRAME = 16;

  private static final int LOSSLESS_HEADER = 5;
  private static final int SIGNATURE = 0x2F;

  private final byte[] content;
  private final ByteBuffer file;
  private final SizeCheck sizes;

  private WebpDecoder(byte[] content, SizeCheck sizes) {
    this.content = content;
    this.file = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    this.sizes = sizes;
  }

  /** A stretch of the file. */
  private record Chunk(int start, int end) {
    static final Chunk NONE = new Chunk(0, 0);

    boolean isEmpty() {
      return start >= end;
    }
  }

  /**
   * The canvas of an animation, and where its first frame lies on it; 0 wide where there is none.
   */
  private record Canvas(int width, int height, int x, int y) {
    static final Canvas NONE = new Canvas(0, 0, 0, 0);
  }

  /** What is decoded; one of the two pictures is empty. */
  private record Parts(Chunk lossy, Chunk lossless, Chunk alpha, Canvas canvas) {}

  /**
   * {@return the samples of a file}
   *
   * @param content the whole file
   * @param sizes refuses sizes
   * @throws WebpException if the file is damaged or of an unknown version
   * @throws IOException if {@code sizes} refuses its size
   */
  public static WebpImage decode(byte[] content, SizeCheck sizes) throws IOException {
    return new WebpDecoder(content, sizes).image();
  }

  private WebpImage image() throws IOException {
    long size = 8 + (file.getInt(4) & 0xFFFFFFFFL);
    if (size > content.length) {
      throw new WebpException(
          "is cut off: it should have %d bytes and has %d".formatted(size, content.length));
    }
    Parts parts = parts(12, (int) size);
    if (parts.lossy.isEmpty() && parts.lossless.isEmpty()) {
      throw new WebpException("is damaged or cut off: it holds no picture");
    }
    WebpImage frame = parts.lossy.isEmpty() ? lossless(parts.lossless) : lossy(parts);
    return onCanvas(frame, parts.canvas);
  }

  /** Finds the first frame. */
  private Parts parts(int start, int end) {
    Chunk alpha = Chunk.NONE;
    Canvas canvas = Canvas.NONE;
    for (long at = start; at + CHUNK <= end; ) {
      int chunk = (int) at;
      String name = new String(content, chunk, 4, StandardCharsets.ISO_8859_1);
      long length = file.getInt(chunk + 4) & 0xFFFFFFFFL;
      Chunk content = new Chunk(chunk + CHUNK, (int) Math.min(end, chunk + CHUNK + length));
      int from = content.start;
      int held = content.end - from;
      if (name.equals("VP8X") && held >= 10) {
        canvas = new Canvas(1 + three(from + 4), 1 + three(from + 7), 0, 0);
      } else if (name.equals("ALPH")) {
        alpha = content;
      } else if (name.equals("VP8 ")) {
        return new Parts(content, Chunk.NONE, alpha, Canvas.NONE);
      } else if (name.equals("VP8L")) {
        return new Parts(Chunk.NONE, content, Chunk.NONE, Canvas.NONE);
      } else if (name.equals("ANMF") && held >= FRAME) {
        Parts frame = parts(from + FRAME, content.end);
        Canvas around =
            new Canvas(canvas.width, canvas.height, 2 * three(from), 2 * three(from + 3));
        return new Parts(frame.lossy, frame.lossless, frame.alpha, around);
      }
      at = from + length + length % 2;
    }
    return new Parts(Chunk.NONE, Chunk.NONE, alpha, canvas);
  }

  private int three(int at) {
    return (file.getShort(at) & 0xFFFF) | (file.get(at + 2) & 0xFF) << 16;
  }

  private WebpImage lossy(Parts parts) throws IOException {
    Vp8Header header = new Vp8Header(content, parts.lossy.start, parts.lossy.end);
    sizes.check(header.width, header.height);
    WebpImage colors = colors(Vp8Frame.decode(header), header.width, header.height);
    return parts.alpha.isEmpty()
        ? colors
        : withAlpha(
            colors,
            WebpAlpha.read(
                content, parts.alpha.start, parts.alpha.end, header.width, header.height));
  }

  private WebpImage lossless(Chunk chunk) throws IOException {
    if (chunk.end - chunk.start < LOSSLESS_HEADER || content[chunk.start] != SIGNATURE) {
      throw new WebpException("is damaged or cut off: its lossless header is wrong");
    }
    int header = file.getInt(chunk.start + 1);
    int width = 1 + (header & 0x3FFF);
    int height = 1 + (header >> 14 & 0x3FFF);
    boolean opaque = (header >> 28 & 1) == 0;
    if (header >>> 29 != 0) {
      throw new WebpException("is lossless WebP of an unknown version");
    }
    sizes.check(width, height);
    int from = chunk.start + LOSSLESS_HEADER;
    int[] pixels = Vp8lImage.decode(content, from, chunk.end, width, height);
    int channels = opaque ? 3 : 4;
    byte[] out = new byte[Math.multiplyExact(channels, pixels.length)];
    for (int i = 0, at = 0; i < pixels.length; i++, at += channels) {
      out[at] = (byte) (pixels[i] >> 16);
      out[at + 1] = (byte) (pixels[i] >> 8);
      out[at + 2] = (byte) pixels[i];
      if (!opaque) {
        out[at + 3] = (byte) (pixels[i] >> 24);
      }
    }
    return new WebpImage(channels, height, width, out);
  }

  private WebpImage onCanvas(WebpImage frame, Canvas canvas) throws IOException {
    if (canvas.width == 0 || (frame.width() == canvas.width && frame.height() == canvas.height)) {
      return frame;
    }
    sizes.check(canvas.width, canvas.height);
    if (canvas.x + frame.width() > canvas.width || canvas.y + frame.height() > canvas.height) {
      throw new WebpException("is damaged: its first frame lies outside of its canvas");
    }
    byte[] in = frame.withAlpha().samples();
    byte[] out = new byte[Math.multiplyExact(4 * canvas.width, canvas.height)];
    for (int y = 0; y < frame.height(); y++) {
      int to = 4 * ((canvas.y + y) * canvas.width + canvas.x);
      System.arraycopy(in, 4 * y * frame.width(), out, to, 4 * frame.width());
    }
    return new WebpImage(4, canvas.height, canvas.width, out);
  }

  private static WebpImage withAlpha(WebpImage colors, byte[] alpha) {
    byte[] out = colors.withAlpha().samples();
    for (int i = 0; i < alpha.length; i++) {
      out[4 * i + 3] = alpha[i];
    }
    return new WebpImage(4, colors.height(), colors.width(), out);
  }

  private static WebpImage colors(Vp8Frame frame, int width, int height) {
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
    return new WebpImage(3, height, width, out);
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
