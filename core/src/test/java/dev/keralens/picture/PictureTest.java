package dev.keralens.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureTest {
  @TempDir Path folder;

  private static Picture golden(String name) throws IOException {
    return ImageLoader.keras().colorMode(ColorMode.RGBA).read(GoldenImages.file(name), name);
  }

  @Test
  void toTensor_andBack() throws IOException {
    for (ColorMode mode : ColorMode.values()) {
      Picture picture = golden("rgba.png").convert(mode);
      assertEquals(picture, Picture.ofTensor(picture.toTensor()));
      assertEquals(picture, Picture.of(picture.toImage()));
    }
  }

  @Test
  void ofTensor_roundsAndClips() {
    Picture picture = Picture.ofTensor(Tensor.of(new float[] {-3, 0.4f, 0.6f, 300}, 2, 2));
    assertArrayEquals(new byte[] {0, 0, 1, -1}, picture.samples());
    assertEquals(ColorMode.GRAYSCALE, picture.colorMode());
    assertThrows(
        IllegalArgumentException.class, () -> Picture.ofTensor(Tensor.of(new float[2], 1, 1, 2)));
    assertThrows(
        IllegalArgumentException.class,
        () -> Picture.ofTensor(Tensor.of(new float[] {Float.NaN}, 1, 1)));
  }

  @Test
  void ofScaledTensor_spansTheRange() {
    assertArrayEquals(
        new byte[] {0, -128, -1, 64},
        Picture.ofScaledTensor(Tensor.of(new float[] {-1, 0, 1, -0.5f}, 2, 2)).samples());
    assertArrayEquals(
        new byte[1], Picture.ofScaledTensor(Tensor.of(new float[] {5}, 1, 1)).samples());
  }

  @Test
  void of_ignoresGrayProfiles() {
    BufferedImage gray = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
    gray.getRaster().setSample(0, 0, 0, 77);
    assertEquals(77, Picture.of(gray).sample(0, 0, 0));
    BufferedImage bgr = new BufferedImage(1, 1, BufferedImage.TYPE_3BYTE_BGR);
    bgr.setRGB(0, 0, 0x010203);
    assertEquals(1, Picture.of(bgr).sample(0, 0, 0));
    BufferedImage premultiplied = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB_PRE);
    premultiplied.setRGB(0, 0, 0x80FF0000);
    assertEquals(255, Picture.of(premultiplied).sample(0, 0, 0));
    BufferedImage deep = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
    deep.getRaster().setSample(0, 0, 0, 0x1234);
    assertEquals(0x12, Picture.of(deep).sample(0, 0, 0));
  }

  @Test
  void crop_mustLieInside() throws IOException {
    Picture picture = golden("rgb.png");
    assertEquals(picture.sample(5, 9, 2), picture.crop(4, 7, 3, 3).sample(1, 2, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> picture.crop(0, 30, 3, 6));
    assertThrows(IndexOutOfBoundsException.class, () -> picture.sample(0, 35, 0));
    assertThrows(IllegalArgumentException.class, () -> picture.resize(0, 3, Interpolation.BOX));
  }

  @Test
  void save_pngKeepsEverySample() throws IOException {
    for (ColorMode mode : ColorMode.values()) {
      Picture picture = golden("rgba.png").convert(mode);
      Path file = folder.resolve("a picture.PNG");
      picture.save(file);
      assertEquals(picture, ImageLoader.keras().colorMode(mode).read(file));
    }
    assertEquals(List.of("a picture.PNG"), files());
  }

  @Test
  void save_jpegIsCloseAndOverWhite() throws IOException {
    Path file = folder.resolve("flat.jpg");
    new Picture(ColorMode.RGBA, 8, 8, new byte[256]).save(file);
    assertEquals(255, Picture.read(file).sample(3, 3, 1));
    Picture gray = golden("gray.png").convert(ColorMode.GRAYSCALE);
    gray.save(file);
    Picture back = ImageLoader.keras().colorMode(ColorMode.GRAYSCALE).read(file);
    for (int x = 0; x < gray.width(); x++) {
      assertEquals(gray.sample(20, x, 0), back.sample(20, x, 0), 16);
    }
  }

  @Test
  void save_failureLeavesTheOldFile() throws IOException {
    Picture picture = golden("rgb.png");
    assertTrue(
        String.valueOf(
                assertThrows(IOException.class, () -> picture.save(folder.resolve("none/a.png")))
                    .getMessage())
            .contains("there is no folder"));
    Path sub = Files.createDirectory(folder.resolve("sub.png"));
    assertThrows(IOException.class, () -> picture.save(sub));
    Path old = folder.resolve("old.gif");
    Files.writeString(old, "old");
    assertThrows(IllegalArgumentException.class, () -> picture.save(old));
    assertEquals("old", Files.readString(old));
    assertEquals(List.of("old.gif", "sub.png"), files());
  }

  @Test
  void write_leavesTheStreamOpen() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Picture picture = golden("rgb.png");
    picture.write(out, "png");
    assertEquals(picture, golden(out));
    assertEquals(
        "Unknown picture format 'pgn'. Did you mean 'png'?",
        String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> picture.write(out, "pgn"))
                    .getMessage())
            .replaceAll(" Known.*", ""));
  }

  private static Picture golden(ByteArrayOutputStream file) throws IOException {
    return ImageLoader.keras().colorMode(ColorMode.RGBA).read(file.toByteArray(), "stream");
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }
}
