package dev.keralens.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** WebP files that {@code parity/images/make_webp_images.py} makes, against libwebp. */
class WebpDecoderTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/webp");

  /** A file and its samples, (height, width, 4). */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Golden(String file, byte[] samples) {
    @Override
    public String toString() {
      return file;
    }
  }

  static List<Golden> files() throws IOException {
    List<Golden> files = new ArrayList<>();
    try (ZipInputStream zip =
        new ZipInputStream(
            WebpDecoderTest.class.getResourceAsStream("/golden/webp/expected.npz"))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        byte[] npy = zip.readAllBytes();
        int start = 10 + (npy[8] & 0xFF) + 256 * npy[9];
        String file = entry.getName().replace(".npy", "");
        files.add(new Golden(file, Arrays.copyOfRange(npy, start, npy.length)));
      }
    }
    return files;
  }

  @ParameterizedTest
  @MethodSource("files")
  void read_isWhatLibwebpDecodes(Golden golden) throws IOException {
    Picture picture =
        ImageLoader.create().colorMode(ColorMode.RGBA).read(FOLDER.resolve(golden.file()));
    assertArrayEquals(golden.samples(), picture.samples());
  }

  @Test
  void files_areAllThere() throws IOException {
    assertEquals(74, files().size());
  }

  @Test
  void read_cutOffFrameIsRefused() throws IOException {
    byte[] file = Files.readAllBytes(FOLDER.resolve("40x50-30-6.webp"));
    for (int length : new int[] {21, 29, 40}) {
      byte[] cut = Arrays.copyOf(file, length);
      cut[4] = (byte) (length - 8); // The container says that it is whole.
      cut[5] = 0;
      assertThrows(
          UnreadableImageException.class, () -> ImageLoader.create().read(cut, "cut.webp"));
    }
  }
}
