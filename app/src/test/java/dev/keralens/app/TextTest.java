package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.applications.Preprocessing;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people read: tables, progress, names, numbers; and what pixels become. */
class TextTest {
  @TempDir private Path folder;

  private ClassNames classes(String text, int units) throws IOException {
    return ClassNames.read(Files.writeString(folder.resolve("names"), text), units);
  }

  @Test
  void classes_eachKindOfFile() throws IOException {
    for (String text :
        List.of(
            "[\"cat\", \"dog\"]",
            "{\"0\": \"cat\", \"1\": \"dog\"}",
            "{\"0\": [\"n1\", \"cat\"], \"1\": [\"n2\", \"dog\"]}",
            "{\"cat\": 0, \"dog\": 1}",
            "cat\ndog\n",
            "\uFEFFcat\r\ndog")) {
      ClassNames names = classes(text, 2);
      assertEquals("cat", names.name(0), text);
      assertEquals("dog", names.name(1), text);
    }
    assertEquals("unit 1", classes("{\"0\": \"cat\", \"2\": \"dog\"}", 3).name(1));
    assertEquals("unit 3", ClassNames.none().name(3));
    assertThrows(IOException.class, () -> classes("cat\ndog\n", 3));
    assertThrows(IOException.class, () -> classes("{\"5\": \"cat\"}", 3));
    assertThrows(IOException.class, () -> classes("{\"cat\": \"dog\"}", 3));
  }

  @Test
  void classes_shortNamesStayDifferent() {
    ClassNames names = ClassNames.of(List.of("tabby, tabby cat", "crane, bird", "crane, machine"));
    assertEquals("tabby", names.shortName(0));
    assertEquals("crane, bird", names.shortName(1));
    assertEquals(0, names.unit("Tabby"));
    assertEquals(2, names.unit("crane, machine"));
    assertThrows(UsageException.class, () -> names.unit("crane"));
    UsageException unknown = assertThrows(UsageException.class, () -> names.unit("taby"));
    assertTrue(String.valueOf(unknown.getMessage()).contains("'tabby'?"), unknown::toString);
  }

  @Test
  void table_isAligned() {
    StringWriter out = new StringWriter();
    Table table = new Table("name", ">number", "");
    table.add("ä", "1", "x");
    table.add("longer", "10", "");
    table.print(new PrintWriter(out));
    assertEquals(
        List.of("name    number", "ä            1  x", "longer      10"),
        out.toString().lines().toList());
  }

  @Test
  void progress_showsRateAndTimeLeft() {
    long second = 1_000_000_000L;
    assertEquals("[" + "-".repeat(30) + "] 0/8", ProgressBar.line(0, 8, 0, 30));
    assertEquals(
        "[" + "#".repeat(15) + "-".repeat(15) + "] 4/8  2.0 images/s  0:02 left",
        ProgressBar.line(4, 8, 2 * second, 30));
    assertEquals(
        "[" + "#".repeat(30) + "] 8/8  4.0 images/s", ProgressBar.line(8, 8, 2 * second, 30));
    assertTrue(ProgressBar.line(1, 10001, second, 30).endsWith("2:46:40 left"));
    assertTrue(ProgressBar.line(1, 10001, second, 15).length() <= 60);
  }

  @Test
  void progress_isOnlyOnATerminal() {
    StringWriter err = new StringWriter();
    try (ProgressBar bar = new ProgressBar(new PrintWriter(err), true, 2)) {
      bar.update(1);
    }
    assertEquals("", err.toString());
    System.setProperty("keralens.terminal", "true");
    try (ProgressBar bar = new ProgressBar(new PrintWriter(err), true, 2)) {
      bar.update(1);
    } finally {
      System.clearProperty("keralens.terminal");
    }
    assertTrue(err.toString().contains("1/2"), err::toString);
    assertTrue(err.toString().endsWith(" \r"), err::toString);
  }

  @Test
  void numbers_areShort() {
    assertEquals("0.88", Numbers.brief(0.8812f, true));
    assertEquals("0.0031", Numbers.brief(0.0031f, true));
    assertEquals("<0.0001", Numbers.brief(1e-6f, true));
    assertEquals("-7.31", Numbers.brief(-7.309f, false));
  }

  @Test
  void preprocessing_isThatOfKeras() {
    assertArrayEquals(new float[] {0, 127.5f, 255}, apply("none"), 0);
    assertArrayEquals(new float[] {0, 0.5f, 1}, apply("unit"), 1e-7f);
    assertArrayEquals(new float[] {-1, 0, 1}, apply("tf"), 1e-7f);
    assertArrayEquals(new float[] {151.061f, 10.721f, -123.68f}, apply("caffe"), 1e-4f);
    assertArrayEquals(
        new float[] {-0.485f / 0.229f, 0.044f / 0.224f, 0.594f / 0.225f}, apply("torch"), 1e-5f);
  }

  private static float[] apply(String name) {
    float[] pixel = {0, 127.5f, 255};
    return Pixels.named(name).apply(Tensor.of(pixel, 1, 1, 3)).toFloatArray();
  }

  @Test
  void preprocessing_isThatOfANamedNetwork() {
    assertEquals(Preprocessing.TF, Pixels.named("mobilenet_v2"));
    assertEquals(Preprocessing.CAFFE, Pixels.named("ResNet50"));
    assertEquals(Preprocessing.TORCH, Pixels.named("densenet121"));
    assertEquals(Preprocessing.NONE, Pixels.named("efficientnetb0"));
    UsageException unknown = assertThrows(UsageException.class, () -> Pixels.named("imagenet"));
    assertTrue(
        String.valueOf(unknown.getMessage()).contains("caffe (VGG, ResNet)"), unknown::getMessage);
  }

  @Test
  void output_isToldByItsName() throws IOException {
    assertEquals(Output.Kind.GRID, Output.of("a/why.PNG").kind());
    assertEquals(Output.Kind.GRID, Output.of("why.jpeg").kind());
    assertEquals(Output.Kind.ARRAY, Output.of("maps.npy").kind());
    assertEquals(Output.Kind.FOLDER, Output.of("maps").kind());
    assertEquals(Output.Kind.FOLDER, Output.of("maps.png/").kind());
    assertEquals(Output.Kind.FOLDER, Output.of(".").kind());
    Path folderNamedSo = Files.createDirectory(folder.resolve("a.png"));
    assertEquals(Output.Kind.FOLDER, Output.of(folderNamedSo.toString()).kind());
    assertThrows(UsageException.class, () -> Output.of("why.gif"));
  }
}
