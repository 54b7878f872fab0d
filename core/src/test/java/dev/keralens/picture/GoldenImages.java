package dev.keralens.picture;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The image files and the expected samples that {@code parity/images/make_images.py} makes. */
public final class GoldenImages {
  private GoldenImages() {}

  /**
   * One call of Keras' {@code load_img} and the samples that it gave.
   *
   * @param height the target size; 0 where the size stays
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Case(
      String file,
      ColorMode mode,
      int height,
      int width,
      Interpolation interpolation,
      boolean keepAspectRatio,
      int[] expected) {
    ImageLoader loader() {
      ImageLoader loader =
          ImageLoader.keras()
              .colorMode(mode)
              .interpolation(interpolation)
              .keepAspectRatio(keepAspectRatio);
      return height == 0 ? loader : loader.size(height, width);
    }

    @Override
    public String toString() {
      return "%s %s %dx%d %s%s"
          .formatted(file, mode, height, width, interpolation, keepAspectRatio ? " keep" : "");
    }
  }

  public static byte[] file(String name) {
    try (InputStream in = GoldenImages.class.getResourceAsStream("/golden/images/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(name, e);
    }
  }

  static List<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    try (ZipInputStream zip =
        new ZipInputStream(GoldenImages.class.getResourceAsStream("/golden/images/expected.npz"))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String[] f = entry.getName().replace(".npy", "").split(",", -1);
        cases.add(
            new Case(
                f[0],
                ColorMode.of(f[1]),
                Integer.parseInt(f[2]),
                Integer.parseInt(f[3]),
                Interpolation.of(f[4]),
                f[5].equals("True"),
                array(zip.readAllBytes())));
      }
    }
    return cases;
  }

  /** The elements of a version 1 .npy file of type uint8 or uint16. */
  private static int[] array(byte[] npy) {
    ByteBuffer buffer = ByteBuffer.wrap(npy).order(ByteOrder.LITTLE_ENDIAN);
    int start = 10 + buffer.getShort(8);
    boolean wide = new String(npy, 10, start - 10, StandardCharsets.US_ASCII).contains("<u2");
    int[] values = new int[(npy.length - start) / (wide ? 2 : 1)];
    for (int i = 0; i < values.length; i++) {
      values[i] = wide ? buffer.getShort(start + 2 * i) & 0xFFFF : npy[start + i] & 0xFF;
    }
    return values;
  }
}
