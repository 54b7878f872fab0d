package dev.keralens.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** 16-bit images that {@code parity/images/make_deep_images.py} makes, against OpenCV's samples. */
class DeepPictureTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/deep");
  private static final ImageLoader DEEP = ImageLoader.create().sixteenBit(true);

  /** The samples of a file as OpenCV or tifffile reads it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Golden(String file, int channels, float[] samples) {
    @Override
    public String toString() {
      return file;
    }
  }

  static List<Golden> files() throws IOException {
    List<Golden> files = new ArrayList<>();
    try (ZipInputStream zip =
        new ZipInputStream(
            DeepPictureTest.class.getResourceAsStream("/golden/deep/expected.npz"))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        ByteBuffer npy = ByteBuffer.wrap(zip.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
        int start = 10 + npy.getShort(8);
        float[] samples = new float[(npy.capacity() - start) / 2];
        for (int i = 0; i < samples.length; i++) {
          samples[i] = npy.getShort(start + 2 * i) & 0xFFFF;
        }
        String file = entry.getName().replace(".npy", "");
        files.add(new Golden(file, samples.length / (19 * 23), samples));
      }
    }
    return files;
  }

  private static ImageLoader loader(Golden golden) {
    return DEEP.colorMode(ColorMode.ofChannels(golden.channels()));
  }

  @ParameterizedTest
  @MethodSource("files")
  void load_keepsEveryNumber(Golden golden) throws IOException {
    assertArrayEquals(
        golden.samples(), loader(golden).load(FOLDER.resolve(golden.file())).toFloatArray());
  }

  @ParameterizedTest
  @MethodSource("files")
  void load_scalesToTheRangeOfEightBits(Golden golden) throws IOException {
    float[] scaled =
        loader(golden).sixteenBit(false).load(FOLDER.resolve(golden.file())).toFloatArray();
    for (int i = 0; i < scaled.length; i++) {
      assertEquals(golden.samples()[i] / 257, scaled[i], 2e-5f);
    }
  }

  @Test
  void files_areAllThere() throws IOException {
    assertEquals(14, files().size());
  }

  @ParameterizedTest
  @CsvSource({
    "refused_float.tif,has floating-point samples of 32 bits",
    "refused_32.tif,has samples of 32 bits",
    "refused_signed.tif,has signed samples of 16 bits",
    "refused_zstandard.tif,is compressed by Zstandard"
  })
  void read_whatIsNotReadIsNotCalledDamaged(String file, String what) {
    String message =
        String.valueOf(
            assertThrows(UnreadableImageException.class, () -> Picture.read(FOLDER.resolve(file)))
                .getMessage());
    assertTrue(message.contains(what), message);
    assertFalse(message.contains("damaged"), message);
  }

  @Test
  void imageBits_makesTheLargestNumberWhite() throws IOException {
    Path scan = FOLDER.resolve("scan12.png");
    ImageLoader gray = ImageLoader.create().colorMode(ColorMode.GRAYSCALE);
    float[] stored = gray.sixteenBit(true).load(scan).toFloatArray();
    float[] twelve = gray.imageBits(12).load(scan).toFloatArray();
    for (int i = 0; i < stored.length; i++) {
      assertEquals(stored[i] / 4095 * 255, twelve[i], 2e-5f);
    }
    DecodedImage image = gray.decode(scan);
    assertTrue(image.isSixteenBit());
    assertEquals(12, image.usedBits());
    assertEquals((int) stored[0] >> 4, gray.imageBits(12).read(image).sample(0, 0, 0));
    assertEquals((int) stored[0] >> 8, gray.read(image).sample(0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> gray.imageBits(17));
  }

  @Test
  void sixteenBit_scalesEightBitsUp() throws IOException {
    Path file = Path.of("src/test/resources/golden/images/gray.png");
    float[] eight = ImageLoader.create().load(file).toFloatArray();
    float[] sixteen = DEEP.load(file).toFloatArray();
    for (int i = 0; i < eight.length; i++) {
      assertEquals(eight[i] * 257, sixteen[i]);
    }
    assertEquals(8, DEEP.decode(file).usedBits());
  }

  /** A resized 16-bit image is that of 8 bits, but finer. */
  @ParameterizedTest
  @ValueSource(strings = {"gray.png", "rgb.png", "rgba.png", "gray_alpha.tif"})
  void resize_isThatOfEightBitsButFiner(String name) throws IOException {
    Path file = FOLDER.resolve(name);
    for (ColorMode mode : ColorMode.values()) {
      for (Interpolation interpolation : Interpolation.values()) {
        ImageLoader loader =
            ImageLoader.create().colorMode(mode).interpolation(interpolation).size(11, 31);
        float[] fine = loader.load(file).toFloatArray();
        float[] coarse = loader.apply(whole(file)).toTensor().toFloatArray();
        for (int i = 0; i < fine.length; i++) {
          float opacity = mode == ColorMode.RGBA ? Math.min(1, fine[i | 3] / 255) : 1;
          assertEquals(0, (coarse[i] - fine[i]) * opacity, 2.5, name + mode + interpolation);
        }
      }
    }
  }

  private static Picture whole(Path file) throws IOException {
    return ImageLoader.create().colorMode(ColorMode.RGBA).read(file);
  }

  @Test
  void orientation_turnsSixteenBits() {
    DeepPicture stored =
        new DeepPicture(ColorMode.GRAYSCALE, 1, 3, new short[] {1, 2, (short) 60000});
    DeepPicture turned = (DeepPicture) Orientation.TURNED_90.turn(stored);
    assertEquals(3, turned.height());
    assertArrayEquals(
        new int[] {1, 2, 60000},
        new int[] {turned.samples()[0], turned.samples()[1], turned.samples()[2] & 0xFFFF});
  }
}
