package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each kind of bad input gives one line and an exit code, and damages no file. */
class BadInputTest {
  private static final Path MODEL = Cli.PARITY.resolve("conv_mix/model.keras");
  private static final Path H5 = Cli.PARITY.resolve("conv_mix/model.h5");
  private static final Path X = Cli.PARITY.resolve("conv_mix/x.npy");

  @TempDir private Path folder;
  private Path output;
  private List<String> before = List.of();

  @BeforeEach
  void layOut() throws IOException {
    output = folder.resolve("old.npy");
    Files.writeString(output, "old");
  }

  /** Runs {@code explain} to an output that exists already. */
  private void fails(int code, List<String> texts, Object... arguments) throws IOException {
    before = names();
    Object[] all = Arrays.copyOf(arguments, arguments.length + 3);
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[0] = "explain";
    all[all.length - 2] = "-o";
    all[all.length - 1] = output;
    Cli.fails(code, texts, all);
  }

  @AfterEach
  void oldFileIsAsItWas() throws IOException {
    assertEquals("old", Files.readString(output));
    if (!before.isEmpty()) {
      assertEquals(before, names());
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.map(Path::toString).sorted().toList();
    }
  }

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  /** A model's archive with some entries changed. */
  private Path changed(String name, String from, String to) throws IOException {
    return rewritten(name, json -> json.replaceFirst(from, to));
  }

  private Path rewritten(String name, UnaryOperator<String> change) throws IOException {
    Map<String, byte[]> entries = entries();
    String before = new String(entries.get("config.json"), StandardCharsets.UTF_8);
    String after = change.apply(before);
    assertFalse(before.equals(after));
    entries.put("config.json", after.getBytes(StandardCharsets.UTF_8));
    return zip(name, entries);
  }

  private static Map<String, byte[]> entries() throws IOException {
    Map<String, byte[]> entries = new TreeMap<>();
    try (ZipInputStream in =
        new ZipInputStream(new ByteArrayInputStream(Files.readAllBytes(MODEL)))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        entries.put(entry.getName(), in.readAllBytes());
      }
    }
    return entries;
  }

  private Path zip(String name, Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        out.putNextEntry(new ZipEntry(entry.getKey()));
        out.write(entry.getValue());
      }
    }
    return file(name, bytes.toByteArray());
  }

  @Test
  void input_missing() throws IOException {
    fails(1, List.of("No such file: none.npy"), "none.npy", "--model", MODEL);
    fails(1, List.of("No such file: none/*.png"), "none/*.png", "--model", MODEL);
  }

  @Test
  void input_empty() throws IOException {
    Path empty = file("empty.png", new byte[0]);
    fails(1, List.of(empty + " is empty"), empty, "--model", MODEL);
  }

  @Test
  void input_noImage() throws IOException {
    Path text = file("text.png", "no picture".getBytes(StandardCharsets.UTF_8));
    fails(1, List.of("text.png"), text, "--model", MODEL, "--preprocess", "unit");
  }

  @Test
  void input_truncatedImage() throws IOException {
    byte[] whole = Files.readAllBytes(Cli.IMAGES.resolve("gray.png"));
    Path half = file("half.png", Arrays.copyOf(whole, whole.length / 2));
    fails(1, List.of("half.png"), half, "--model", MODEL, "--preprocess", "unit");
  }

  @Test
  void input_arrayOfWrongShape() throws IOException {
    Path other = Cli.PARITY.resolve("flatten/x.npy");
    fails(1, List.of("(3, 24, 24, 1)", "(None, 33, 29, 3)"), other, "--model", MODEL);
  }

  @Test
  void input_arrayOfWrongType() throws IOException {
    Path integers = folder.resolve("integers.npy");
    Npy.write(integers, Tensor.of(new long[33 * 29 * 3], 1, 33, 29, 3));
    fails(
        1,
        List.of("integers.npy", "INT64", "FLOAT32", "x.astype('float32')"),
        integers,
        "--model",
        MODEL);
    byte[] text = Files.readAllBytes(X);
    text[indexOf(text, "<f4") + 1] = 'U';
    Path strings = file("strings.npy", text);
    fails(1, List.of("strings.npy"), strings, "--model", MODEL);
  }

  private static int indexOf(byte[] bytes, String text) {
    return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
  }

  @Test
  void input_arrayThatIsTruncatedOrNone() throws IOException {
    byte[] whole = Files.readAllBytes(X);
    Path half = file("half.npy", Arrays.copyOf(whole, whole.length / 2));
    fails(1, List.of("half.npy"), half, "--model", MODEL);
    Path none = file("none.npy", "no array at all".getBytes(StandardCharsets.UTF_8));
    fails(1, List.of("none.npy"), none, "--model", MODEL);
  }

  @Test
  void input_arrayWithNaN() throws IOException {
    float[] values = new float[2 * 33 * 29 * 3];
    values[33 * 29 * 3 + 5] = Float.NaN;
    Path nan = folder.resolve("nan.npy");
    Npy.write(nan, Tensor.of(values, 2, 33, 29, 3));
    fails(1, List.of("nan.npy", "NaN in image 1"), nan, "--model", MODEL);
  }

  @Test
  void input_arrayBesideOthers() throws IOException {
    fails(2, List.of("image files or arrays"), X, Cli.IMAGES.resolve("gray.png"), "--model", MODEL);
  }

  @Test
  void model_missingFolderOrEmpty() throws IOException {
    fails(1, List.of("none.keras: there is no such file"), X, "--model", "none.keras");
    fails(1, List.of(folder.toString()), X, "--model", folder);
    Path empty = file("empty.keras", new byte[0]);
    fails(1, List.of("empty.keras"), X, "--model", empty);
  }

  @Test
  void model_truncated() throws IOException {
    for (Path model : List.of(MODEL, H5)) {
      byte[] whole = Files.readAllBytes(model);
      for (int part : new int[] {1, 2, 3}) {
        int length = whole.length * part / 4;
        Path half = file("part-" + part + "-" + model.getFileName(), Arrays.copyOf(whole, length));
        fails(1, List.of(String.valueOf(half.getFileName())), X, "--model", half);
      }
    }
  }

  @Test
  void model_zipThatIsNone() throws IOException {
    Path zip = zip("letters.keras", Map.of("a.txt", "a".getBytes(StandardCharsets.UTF_8)));
    fails(1, List.of("letters.keras"), X, "--model", zip);
  }

  @Test
  void model_weightsOnly() throws IOException {
    Path weights = file("weights.h5", Objects.requireNonNull(entries().get("model.weights.h5")));
    fails(1, List.of("weights.h5", "weights"), X, "--model", weights);
  }

  @Test
  void model_unknownLayerClass() throws IOException {
    Path model = changed("odd.keras", "\"class_name\": \"Conv2D\"", "\"class_name\": \"Conv9D\"");
    fails(1, List.of("Conv9D"), X, "--model", model);
  }

  @Test
  void model_lambdaLayer() throws IOException {
    Path model =
        changed("code.keras", "\"class_name\": \"Activation\"", "\"class_name\": \"Lambda\"");
    fails(1, List.of("Lambda", "Python code"), X, "--model", model);
  }

  @Test
  void units_outOfRange() throws IOException {
    fails(2, List.of("no unit 7", "0 to 6"), X, "--model", MODEL, "--units", "0,7");
    Path units = folder.resolve("units.npy");
    Npy.write(units, Tensor.of(new long[] {0, 1, -1}, 3, 1));
    fails(2, List.of("no unit -1", "units.npy"), X, "--model", MODEL, "--units-from", units);
    Npy.write(units, Tensor.of(new long[] {0, 1}, 2, 1));
    fails(1, List.of("2 images", "are 3"), X, "--model", MODEL, "--units-from", units);
    fails(1, List.of("int64"), X, "--model", MODEL, "--units-from", X);
    fails(2, List.of("--top"), X, "--model", MODEL, "--top", "0");
    fails(2, List.of("--classes"), X, "--model", MODEL, "--units", "cat");
  }

  @Test
  void names_unknownOnesGetTheClosest() throws IOException {
    fails(2, List.of("'gradcm'", "'gradcam'?", "gradients"), X, "-m", MODEL, "--method", "gradcm");
    fails(2, List.of("'normalise'", "'normalize'?"), X, "-m", MODEL, "--filter", "normalise");
    fails(2, List.of("'touch'", "'torch'?"), X, "-m", MODEL, "--preprocess", "touch");
    fails(2, List.of("'turbos'", "'turbo'?"), X, "-m", MODEL, "--colormap", "turbos");
    Cli layers = Cli.done("inspect", MODEL, "--json");
    String json = String.join("\n", layers.out());
    String name = json.replaceAll("(?s).*\"explained_activation\" : \"([^\"]+)\".*", "$1");
    fails(2, List.of("'" + name + "x'", "'" + name + "'?"), X, "-m", MODEL, "--layer", name + "x");
  }

  @Test
  void options_withoutSense() throws IOException {
    fails(2, List.of("--resize", "'big'"), X, "-m", MODEL, "--resize", "big");
    fails(2, List.of("--alpha"), X, "-m", MODEL, "--alpha", "2");
    fails(2, List.of("--batch-size"), X, "-m", MODEL, "--batch-size", "0");
    fails(2, List.of("--threads"), X, "-m", MODEL, "--threads", "0");
    fails(2, List.of("'float16'", "float32, float64"), X, "-m", MODEL, "--precision", "float16");
    fails(2, List.of("--scratch", "missing"), X, "-m", MODEL, "--scratch", "missing");
    fails(2, List.of("one method"), X, "-m", MODEL, "--method", "gradcam,gradients");
    fails(2, List.of("has 1 output, counted from 0"), X, "-m", MODEL, "--output-index", "1");
    Path image = Cli.IMAGES.resolve("gray.png");
    Path gray = Cli.PARITY.resolve("flatten/model.h5");
    fails(2, List.of("three channels"), image, "-m", gray, "--preprocess", "torch");
  }

  @Test
  void output_thatCannotBeWritten() throws IOException {
    Cli.fails(1, List.of("no folder"), "explain", X, "-m", MODEL, "-o", folder + "/none/a.npy");
    Cli.fails(1, List.of("no folder"), "explain", X, "-m", MODEL, "-o", output + "/a.npy");
    Cli.fails(1, List.of("is no folder"), "explain", X, "-m", MODEL, "-o", output + "/");
    Cli.fails(1, List.of("no folder"), "predict", X, "-m", MODEL, "-o", folder + "/none/a.npy");
    Cli.fails(2, List.of("a.gif", ".png"), "explain", X, "-m", MODEL, "-o", folder + "/a.gif");
    Cli.fails(2, List.of("a.txt", ".npy"), "predict", X, "-m", MODEL, "-o", folder + "/a.txt");
    assertTrue(output.toFile().setWritable(false));
    if (!Files.isWritable(output)) {
      Cli.fails(1, List.of("write-protected"), "explain", X, "-m", MODEL, "-o", output);
    }
  }

  @Test
  void output_thatIsAnInput() throws IOException {
    Path copy = Files.copy(X, folder.resolve("x.npy"));
    Cli.fails(2, List.of("overwrite"), "explain", copy, "-m", MODEL, "-o", copy);
    assertEquals(-1, Files.mismatch(X, copy));
  }

  @Test
  void classes_thatDoNotFit() throws IOException {
    Path few = file("few.json", "[\"a\", \"b\"]".getBytes(StandardCharsets.UTF_8));
    fails(1, List.of("few.json names 2", "7 units"), X, "-m", MODEL, "--classes", few);
    Path broken = file("broken.json", "{\"0\": ".getBytes(StandardCharsets.UTF_8));
    fails(1, List.of("broken.json is no JSON"), X, "-m", MODEL, "--classes", broken);
    fails(1, List.of("No such file: none.txt"), X, "-m", MODEL, "--classes", "none.txt");
  }
}
