package dev.keralens.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureNotesTest {
  private static final PictureNotes NOTES =
      PictureNotes.none().dpi(300).text("Software", "Keralens 1").text("Command", "Größe = 猫");

  @TempDir private Path folder;

  private static Picture picture() {
    float[] samples = new float[12 * 10 * 3];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = i * 7 % 256;
    }
    return Picture.ofTensor(Tensor.of(samples, 12, 10, 3));
  }

  private IIOMetadataNode metadata(Path file, String kind) throws IOException {
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      ImageReader reader = ImageIO.getImageReaders(in).next();
      reader.setInput(in);
      return (IIOMetadataNode) reader.getImageMetadata(0).getAsTree(kind);
    }
  }

  @Test
  void png_hasDensityAndTexts() throws IOException {
    Path file = folder.resolve("a.png");
    picture().save(file, NOTES);
    assertEquals(picture(), Picture.read(file));
    IIOMetadataNode png = metadata(file, "javax_imageio_png_1.0");
    IIOMetadataNode density = (IIOMetadataNode) png.getElementsByTagName("pHYs").item(0);
    assertEquals("11811", density.getAttribute("pixelsPerUnitXAxis"));
    assertEquals("meter", density.getAttribute("unitSpecifier"));
    IIOMetadataNode text = (IIOMetadataNode) png.getElementsByTagName("iTXtEntry").item(1);
    assertEquals("Command", text.getAttribute("keyword"));
    assertEquals("Größe = 猫", text.getAttribute("text"));
    PictureNotes read = PictureNotes.read(file);
    assertEquals(300, read.dpi());
    assertEquals(Optional.of("Größe = 猫"), read.text("Command"));
    assertEquals(Optional.of("Keralens 1"), read.text("Software"));
    assertEquals(Optional.empty(), read.text("Title"));
  }

  @Test
  void jpeg_hasDensityAndComment() throws IOException {
    Path file = folder.resolve("a.jpg");
    Path plain = folder.resolve("b.jpg");
    picture().save(file, NOTES);
    picture().save(plain);
    assertEquals(Picture.read(plain), Picture.read(file));
    IIOMetadataNode jpeg = metadata(file, "javax_imageio_jpeg_image_1.0");
    IIOMetadataNode jfif = (IIOMetadataNode) jpeg.getElementsByTagName("app0JFIF").item(0);
    assertEquals("300", jfif.getAttribute("Xdensity"));
    assertEquals("1", jfif.getAttribute("resUnits"));
    assertEquals(1, jpeg.getElementsByTagName("com").getLength());
    PictureNotes read = PictureNotes.read(file);
    assertEquals(300, read.dpi());
    assertEquals(NOTES.texts(), read.texts());
    assertEquals(0, PictureNotes.read(plain).dpi());
    assertTrue(PictureNotes.read(plain).texts().isEmpty());
    String content = Files.readString(file, StandardCharsets.ISO_8859_1);
    String comment =
        new String(
            "Software: Keralens 1\nCommand: Größe = 猫".getBytes(StandardCharsets.UTF_8),
            StandardCharsets.ISO_8859_1);
    assertTrue(
        content.contains("\u00FF\u00FE" + (char) 0 + (char) (comment.length() + 2) + comment));
  }

  @Test
  void withoutNotes_fileIsAsBefore() throws IOException {
    Path a = folder.resolve("a.png");
    Path b = folder.resolve("b.png");
    picture().save(a);
    picture().save(b, PictureNotes.none());
    assertEquals(-1, Files.mismatch(a, b));
    assertEquals(Optional.empty(), PictureNotes.read(a).text("Software"));
  }

  @Test
  void read_ofOtherFilesFindsNothing() throws IOException {
    Path file = folder.resolve("a.png");
    picture().save(file, NOTES);
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(3);
    for (int i = 0; i < 500; i++) {
      byte[] part = Arrays.copyOf(whole, random.nextInt(whole.length));
      for (int k = random.nextInt(3); k > 0 && part.length > 0; k--) {
        part[random.nextInt(part.length)] = (byte) random.nextInt();
      }
      Files.write(file, part);
      PictureNotes read = PictureNotes.read(file);
      assertTrue(read.dpi() >= 0);
    }
  }

  @Test
  void settings_areChecked() {
    assertThrows(IllegalArgumentException.class, () -> PictureNotes.none().dpi(-1));
    assertThrows(IllegalArgumentException.class, () -> PictureNotes.none().text("a\nb", "x"));
    assertThrows(IllegalArgumentException.class, () -> PictureNotes.none().text("", "x"));
  }
}
