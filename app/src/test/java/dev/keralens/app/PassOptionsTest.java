package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Model;
import dev.keralens.explain.FromBaseline;
import dev.keralens.explain.Method;
import dev.keralens.explain.MethodOption;
import dev.keralens.explain.Seeded;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.method.ExpectedGradients;
import dev.keralens.method.Methods;
import dev.keralens.method.Rise;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Model.OptionSpec;

/** Options of methods that ask the network again and again. */
class PassOptionsTest {
  private static final Path MODEL = Path.of("../models/shapes/shapes.keras");
  private static final Path PICTURE = Cli.IMAGES.resolve("rgb.png");

  @TempDir private Path folder;

  private Path file(String name) {
    return folder.resolve(name);
  }

  /** What the help says of an option, without dashes. */
  private static String said(String option) {
    OptionSpec spec =
        Objects.requireNonNull(Main.commandLine(new Main()).getSubcommands().get("explain"))
            .getCommandSpec()
            .findOption("--" + option);
    assertNotNull(spec, option);
    return String.join(" ", spec.description());
  }

  private static boolean names(String said, String method) {
    return said.matches("(?s).*\\b" + method + "\\b.*");
  }

  @Test
  void help_namesTheMethodsThatHaveAnOption_andItsDefaults() {
    Set<String> options = new TreeSet<>();
    for (Methods.Row row : Methods.byNames().values()) {
      row.create().options().forEach(option -> options.add(option.name()));
    }
    for (String name : options) {
      for (Methods.Row row : Methods.byNames().values()) {
        if (row.name().contains(":")) {
          continue;
        }
        Optional<MethodOption> option = row.create().option(name);
        String said = said(name);
        assertEquals(option.isPresent(), names(said, row.name()), name + " of " + row.name());
        String value = option.map(MethodOption::value).orElse("");
        assertTrue(said.contains(value), () -> "%s of %s: %s".formatted(name, row.name(), value));
      }
    }
  }

  @Test
  void help_namesTheMethodsThatDraw_andThoseFromABaseline() {
    for (Methods.Row row : Methods.byNames().values()) {
      Method method = row.create();
      assertEquals(method instanceof Seeded, names(said("seed"), row.name()), row.name());
      boolean from = method instanceof FromBaseline || method instanceof ExpectedGradients;
      assertEquals(from, names(said("baseline"), row.name()), row.name());
    }
  }

  @Test
  void optionWithoutEffect_saysWhoseItIs() {
    Cli.fails(
        2,
        List.of("--steps has no effect", "integrated_gradients, guided_ig, blur_ig, xrai"),
        "explain",
        PICTURE,
        "-m",
        MODEL,
        "--method",
        "rise",
        "--steps",
        3,
        "-o",
        file("o.png"));
  }

  private float[] occlusion(String baseline) throws IOException {
    Path out = file("maps.npy");
    Cli.done(
        "explain",
        PICTURE,
        "-m",
        MODEL,
        "--method",
        "occlusion",
        "--window",
        48,
        "--units",
        3,
        "--filter",
        "none",
        "--baseline",
        baseline,
        "--no-progress",
        "-o",
        out);
    return Npy.read(out).toFloatArray();
  }

  @Test
  void baseline_blackAndWhiteAreWhatTheNetworkGetsOfSuchPixels() throws IOException {
    // The network scales pixels itself, so that white is 255 in units of its input.
    assertArrayEquals(occlusion("0"), occlusion("black"));
    assertArrayEquals(occlusion("255"), occlusion("white"));
    assertArrayEquals(occlusion("zero"), occlusion("0"));
  }

  @Test
  void baseline_fileIsReadAsTheImagesAre() throws IOException {
    Npy.write(file("row.npy"), Tensor.of(filled(96 * 96 * 3, 255), 96, 96, 3));
    assertArrayEquals(occlusion("white"), occlusion(file("row.npy").toString()));
    float[] itself = occlusion(PICTURE.toString());
    assertArrayEquals(new float[itself.length], itself, 1e-4f);
  }

  private static float[] filled(int count, float value) {
    float[] all = new float[count];
    java.util.Arrays.fill(all, value);
    return all;
  }

  @Test
  void baseline_unknown_saysWhatThereIs() {
    Cli.fails(
        2,
        List.of("zero, black, white, mean, blur", "'purple'"),
        "explain",
        PICTURE,
        "-m",
        MODEL,
        "--method",
        "occlusion",
        "--preprocess",
        "none",
        "--baseline",
        "purple",
        "-o",
        file("o.png"));
  }

  @Test
  void baseline_ofAnotherShape_saysWhatFits() throws IOException {
    Npy.write(file("row.npy"), Tensor.of(new float[12], 2, 2, 3));
    Cli.fails(
        1,
        List.of("one row of it", "(batch, 96, 96, 3)"),
        "explain",
        PICTURE,
        "-m",
        MODEL,
        "--method",
        "rise",
        "--preprocess",
        "none",
        "--baseline",
        file("row.npy"),
        "-o",
        file("o.png"));
  }

  @Test
  void rule_unknown_saysWhatThereIs() {
    Cli.fails(
        2,
        List.of("gauss, riemann_middle, trapezoid"),
        "explain",
        PICTURE,
        "-m",
        MODEL,
        "--method",
        "integrated_gradients",
        "--rule",
        "simpson",
        "-o",
        file("o.png"));
  }

  @Test
  void gap_aboveFivePercent_isSaid() {
    Cli wide =
        Cli.done(
            "explain",
            PICTURE,
            "-m",
            MODEL,
            "--method",
            "integrated_gradients",
            "--steps",
            1,
            "--rule",
            "riemann_middle",
            "--no-progress",
            "-o",
            file("o.npy"));
    assertTrue(
        wide.err().stream().anyMatch(line -> line.contains("off what it should be")),
        wide::toString);
  }

  @Test
  void cost_isSaidOnceBeforeLongWork() throws InterruptedException {
    StringWriter text = new StringWriter();
    CostNotes notes = new CostNotes(new PrintWriter(text, true), 20, 10);
    Method rise = Rise.create();
    notes.passed(rise, 1, 1000);
    Thread.sleep(1600);
    notes.passed(rise, 2, 1000);
    notes.passed(rise, 3, 1000);
    assertEquals(
        "keralens: rise: 4,000 passes for each image, about 53 min",
        text.toString().strip().replaceAll("about 5\\d min", "about 53 min"));
  }

  @Test
  void cost_ofShortWork_isNotSaid() throws InterruptedException {
    StringWriter text = new StringWriter();
    CostNotes notes = new CostNotes(new PrintWriter(text, true), 1, 8);
    notes.passed(Rise.create(), 1, 3);
    Thread.sleep(1600);
    notes.passed(Rise.create(), 2, 3);
    assertEquals("", text.toString());
  }

  /** One dense layer of four columns: hiding one takes weight times the step from the baseline. */
  @Test
  void baseline_ofATable_isARow_orTheMeanOfEachColumn() throws IOException {
    ModelBuilder b = ModelBuilder.create("columns");
    SymbolicTensor x = b.input(4);
    Path model = file("columns.onnx");
    try (Model built =
        Model.of("columns", KerasModel.initialize(b.build(b.dense(1).apply(x)), 7))) {
      built.export(model);
    }
    Path row = Files.writeString(file("row.csv"), "1,2,3,4\n");
    Path rows = Files.writeString(file("rows.csv"), "0,10,-2,1\n2,-10,4,1\n1,6,1,4\n");
    Path mean = Files.writeString(file("mean.csv"), "1,2,1,2\n");
    float[] zero = columns(model, row, "zero");
    float[] usual = columns(model, row, mean.toString());
    for (int i = 0; i < 4; i++) {
      float weight = zero[i] / (i + 1);
      float step = i + 1 - new float[] {1, 2, 1, 2}[i];
      assertEquals(weight * step, usual[i], 1e-5);
    }
    assertArrayEquals(usual, columns(model, row, rows.toString()), 1e-5f);
    Path array = file("mean.npy");
    Npy.write(array, Tensor.of(new float[] {1, 2, 1, 2}, 1, 4));
    assertArrayEquals(usual, columns(model, row, array.toString()), 1e-5f);
    Path wide = Files.writeString(file("wide.csv"), "1,2,3\n");
    for (String bad : List.of("mean", "blur", wide.toString())) {
      Cli run = Cli.run(explainColumns(model, row, bad));
      assertTrue(run.code() != 0, run::toString);
      String said = bad.endsWith(".csv") ? "a baseline of the input" : "has columns";
      assertTrue(run.err().stream().anyMatch(line -> line.contains(said)), run::toString);
    }
  }

  private float[] columns(Path model, Path row, String baseline) throws IOException {
    Cli.done(explainColumns(model, row, baseline));
    return Npy.read(file("columns.npy")).toFloatArray();
  }

  private Object[] explainColumns(Path model, Path row, String baseline) {
    return new Object[] {
      "explain",
      row,
      "-m",
      model,
      "--method",
      "occlusion",
      "--filter",
      "none",
      "--baseline",
      baseline,
      "--no-progress",
      "-o",
      file("columns.npy")
    };
  }
}
