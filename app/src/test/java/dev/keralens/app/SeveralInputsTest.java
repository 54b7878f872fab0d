package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.Model;
import dev.keralens.Units;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.method.Gradients;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Npz;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of several inputs and outputs, each by its name. */
class SeveralInputsTest {
  @TempDir private Path folder;
  private Path model = Path.of("");
  private Path photo = Path.of("");
  private Path facts = Path.of("");

  private static Tensor noise(int seed, int... shape) {
    Random random = new Random(seed);
    float[] all = new float[Math.toIntExact(Tensor.elements(shape))];
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) random.nextGaussian();
    }
    return Tensor.of(all, shape);
  }

  @BeforeEach
  void makeModel() throws IOException {
    ModelBuilder b = ModelBuilder.create("two");
    SymbolicTensor x = b.input(8, 8, 3);
    SymbolicTensor y = b.input(5);
    SymbolicTensor h = b.conv2d(4, 3).padding("same").activation("relu").name("conv").apply(x);
    SymbolicTensor pooled = b.globalAveragePooling2d().apply(h);
    SymbolicTensor both = b.concatenate().apply(pooled, b.dense(4).activation("relu").apply(y));
    SymbolicTensor kind = b.dense(3).activation("softmax").name("kind").apply(both);
    SymbolicTensor age = b.dense(1).name("age").apply(both);
    SymbolicTensor mask = b.conv2d(2, 1).activation("softmax").name("mask").apply(h);
    model = folder.resolve("two.onnx");
    try (Model built = Model.of("two", KerasModel.initialize(b.build(kind, age, mask), 7))) {
      built.export(model);
    }
    photo = folder.resolve("photo.npy");
    facts = folder.resolve("facts.npy");
    Npy.write(photo, noise(1, 2, 8, 8, 3));
    Npy.write(facts, noise(2, 2, 5));
  }

  private List<String> inputs() throws IOException {
    try (Model opened = Model.load(model)) {
      return opened.inputs().stream().map(input -> input.name()).toList();
    }
  }

  private List<Tensor> given() throws IOException {
    return List.of(Npy.read(photo), Npy.read(facts));
  }

  @Test
  void inputs_areGivenByNameOrAsNpz() throws IOException {
    List<String> names = inputs();
    Path npz = folder.resolve("both.npz");
    new Npz(Map.of(names.get(0), given().get(0), names.get(1), given().get(1))).write(npz);
    Path scores = folder.resolve("scores.npy");
    Cli.done("predict", npz, "-m", model, "-o", scores);
    Tensor all = Npy.read(scores);
    try (Model opened = Model.load(model)) {
      float[] expected = opened.predict(given(), ExplainOptions.defaults()).get(0).toFloatArray();
      assertArrayEquals(expected, all.toFloatArray(), 1e-6f);
    }
    Cli.done(
        "predict",
        "--input",
        names.get(1) + "=" + facts,
        "--input",
        names.get(0) + "=" + photo,
        "-m",
        model,
        "-o",
        scores);
    assertArrayEquals(all.toFloatArray(), Npy.read(scores).toFloatArray());
  }

  @Test
  void explainInput_isTheOneThatIsNamed() throws IOException {
    List<String> names = inputs();
    Path out = folder.resolve("maps.npy");
    Object[] both = {
      "explain",
      "--input",
      names.get(0) + "=" + photo,
      "--input",
      names.get(1) + "=" + facts,
      "-m",
      model,
      "--method",
      "gradients",
      "--units",
      "1",
      "-o",
      out
    };
    Cli unsaid = Cli.done(both);
    assertTrue(
        unsaid
            .err()
            .contains(
                "keralens: explained is the input %s of %s, %s (--explain-input)"
                    .formatted(names.get(0), names.get(0), names.get(1))),
        unsaid::toString);
    for (int input = 0; input < 2; input++) {
      Object[] named = Arrays.copyOf(both, both.length + 2);
      named[both.length] = "--explain-input";
      named[both.length + 1] = names.get(input);
      Cli run = Cli.done(named);
      assertFalse(run.err().toString().contains("--explain-input"), run::toString);
      try (Model opened = Model.load(model);
          Explainer explainer =
              Explainer.of(
                  opened, ExplainOptions.defaults().withInputs(input), Gradients.create())) {
        Explanation expected = explainer.explainAll(given(), Units.of(1)).get(0);
        Tensor maps = Npy.read(out);
        assertArrayEquals(expected.maps().shape(), maps.shape());
        assertArrayEquals(expected.maps().toFloatArray(), maps.toFloatArray(), 1e-6f);
      }
    }
  }

  @Test
  void inputs_thatDoNotFitTheModelAreRefused() throws IOException {
    List<String> names = inputs();
    String first = names.get(0);
    Cli.fails(
        2,
        List.of("takes 2 inputs", "--input %s=FILE --input %s=FILE".formatted(first, names.get(1))),
        "predict",
        photo,
        "-m",
        model);
    Cli.fails(
        2,
        List.of("--input %s=FILE is missing".formatted(names.get(1))),
        "predict",
        "--input",
        first + "=" + photo,
        "-m",
        model);
    Cli.fails(2, List.of("NAME=FILE", "got 'x'"), "predict", "--input", "x", "-m", model);
    Cli.fails(
        2,
        List.of("has no input of this name", "Its inputs: " + String.join(", ", names)),
        "predict",
        "--input",
        "pictures=" + photo,
        "-m",
        model);
    Cli.fails(2, List.of("Which input?"), "predict", "-m", model);
    Path one = folder.resolve("one.npy");
    Npy.write(one, noise(3, 1, 5));
    Cli run =
        Cli.run(
            "predict",
            "--input",
            first + "=" + photo,
            "--input",
            names.get(1) + "=" + one,
            "-m",
            model);
    assertEquals(2, run.code());
    assertTrue(
        run.err().toString().contains("for %s 2, for %s 1".formatted(first, names.get(1))),
        run::toString);
    Path other = folder.resolve("other.npz");
    new Npz(Map.of("a", noise(3, 1, 5), "b", noise(4, 1, 8, 8, 3))).write(other);
    Cli.fails(1, List.of("2 arrays", "none is called '" + first), "predict", other, "-m", model);
  }

  /** A report is read without the command line: it says which of several outputs it is about. */
  @Test
  void report_saysWhichOutputIsExplained() throws IOException {
    List<String> names = inputs();
    for (String output : List.of("kind", "age")) {
      Path report = folder.resolve(output + ".html");
      Cli.done(
          "explain",
          "--input",
          names.get(0) + "=" + photo,
          "--input",
          names.get(1) + "=" + facts,
          "-m",
          model,
          "--method",
          "gradients",
          "--output-name",
          output,
          "-o",
          report);
      String html = Files.readString(report);
      assertTrue(
          html.contains("\"explained\":\"output %s, one of kind, age, mask: ".formatted(output)));
    }
  }

  @Test
  void outputs_areNamed() throws IOException {
    List<String> names = inputs();
    Object[] start = {
      "predict", "--input", names.get(0) + "=" + photo, "--input", names.get(1) + "=" + facts, "-m"
    };
    Object[] of = Arrays.copyOf(start, start.length + 3);
    of[start.length] = model;
    of[start.length + 1] = "--output-name";
    of[start.length + 2] = "age";
    assertTrue(Cli.done(of).out().get(0).matches("image +unit +score"));
    of[start.length + 2] = "mask";
    Cli mask = Cli.done(of);
    assertTrue(
        mask.out().get(0).matches("image +unit +highest in +mean probability +maximum"),
        mask::toString);
    of[start.length + 2] = "masks";
    Cli.fails(2, List.of("Did you mean 'mask'?", "Known: kind, age, mask"), of);
    of[start.length + 2] = "3";
    Cli.fails(2, List.of("has 3 outputs, counted from 0: kind, age, mask"), of);
    Cli inspected = Cli.done("inspect", model);
    assertTrue(inspected.out().contains("Output: kind (None, 3)"), inspected::toString);
    assertTrue(
        inspected.out().stream().anyMatch(line -> line.endsWith("<- logits of age")),
        inspected::toString);
  }

  @Test
  void imageOfAPart_thatCannotBeReadIsLeftOut() throws IOException {
    List<String> names = inputs();
    Path photos = Files.createDirectory(folder.resolve("photos"));
    Files.copy(Cli.IMAGES.resolve("444.jpg"), photos.resolve("a.jpg"));
    Files.write(photos.resolve("b.jpg"), new byte[] {1, 2, 3});
    Path out = folder.resolve("scores.npz");
    Cli run =
        Cli.run(
            "predict",
            "--input",
            names.get(0) + "=" + photos,
            "--input",
            names.get(1) + "=" + facts,
            "-m",
            model,
            "-o",
            out);
    assertEquals(1, run.code(), run::toString);
    Tensor outputs = Npz.read(out).array("outputs");
    assertEquals(2, outputs.size(0));
    assertTrue(Float.isFinite(outputs.get(0, 0)));
    assertTrue(Float.isNaN(outputs.get(1, 0)));
  }

  @Test
  void explainInput_allOfThem() throws IOException {
    List<String> names = inputs();
    Path out = folder.resolve("all.npz");
    Object[] words = {
      "explain",
      "--input",
      names.get(0) + "=" + photo,
      "--input",
      names.get(1) + "=" + facts,
      "-m",
      model,
      "--explain-input",
      "all",
      "--method",
      "gradients,gradcam",
      "-o",
      out
    };
    Cli run = Cli.done(words);
    String missing = "keralens: %s without gradcam: ".formatted(names.get(1));
    assertTrue(run.err().stream().anyMatch(line -> line.startsWith(missing)), run::toString);
    Npz maps = Npz.read(out);
    assertEquals(
        List.of("gradients/" + names.get(0), "gradcam", "gradients/" + names.get(1)),
        maps.text("maps"));
    assertArrayEquals(new int[] {2, 5, 1}, maps.array("gradients/" + names.get(1)).shape());
    try (Model opened = Model.load(model)) {
      ExplainOptions second = ExplainOptions.defaults().withInputs(1);
      try (Explainer explainer = Explainer.of(opened, second, Gradients.create())) {
        Explanation expected = explainer.explainAll(given(), Units.top(1)).get(0);
        assertArrayEquals(
            expected.maps().toFloatArray(),
            maps.array("gradients/" + names.get(1)).toFloatArray(),
            1e-6f);
      }
    }

    words[words.length - 1] = folder.resolve("all.svg");
    Cli.done(words);
    String svg = Files.readString(folder.resolve("all.svg"));
    names.forEach(name -> assertTrue(svg.contains(">" + name + "</text>"), svg));
    words[words.length - 1] = folder.resolve("maps");
    Cli.done(words);
    try (Stream<Path> files = Files.list(folder.resolve("maps"))) {
      assertEquals(6, files.count());
    }
    words[words.length - 1] = folder.resolve("all.npy");
    assertEquals(2, Cli.run(words).code());
  }
}
