package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.ImageLoader;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the commands do with pixels, and what they say of it. */
class PixelsTest {
  @TempDir static Path folder = Path.of("");

  @BeforeAll
  static void unpack() throws IOException {
    for (String archive : List.of("keras", "torch")) {
      Path path = Cli.CORE.resolve("golden/scaling").resolve(archive + ".zip");
      try (InputStream file = Files.newInputStream(path);
          ZipInputStream zip = new ZipInputStream(file)) {
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
          if (!entry.getName().equals("case.json")) {
            Files.copy(zip, folder.resolve(entry.getName()));
          }
        }
      }
    }
  }

  private static Cli predict(String input, String model, String... options) {
    Object[] all = new Object[options.length + 4];
    all[0] = "predict";
    all[1] = folder.resolve(input);
    all[2] = "--model";
    all[3] = folder.resolve(model);
    System.arraycopy(options, 0, all, 4, options.length);
    return Cli.done(all);
  }

  private static String message(String model, String... options) {
    return String.join("\n", predict("photo.png", model, options).err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "resnet50.keras | none | takes blue, green, red and subtracts (103.9, 116.8, 123.7)",
        "mobilenet_v2.keras | none | divides by 127.5 and subtracts 1",
        "rescaling.keras | none | divides by 255, in layer 'rescaling",
        "uint8_cast.keras | none | whole numbers",
        "of_unit.keras | unit | subtracts (0.485, 0.456, 0.406) and multiplies by (4.37, 4.46,"
            + " 4.44)",
        "of_signs.keras | tf | pixels of -1 to 1",
        "of_16_bits.keras | uint16 | pixels of 0 to 65535",
      })
  void choice_isSaidInALineWithItsGround(String model, String preprocessing, String ground) {
    String message = message(model);
    assertEquals(preprocessing.equals("uint16") ? 2 : 1, message.lines().count(), message);
    assertTrue(message.startsWith("keralens: --preprocess " + preprocessing + ", since"), message);
    assertEquals(1, message.lines().filter(line -> line.contains(ground)).count(), message);
    assertTrue(
        Cli.done("inspect", folder.resolve(model)).out().get(1).contains(ground), () -> model);
  }

  @Test
  void unknownRange_isDoubtedInOneLine() {
    List<String> lines = message("nothing.keras").lines().toList();
    assertEquals(1, lines.size(), lines::toString);
    assertTrue(
        lines.get(0).startsWith("keralens: --preprocess unit, since nothing"), lines::toString);
    assertTrue(lines.get(0).contains("class may be wrong"), lines::toString);
    assertTrue(lines.get(0).contains("tf | torch | caffe | none"), lines::toString);
    assertEquals("", message("nothing.keras", "--preprocess", "mobilenet_v2"));
  }

  @Test
  void preprocessing_thatTheModelDoesNotTakeIsQuestioned() {
    String message = message("rescaling.keras", "--preprocess", "unit");
    assertTrue(message.contains("but the model takes pixels of 0 to 255"), message);
  }

  @Test
  void array_isPreprocessedWhereNamed() throws IOException {
    for (String type : List.of("f4", "u1")) {
      write("x.npy", pixels(), type);
      Cli array = predict("x.npy", "nothing.keras", "--preprocess", "tf");
      Cli photo = predict("photo.png", "nothing.keras", "--preprocess", "tf");
      assertEquals(scores(photo), scores(array));
      assertEquals(List.of(), array.err());
    }
  }

  private Cli predictBoth(String first, String second, String model) {
    return Cli.done(
        "predict", folder.resolve(first), folder.resolve(second), "-m", folder.resolve(model));
  }

  @Test
  void array_ofAnotherRangeThanTheModelTakesIsSaid() throws IOException {
    write("x.npy", pixels(), "u1");
    assertTrue(
        predict("x.npy", "nothing.keras").err().get(0).contains("whole numbers of 0 to 255"));
    assertTrue(predict("x.npy", "of_unit.keras").err().get(0).contains("--preprocess unit scales"));
    assertEquals(List.of(), predict("x.npy", "rescaling.keras").err());
    assertEquals(List.of(), predict("x.npy", "nothing.keras", "--preprocess", "none").err());
    float[] unit = pixels();
    for (int i = 0; i < unit.length; i++) {
      unit[i] /= 255;
    }
    write("unit.npy", unit, "f4");
    assertTrue(predict("unit.npy", "rescaling.keras").err().get(0).contains("0 to 255"));
    assertEquals(List.of(), predict("unit.npy", "nothing.keras").err());
    assertTrue(
        predict("unit.npy", "nothing.keras", "--preprocess", "tf").err().get(0).contains("0 to 1"));
    List<String> both = predictBoth("x.npy", "unit.npy", "nothing.keras").err();
    assertTrue(both.get(0).contains("x.npy holds whole numbers of 0 to 255"), both::toString);
  }

  @Test
  void wholeNumbers_areExplainedByEveryMethod() {
    Cli.done(
        "explain",
        folder.resolve("photo.png"),
        "--model",
        folder.resolve("torchscript_uint8_permuted.onnx"),
        "--method",
        "gradients,scorecam,gradcam",
        "--smooth",
        "-o",
        folder.resolve("why.png"));
  }

  private static List<String> scores(Cli run) {
    return run.out().stream()
        .skip(1)
        .map(line -> line.replaceFirst("^\\S+( 0)?\\s+", "").trim())
        .toList();
  }

  private static float[] pixels() throws IOException {
    return ImageLoader.create().load(folder.resolve("photo.png")).toFloatArray();
  }

  private static void write(String name, float[] values, String type) throws IOException {
    Tensor x = Tensor.of(values, 1, 12, 16, 3);
    if (type.equals("u1")) {
      ByteBuffer bytes = ByteBuffer.allocate(values.length);
      for (float value : values) {
        bytes.put((byte) value);
      }
      x = Tensor.wrap(ElementType.UINT8, bytes.flip(), 1, 12, 16, 3);
    }
    Files.deleteIfExists(folder.resolve(name));
    Npy.write(folder.resolve(name), x);
  }
}
