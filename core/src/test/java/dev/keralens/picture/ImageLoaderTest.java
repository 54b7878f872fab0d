package dev.keralens.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageLoaderTest {
  @TempDir Path folder;

  private static Picture read(ImageLoader loader, String file) throws IOException {
    return loader.read(GoldenImages.file(file), file);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6, 7, 8})
  void upright_turnsEveryOrientationToTheFirstsShape(int orientation) throws IOException {
    Picture stored = read(ImageLoader.keras(), "orientation" + orientation + ".jpg");
    Picture upright = read(ImageLoader.create(), "orientation" + orientation + ".jpg");
    assertEquals(9, stored.height());
    assertEquals(14, stored.width());
    assertEquals(orientation >= 5 ? 14 : 9, upright.height());
    // Where the stored first row begins and goes, by the EXIF standard: "the 0th row is the visual
    // ... side".
    int lastRow = upright.height() - 1;
    int lastColumn = upright.width() - 1;
    int[] first =
        switch (orientation) {
          case 2 -> new int[] {0, lastColumn};
          case 3 -> new int[] {lastRow, lastColumn};
          case 4 -> new int[] {lastRow, 0};
          case 5 -> new int[] {0, 0};
          case 6 -> new int[] {0, lastColumn};
          case 7 -> new int[] {lastRow, lastColumn};
          default -> new int[] {lastRow, 0};
        };
    boolean alongRow = orientation < 5;
    for (int i = 0; i < 14; i++) {
      int row = alongRow ? first[0] : Math.abs(first[0] - i);
      int column = alongRow ? Math.abs(first[1] - i) : first[1];
      assertEquals(stored.sample(0, i, 1), upright.sample(row, column, 1), "pixel " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"orientation6.png", "orientation6.webp"})
  void upright_readsOtherFormatsExif(String file) throws IOException {
    assertEquals(9, read(ImageLoader.keras(), file).height());
    assertEquals(14, read(ImageLoader.create(), file).height());
  }

  @Test
  void create_scalesSixteenBits() throws IOException {
    Picture clipped = read(ImageLoader.keras(), "gray16.png");
    Picture scaled = read(ImageLoader.create(), "gray16.png");
    float[] deep =
        ImageLoader.keras()
            .colorMode(ColorMode.GRAYSCALE)
            .load(GoldenImages.file("gray16.png"), "gray16.png")
            .toFloatArray();
    assertEquals(Math.min(255, (int) deep[70]), clipped.sample(2, 0, 0));
    assertEquals((int) deep[70] >> 8, scaled.sample(2, 0, 0));
  }

  @Test
  void load_isChannelsLast() throws IOException {
    assertArrayEquals(
        new int[] {5, 7, 4},
        ImageLoader.create()
            .size(5, 7)
            .colorMode(ColorMode.RGBA)
            .load(GoldenImages.file("rgb.png"), "rgb.png")
            .shape());
  }

  @Test
  void centerCrop_isTheResizedCentre() throws IOException {
    Picture whole = read(ImageLoader.keras(), "rgb.png");
    Picture half = read(ImageLoader.keras().centerCrop(0.5), "rgb.png");
    assertEquals(whole.crop(6, 8, 14, 18), half);
    assertEquals(
        half.resize(8, 8, Interpolation.NEAREST),
        read(ImageLoader.keras().centerCrop(0.5).size(8, 8), "rgb.png"));
  }

  @Test
  void settings_leaveTheLoaderAsItWas() {
    ImageLoader loader = ImageLoader.keras();
    assertFalse(loader == loader.size(3, 3));
    assertEquals(27, loader.apply(new Picture(ColorMode.RGB, 27, 1, new byte[81])).height());
  }

  @Test
  void settings_refuseNonsense() {
    ImageLoader loader = ImageLoader.keras();
    assertThrows(IllegalArgumentException.class, () -> loader.size(0, 5));
    assertThrows(IllegalArgumentException.class, () -> loader.centerCrop(0));
    assertThrows(IllegalArgumentException.class, () -> loader.centerCrop(1.01));
    assertThrows(IllegalArgumentException.class, () -> loader.maxPixels(0));
  }

  @Test
  void interpolation_unknownNamesTheClosest() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Interpolation.of("bilinaer"))
            .getMessage();
    assertEquals(
        "Unknown interpolation 'bilinaer'. Did you mean 'bilinear'?"
            + " Known: nearest, box, bilinear, hamming, bicubic, lanczos.",
        message);
    assertEquals(ColorMode.RGBA, ColorMode.of("rgba"));
  }

  private String failure(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    Files.write(file, content);
    String message =
        assertThrows(UnreadableImageException.class, () -> Picture.read(file)).getMessage();
    assertTrue(String.valueOf(message).startsWith(file.toString()), message);
    return String.valueOf(message).substring(folder.toString().length() + 1);
  }

  @Test
  void read_otherFilesAreNamed() throws IOException {
    assertEquals(
        "bear.txt is not an image that can be read (JPEG, PNG, GIF, BMP, TIFF, WebP).",
        failure("bear.txt", "a bear".getBytes(StandardCharsets.UTF_8)));
    assertEquals(
        "empty.png is not an image that can be read (JPEG, PNG, GIF, BMP, TIFF, WebP): it is"
            + " empty.",
        failure("empty.png", new byte[0]));
    assertEquals(
        "cat.heic is a file of kind HEIF, which is not read; convert it to one of JPEG, PNG, GIF,"
            + " BMP, TIFF, WebP.",
        failure("cat.heic", "....ftypheic".getBytes(StandardCharsets.US_ASCII)));
    byte[] scan = Arrays.copyOf(new byte[0], 200);
    System.arraycopy("DICM".getBytes(StandardCharsets.US_ASCII), 0, scan, 128, 4);
    String dicom = failure("scan.dcm", scan);
    assertTrue(dicom.contains("of kind DICOM, which is not read; make an array of it"), dicom);
    assertTrue(
        failure("scan.pgm", "P5\n2 2\n65535\n".getBytes(StandardCharsets.US_ASCII))
            .contains("of kind PGM"));
  }

  @Test
  void read_missingFilesAndFoldersAreNamed() {
    String missing =
        assertThrows(NoSuchFileException.class, () -> Picture.read(folder.resolve("no.png")))
            .getMessage();
    assertEquals(folder.resolve("no.png") + ": no such file", missing);
    assertEquals(
        folder + " is a folder, not an image.",
        assertThrows(UnreadableImageException.class, () -> Picture.read(folder)).getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "420.jpg",
        "progressive.jpg",
        "orientation6.jpg",
        "rgb.png",
        "plain.gif",
        "rgb.bmp",
        "lzw.tif",
        "lossless.webp"
      })
  void read_halfAFileIsAnError(String name) throws IOException {
    byte[] file = GoldenImages.file(name);
    String message = failure(name, Arrays.copyOf(file, file.length / 2));
    assertTrue(message.contains("cut off"), message);
  }

  @Test
  void read_jpegWithoutItsEndMarkerIsWhole() throws IOException {
    byte[] file = GoldenImages.file("420.jpg");
    assertEquals(
        ImageLoader.keras().read(file, "whole"),
        ImageLoader.keras().read(Arrays.copyOf(file, file.length - 2), "without"));
  }

  @Test
  void read_claimedGigapixelsAreRefused() throws IOException {
    byte[] png = GoldenImages.file("rgb.png").clone();
    ByteBuffer.wrap(png).putInt(16, 100_000).putInt(20, 100_000);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
    assertEquals(
        "huge.png (PNG) claims 100000 x 100000 pixels; at most 178956970 are read.",
        failure("huge.png", png));
    byte[] gif = GoldenImages.file("plain.gif").clone();
    Arrays.fill(gif, 6, 10, (byte) 0xFF);
    assertEquals(
        "huge.gif (GIF) claims 65535 x 65535 pixels; at most 178956970 are read.",
        failure("huge.gif", gif));
  }

  @Test
  void maxPixels_isHeeded() {
    assertThrows(
        UnreadableImageException.class,
        () -> read(ImageLoader.keras().maxPixels(27 * 35 - 1), "rgb.png"));
  }

  /** Damaged files give a picture or one kind of exception, whatever ImageIO's decoders do. */
  @ParameterizedTest
  @CsvSource({
    "420.jpg",
    "progressive.jpg",
    "cmyk.jpg",
    "rgb.png",
    "palette_alpha.png",
    "interlaced.png",
    "animated.gif",
    "on_screen.gif",
    "rgb.bmp",
    "palette.bmp",
    "rgb565.bmp",
    "lzw.tif",
    "jpeg.tif",
    "group4.tif",
    "lossy.webp",
    "lossy_alpha.webp",
    "lossless_alpha.webp"
  })
  void read_damagedFilesFailInOneWay(String name) throws IOException {
    Random random = new Random(7);
    ImageLoader loader = ImageLoader.create().maxPixels(1_000_000);
    byte[] file = GoldenImages.file(name);
    for (int round = 0; round < 100; round++) {
      byte[] damaged = file.clone();
      for (int flips = 1 + random.nextInt(6); flips > 0; flips--) {
        int at =
            random.nextInt(random.nextBoolean() ? Math.min(64, damaged.length) : damaged.length);
        damaged[at] = (byte) random.nextInt();
      }
      if (random.nextInt(3) == 0) {
        damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length));
      }
      try {
        loader.read(damaged, name);
      } catch (UnreadableImageException e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith(name), e.getMessage());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"444.jpg", "gray.png", "animated.gif", "rgb.bmp", "rgb.tif", "lossless.webp"})
  void recognizes_whatIsRead_byItsContent(String name) throws IOException {
    Path copy = Files.copy(Path.of("src/test/resources/golden/images", name), folder.resolve("a"));
    assertTrue(ImageLoader.recognizes(copy));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "text", "BM", "BMI of the cats, in kilograms", "%PDF-1.4"})
  void recognizes_noOtherFiles(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("a.jpg"), content);
    assertFalse(ImageLoader.recognizes(file));
  }

  @Test
  void recognizes_missingFile_fails() {
    assertThrows(
        NoSuchFileException.class, () -> ImageLoader.recognizes(folder.resolve("none.png")));
  }
}
