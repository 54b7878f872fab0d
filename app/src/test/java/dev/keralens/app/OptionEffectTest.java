package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Model;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Npz;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Every option of every command that works on a model, given in every kind of run: either what
 * comes out is another than without it, or the option is refused by name. None is taken in silence.
 *
 * <p>A new option needs a value in {@link #values}; without one the test fails.
 */
class OptionEffectTest {
  /** These change how a run goes, or the last digits, not what comes out of it. */
  private static final Set<String> OF_THE_RUN =
      Set.of(
          "--batch-size",
          "--threads",
          "--device",
          "--scratch",
          "--precision",
          "--force",
          "--resume",
          "--no-progress",
          "--verbose",
          "--keep-going",
          "--help",
          "--version");

  /** What every run of a kind has already, so that it cannot be added. */
  private static final Set<String> GIVEN = Set.of("--model", "--output", "--text", "--input");

  /** What options are called in the library's own messages. */
  private static final Map<String, String> STANDS_FOR =
      Map.of(
          "--tta", "est-time augmentation",
          "--smooth", "SmoothGrad",
          "--resize", "resized",
          "--vocabulary", "The vocabulary");

  @TempDir private static Path folder;

  /** A kind of run: the words of its command, where OUT stands for what is written. */
  private record Kind(String name, String ending, List<Object> words) {
    static Kind of(String name, String ending, Object... words) {
      return new Kind(name, ending, List.of(words));
    }

    String command() {
      return String.valueOf(words.get(0));
    }

    boolean has(OptionSpec option) {
      return words.stream().anyMatch(word -> Arrays.asList(option.names()).contains(word));
    }
  }

  private static Path photo;
  private static Path photos;
  private static List<Kind> kinds;

  private static Path at(String name) {
    return folder.resolve(name);
  }

  private static float[] noise(int seed, int count) {
    Random random = new Random(seed);
    float[] all = new float[count];
    for (int i = 0; i < count; i++) {
      all[i] = (float) random.nextGaussian();
    }
    return all;
  }

  private static Path array(String name, int seed, int... shape) throws IOException {
    int count = Math.toIntExact(Tensor.elements(shape));
    Npy.write(at(name), Tensor.of(noise(seed, count), shape));
    return at(name);
  }

  private static Path model(String name, ModelBuilder b, SymbolicTensor... outputs)
      throws IOException {
    try (Model built = Model.of(name, KerasModel.initialize(b.build(outputs), 7))) {
      built.export(at(name));
    }
    return at(name);
  }

  @BeforeAll
  static void makeKinds() throws IOException {
    float[] pixels = new float[12 * 16 * 3];
    Random random = new Random(3);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextInt(256);
    }
    photo = at("photo.png");
    Picture picture = Picture.ofTensor(Tensor.of(pixels, 12, 16, 3));
    picture.save(photo);
    photos = Files.createDirectory(at("photos"));
    picture.save(photos.resolve("one.png"));
    picture.crop(0, 0, 12, 12).save(photos.resolve("two.png"));
    picture.crop(0, 2, 9, 9).save(Files.createDirectory(photos.resolve("in")).resolve("three.png"));

    ModelBuilder b = ModelBuilder.create("pictures");
    SymbolicTensor x = b.input(8, 8, 3);
    SymbolicTensor h = b.conv2d(6, 3).padding("same").activation("relu").name("conv").apply(x);
    SymbolicTensor pooled = b.globalAveragePooling2d().apply(h);
    SymbolicTensor kind = b.dense(4).activation("softmax").name("kind").apply(pooled);
    SymbolicTensor age = b.dense(4).name("age").apply(pooled);
    SymbolicTensor mask = b.conv2d(3, 1).activation("softmax").name("mask").apply(h);
    final Path pictures = model("pictures.onnx", b, kind);
    final Path logits = model("logits.onnx", b, age);
    final Path masks = model("masks.onnx", b, mask);

    ModelBuilder t = ModelBuilder.create("table");
    SymbolicTensor row = t.input(5);
    final Path table =
        model(
            "table.onnx",
            t,
            t.dense(3).activation("softmax").apply(t.dense(6).activation("relu").apply(row)));

    Path signal = Cli.CORE.resolve("golden/ties/overlapping/model.keras");
    Path exported = at("exported.onnx");
    Cli.done("export", "-m", pictures, "--method", "gradcam", "-o", exported);
    Path rows = array("rows.npy", 1, 3, 5);
    Path waving = array("waves.npy", 2, 2, 160, 3);
    final Path plain = array("plain.npy", 4, 2, 8, 8, 3);
    Path bert = Cli.CORE.resolve("golden/hubtext/bert_sentence/model.keras");
    String m = "-m";
    String o = "-o";
    kinds =
        List.of(
            Kind.of("picture", "png", "explain", photos, m, pictures, o, "OUT"),
            Kind.of("picture to arrays", "npz", "explain", photo, m, pictures, o, "OUT"),
            Kind.of("picture to a folder", "", "explain", photo, m, pictures, o, "OUT"),
            Kind.of("picture to a report", "html", "explain", photo, m, pictures, o, "OUT"),
            Kind.of(
                "pixels", "png", "explain", photos, m, pictures, "--method", "gradients", o, "OUT"),
            Kind.of(
                "passes",
                "npz",
                "explain",
                photo,
                m,
                pictures,
                "--method",
                "occlusion",
                "--window",
                4,
                o,
                "OUT"),
            Kind.of("logits", "png", "explain", photos, m, logits, o, "OUT"),
            Kind.of("mask", "png", "explain", photos, m, masks, o, "OUT"),
            Kind.of("array", "png", "explain", plain, m, pictures, o, "OUT"),
            Kind.of("exported", "png", "explain", photos, m, exported, o, "OUT"),
            Kind.of("table", "png", "explain", rows, m, table, "--method", "gradients", o, "OUT"),
            Kind.of("signal", "png", "explain", waving, m, signal, o, "OUT"),
            Kind.of("text", "html", "explain", "--text", "a good film", m, bert, o, "OUT"),
            Kind.of("picture", "npz", "predict", photo, m, pictures, o, "OUT"),
            Kind.of("table", "npz", "predict", rows, m, table, o, "OUT"),
            Kind.of("mask", "npz", "predict", photo, m, masks, o, "OUT"),
            Kind.of("text", "", "predict", "--text", "a good film", m, bert),
            Kind.of("picture", "", "inspect", pictures),
            Kind.of("table", "", "inspect", table),
            Kind.of("model", "onnx", "export", m, pictures, o, "OUT"),
            Kind.of("map", "onnx", "export", m, pictures, "--method", "gradcam", o, "OUT"),
            Kind.of("pixels", "onnx", "export", m, pictures, "--method", "gradients", o, "OUT"),
            Kind.of("table", "onnx", "export", m, table, "--method", "gradients", o, "OUT"));
  }

  /** A value of each option that differs from what is usual; nothing for those that take none. */
  private static Map<String, List<Object>> values() throws IOException {
    Map<String, List<Object>> all = new LinkedHashMap<>();
    Path names = Files.writeString(at("names.txt"), "one\ntwo\nthree\nfour\n");
    Path five = Files.writeString(at("five.txt"), "a\nb\nc\nd\ne\n");
    Path units = Files.writeString(at("units.csv"), "0 1\n1 0\n");
    Path region = at("region.png");
    Picture.ofTensor(Tensor.of(new float[] {255, 0}, 1, 2, 1)).save(region);
    for (String flag :
        List.of(
            "--weights-by-name --recursive --no-flip --all-units --two-classes --of-output"
                + " --probability --absence --color-bar --tf32 --force --resume --external-data"
                + " --embed-preprocessing --float16 --check")) {
      for (String one : flag.split(" ", -1)) {
        all.put(one, List.of());
      }
    }
    all.put("--weights", List.of(Cli.CORE.resolve("parity/flatten/model.h5")));
    all.put("--json", List.of(at("t.json")));
    all.put("--csv", List.of(at("t.csv")));
    all.put("--explain-input", List.of("photo"));
    all.put("--preprocess", List.of("tf"));
    all.put("--size", List.of("10x10"));
    all.put("--fit", List.of("crop"));
    all.put("--depth", List.of("16"));
    all.put("--image-bits", List.of("12"));
    all.put("--classes", List.of(names));
    all.put("--output-name", List.of("1"));
    all.put("--output-index", List.of("1"));
    all.put("--pair", List.of("the other"));
    all.put("--vocabulary", List.of(names));
    all.put("--padding", List.of("end"));
    all.put("--method", List.of("gradients"));
    all.put("--smooth", List.of("2:10%"));
    all.put("--tta", List.of("2"));
    all.put("--seed", List.of("7"));
    all.put("--max-channels", List.of("2"));
    all.put("--steps", List.of("3"));
    all.put("--rule", List.of("trapezoid"));
    all.put("--baseline", List.of("0.7"));
    all.put("--window", List.of("3"));
    all.put("--stride", List.of("3"));
    all.put("--samples", List.of("9"));
    all.put("--pieces", List.of("9"));
    all.put("--top", List.of("2"));
    all.put("--units", List.of("1,0"));
    all.put("--units-from", List.of(units));
    all.put("--versus", List.of("1"));
    all.put("--sum", List.of("1:1"));
    all.put("--unit-axis", List.of("0"));
    all.put("--region", List.of(region));
    all.put("--similar-to", List.of(photo));
    all.put("--box", List.of("1,1,5,5"));
    all.put("--box-form", List.of("xyxy"));
    all.put("--box-scores", List.of("sigmoid"));
    all.put("--box-background", List.of("0"));
    all.put("--layer", List.of("input:conv"));
    all.put("--fuse", List.of("max"));
    all.put("--tokens", List.of("2x2"));
    all.put("--filter", List.of("negative"));
    all.put("--resize", List.of("5x5"));
    all.put("--draw", List.of("contours"));
    all.put("--threshold", List.of("0.5"));
    all.put("--colormap", List.of("gray"));
    all.put("--alpha", List.of("0.2"));
    all.put("--interpolation", List.of("nearest"));
    all.put("--columns", List.of("2"));
    all.put("--width", List.of("1700"));
    all.put("--dpi", List.of("300"));
    all.put("--features", List.of(five));
    all.put("--precision", List.of("float64"));
    all.put("--shape", List.of("1x16x16x3"));
    all.put("--opset", List.of("18"));
    all.put("--open-size", List.of());
    return all;
  }

  @TestFactory
  Stream<DynamicTest> options() throws IOException {
    Map<String, List<Object>> values = values();
    return kinds.stream()
        .map(
            kind ->
                DynamicTest.dynamicTest(
                    kind.command() + ", " + kind.name(), () -> check(kind, values)));
  }

  private static void check(Kind kind, Map<String, List<Object>> values) throws IOException {
    String without = outcome(kind, List.of());
    Set<String> silent = new TreeSet<>();
    for (OptionSpec option :
        Objects.requireNonNull(Main.commandLine(new Main()).getSubcommands().get(kind.command()))
            .getCommandSpec()
            .options()) {
      String name = option.longestName();
      if (OF_THE_RUN.contains(name) || GIVEN.contains(name) || kind.has(option)) {
        continue;
      }
      List<Object> value = values.get(name);
      assertTrue(value != null, () -> name + " has no value in this test");
      List<Object> words = new ArrayList<>(List.of(name));
      words.addAll(value);
      String with = outcome(kind, words);
      if (with.equals(without)) {
        silent.add(name);
      } else if (with.startsWith("refused") && !isNamed(with, option, value)) {
        silent.add(name + " " + with);
      }
    }
    assertEquals("", String.join("\n", silent), kind::toString);
  }

  /** Whether a message is about an option: it has its name, its value or what it stands for. */
  private static boolean isNamed(String message, OptionSpec option, List<Object> value) {
    return Stream.concat(
                Stream.of(option.names()).filter(name -> name.length() > 2),
                value.stream().map(String::valueOf).filter(text -> text.length() > 3))
            .anyMatch(message::contains)
        || message.contains(STANDS_FOR.getOrDefault(option.longestName(), "\0"));
  }

  /** What comes out, or that it was refused. */
  private static String outcome(Kind kind, List<Object> more) throws IOException {
    Path out = at("out" + (kind.ending().isEmpty() ? "" : "." + kind.ending()));
    List<Object> words = new ArrayList<>();
    kind.words().forEach(word -> words.add(word.equals("OUT") ? out : word));
    words.addAll(more);
    delete(out);
    delete(at("out.onnx.data"));
    delete(at("t.json"));
    delete(at("t.csv"));
    Cli run = Cli.run(words.toArray());
    if (run.code() != 0) {
      return "refused: " + run.err();
    }
    StringBuilder all = new StringBuilder(String.join("\n", run.out()));
    run.err().stream().filter(line -> line.contains("had no effect")).forEach(all::append);
    for (Path file : Stream.of(out, at("t.json"), at("t.csv")).filter(Files::exists).toList()) {
      all.append(content(file));
    }
    return all.toString();
  }

  private static String content(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      try (Stream<Path> in = Files.list(file)) {
        List<String> parts = new ArrayList<>();
        for (Path one : in.sorted().toList()) {
          parts.add(one.getFileName() + content(one));
        }
        return String.join("\n", parts);
      }
    }
    String name = String.valueOf(file.getFileName());
    if (name.endsWith(".png")) {
      Picture picture = Picture.read(file);
      return picture
          + " "
          + Arrays.hashCode(picture.toTensor().toFloatArray())
          + dev.keralens.picture.PictureNotes.read(file).dpi();
    } else if (name.endsWith(".npz")) {
      return Npz.read(file).arrays().entrySet().stream()
          .map(entry -> entry.getKey() + Arrays.toString(entry.getValue().toFloatArray()))
          .collect(Collectors.joining("\n"));
    }
    byte[] bytes = Files.readAllBytes(file);
    return new String(bytes, StandardCharsets.ISO_8859_1)
        .replaceAll("keralens explain [^<\"]*", "");
  }

  private static void delete(Path file) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    try (Stream<Path> all = Files.walk(file)) {
      for (Path one : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }
  }
}
