package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands say of logits, of one sigmoid neuron and of outputs of other shapes. */
class LogitsCommandTest {
  @TempDir private Path folder;

  private Path model(String name) throws IOException {
    Path archive = Cli.CORE.resolve("golden/heads").resolve(name + ".zip");
    try (InputStream file = Files.newInputStream(archive);
        ZipInputStream zip = new ZipInputStream(file)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Files.copy(zip, folder.resolve(entry.getName()));
      }
    }
    Path keras = folder.resolve("model.keras");
    return Files.exists(keras) ? keras : folder.resolve("model.onnx");
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  private Cli explain(Path model, Object... more) {
    Object[] common = {"explain", file("x.npy"), "-m", model, "--no-progress", "-o", file("o.npy")};
    Object[] all = new Object[common.length + more.length];
    System.arraycopy(common, 0, all, 0, common.length);
    System.arraycopy(more, 0, all, common.length, more.length);
    return Cli.done(all);
  }

  private static void assertSays(Cli run, String text) {
    assertTrue(run.err().stream().anyMatch(line -> line.contains(text)), run::toString);
  }

  @Test
  void explain_saysWhichLogitsWhereThatIsNoMatterOfCourse() throws IOException {
    assertSays(
        explain(model("keras_softmax_reshape")),
        "the logits are explained: logits, before the softmax (followed by Reshape)");
  }

  @Test
  void explain_saysNothingOfAPlainSoftmax() throws IOException {
    Cli run = explain(model("keras_softmax_dropout_linear"));
    assertEquals(1, run.err().size(), run::toString);
  }

  @Test
  void explain_saysThatProbabilitiesThemselvesAreExplained() throws IOException {
    assertSays(
        explain(model("torch_mean_of_softmaxes")), "explained is the output itself, not logits");
  }

  /** No operator tells; the numbers do. */
  @Test
  void explain_measuresWhetherUnitsSumToOne() throws IOException {
    assertSays(
        explain(model("keras_divided_by_sum")),
        "explained is the output itself, not logits: its units sum to 1");
  }

  @Test
  void inspect_givesTheGround() throws IOException {
    Path model = model("torch_sigmoid_squeezed");
    Cli table = Cli.done("inspect", model);
    assertTrue(
        table.out().stream()
            .anyMatch(l -> l.matches("logits: .*, before the sigmoid \\(followed by Squeeze\\)")),
        table::toString);
    JsonNode json =
        new ObjectMapper().readTree(String.join("\n", Cli.done("inspect", model, "--json").out()));
    String ground = json.path("findings").path("logits").asText();
    assertTrue(ground.contains("before the sigmoid"), ground);
  }

  @Test
  void oneNumberForEachImage_isOneUnit() throws IOException {
    Path model = model("keras_score_of_one_axis");
    Cli run = explain(model);
    Tensor scores = Npy.read(file("scores.npy"));
    assertEquals(
        "x.npy 0 0 %.4f".formatted(scores.get(0, 0)), run.out().get(1).replaceAll(" +", " "));
    Cli predicted = Cli.done("predict", file("x.npy"), "-m", model, "--no-progress");
    assertEquals(run.out(), predicted.out());
  }

  /** One sigmoid neuron is class 1; the map says so, and class 0 can be had. */
  @Test
  void oneNeuron_isClassOneUnlessTwoClassesAreWanted() throws IOException {
    Path model = model("keras_squeezed");
    float[] outputs = Npy.read(file("output.npy")).toFloatArray();
    int absent = (outputs[0] < 0.5 ? 1 : 0) + (outputs[1] < 0.5 ? 1 : 0);
    Cli one = explain(model, "--filter", "none");
    assertEquals(
        absent > 0,
        one.err().stream().anyMatch(l -> l.contains("maps are of class 1")),
        one::toString);
    float[] presence = Npy.read(file("o.npy")).toFloatArray();
    explain(model, "--filter", "none", "--two-classes", "--units", "0");
    float[] absence = Npy.read(file("o.npy")).toFloatArray();
    for (int i = 0; i < absence.length; i++) {
      assertEquals(-presence[i], absence[i], 1e-6);
    }
    Cli predicted = explain(model, "--two-classes");
    String unit = predicted.out().get(1).replaceAll(" +", " ").split(" ", -1)[2];
    assertEquals(outputs[0] < 0.5 ? "0" : "1", unit);
  }

  /** Where class 0 is predicted, the map of the neuron is of the other one. */
  @Test
  void oneNeuron_whoseClassIsNotThePredictedOneIsSaid() throws IOException {
    Path model = model("keras_squeezed");
    Tensor x = Npy.read(file("x.npy"));
    float[] other = x.toFloatArray();
    for (int i = 0; i < other.length; i++) {
      other[i] *= -3;
    }
    Npy.write(file("x.npy"), Tensor.of(other, x.shape()));
    Cli one = explain(model, "--filter", "none");
    assertSays(one, "the maps are of class 1");
    assertSays(one, "class 0 (below 0.5) for 2 of 2 images");
  }

  @Test
  void oneNeuron_takesTheNamesOfTwoClasses() throws IOException {
    Path model = model("keras_squeezed");
    Files.writeString(file("names.txt"), "cat\ndog\n");
    Cli run = explain(model, "--classes", file("names.txt"), "--top", "2");
    String table = String.join("\n", run.out());
    assertTrue(table.contains("cat") && table.contains("dog"), table);
    explain(model, "--filter", "none", "--classes", file("names.txt"), "--units", "cat");
    float[] cat = Npy.read(file("o.npy")).toFloatArray();
    explain(model, "--filter", "none", "--two-classes", "--units", "0");
    assertArrayEquals(Npy.read(file("o.npy")).toFloatArray(), cat);
    Cli predicted = Cli.done("predict", file("x.npy"), "-m", model, "--classes", file("names.txt"));
    float p = Npy.read(file("output.npy")).toFloatArray()[0];
    String first = predicted.out().get(1).replaceAll(" +", " ");
    assertTrue(first.startsWith("x.npy 0 " + (p < 0.5 ? "0 cat" : "1 dog")), predicted::toString);
  }

  /** Gradients of second order in the score explain class 0 too, which no filter gives. */
  @Test
  void oneNeuron_everyMethodExplainsClassZero() throws IOException {
    Path model = model("torch_sigmoid_squeezed");
    for (String method : List.of("gradcampp", "scorecam", "cam", "full_gradients", "gradcam")) {
      Cli run = explain(model, "--two-classes", "--units", "0,1", "--method", method);
      assertEquals(0, run.code(), run::toString);
      int[] shape = Npy.read(file("o.npy")).shape();
      assertEquals(2, shape[shape.length - 1], method);
    }
  }

  @Test
  void unitOne_ofOneNeuronNamesTheOption() throws IOException {
    Path model = model("keras_squeezed");
    Cli.fails(
        2,
        List.of("there is no unit 1", "With --two-classes, the one unit is class 1"),
        "explain",
        file("x.npy"),
        "-m",
        model,
        "--units",
        "1",
        "-o",
        file("o.npy"));
  }

  @Test
  void twoClasses_areRefusedOfSeveralUnits() throws IOException {
    Path model = model("keras_softmax_reshape");
    Cli.fails(
        2,
        List.of("--two-classes", "made of one unit", "(batch, 3)"),
        "explain",
        file("x.npy"),
        "-m",
        model,
        "--two-classes",
        "-o",
        file("o.npy"));
  }

  /** The images of (time, batch, unit) lie on its second axis. */
  @Test
  void predict_timeFirst() throws IOException {
    Path model = model("torch_time_first");
    for (String size : List.of("1", "8")) {
      Path scores = file("p.npy");
      Object[] arguments = {
        "predict", file("x.npy"), "-m", model, "--batch-size", size, "-o", scores, "--no-progress"
      };
      Cli run = Cli.done(arguments);
      String last = run.err().get(run.err().size() - 1);
      assertEquals("Wrote %s: scores (4, 2, 3)".formatted(scores), last);
      Tensor expected = Npy.read(file("output.npy"));
      assertArrayEquals(expected.shape(), Npy.read(scores).shape());
      assertArrayEquals(expected.toFloatArray(), Npy.read(scores).toFloatArray(), 1e-5f);
    }
  }
}
