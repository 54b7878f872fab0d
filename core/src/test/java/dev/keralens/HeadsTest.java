package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.filter.Filters;
import dev.keralens.inspect.Logits;
import dev.keralens.inspect.Logits.Ending;
import dev.keralens.method.Gradients;
import dev.keralens.objective.Objective;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One small network with the ends that models have, as Keras saves and PyTorch exports them: the
 * logits behind each are those that GradientTape and autograd differentiate. The data is made by
 * {@code parity/heads}.
 */
class HeadsTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/heads");

  @TempDir private Path folder;

  static List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.map(f -> f.getFileName().toString().replace(".zip", "")).sorted().toList();
    }
  }

  private Model model(String name) throws IOException {
    try (InputStream file = Files.newInputStream(FOLDER.resolve(name + ".zip"));
        ZipInputStream zip = new ZipInputStream(file)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Files.copy(zip, folder.resolve(entry.getName()));
      }
    }
    Path keras = folder.resolve("model.keras");
    return Model.load(Files.exists(keras) ? keras : folder.resolve("model.onnx"));
  }

  private Tensor array(String name) throws IOException {
    return Npy.read(folder.resolve(name + ".npy"));
  }

  private static ExplainOptions raw() {
    return ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
  }

  private static Explainer explainer(Model model, ExplainOptions options) {
    return Explainer.of(model, options, Gradients.create().gradientFilter(Filters::none));
  }

  private static void assertClose(Tensor expected, Tensor actual, double tolerance, String what) {
    assertClose(expected.toFloatArray(), actual.toFloatArray(), tolerance, what);
  }

  private static void assertClose(float[] expected, float[] actual, double tolerance, String what) {
    assertEquals(expected.length, actual.length, what);
    double largest = 1e-12;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], tolerance * largest, what + ", element " + i);
    }
  }

  /** The mean over the places of an output, of which the units are last. */
  private static float[] means(Tensor output, int units) {
    float[] all = output.toFloatArray();
    int images = output.size(0);
    int places = all.length / images / units;
    float[] means = new float[images * units];
    for (int i = 0; i < all.length; i++) {
      means[i / (places * units) * units + i % units] += all[i] / places;
    }
    return means;
  }

  @ParameterizedTest
  @MethodSource("names")
  void logits_areThoseOfTheFramework(String name) throws IOException {
    // Of (batch, 3, 1) the data has the last axis for that of the units, which it is only if named.
    boolean last = name.equals("keras_softmax_temperature");
    try (Model model = model(name);
        Explainer explainer =
            explainer(
                model, last ? raw().withObjective(Objective.logits().withUnitAxis(-1)) : raw())) {
      Tensor scores = array("scores");
      assertClose(array("output"), model.predict(array("x")), 1e-5, "output");
      Explanation why = explainer.explain(array("x"), Units.all());
      assertArrayEquals(scores.shape(), why.scores().shape());
      assertClose(scores, why.scores(), 1e-5, "scores");
      assertClose(array("gradients"), why.maps(), 1e-4, "gradients");
      boolean itself =
          name.matches(
              ".*(mean_of_softmaxes|divided_by_sum|score_of_one_axis|time_first(_dynamo)?$).*");
      Tensor given = array("output");
      Tensor output = name.contains("time_first") ? given.transpose(1, 0, 2) : given;
      float[] outputs = itself ? scores.toFloatArray() : means(output, scores.size(1));
      assertClose(outputs, why.outputs().toFloatArray(), 1e-5, "outputs");
      Logits logits = Logits.of(model.network(), 0);
      assertEquals(!itself, logits.isFound(), logits.ground());
    }
  }

  /** A model that ends in two activations is explained by what enters the second, which is said. */
  @ParameterizedTest
  @CsvSource({
    "keras_softmax_twice, come from a softmax already",
    "keras_softmax_of_sigmoid, come from a sigmoid already"
  })
  void activationTwice_isSaid(String name, String said) throws IOException {
    try (Model model = model(name)) {
      Logits logits = Logits.of(model.network(), 0);
      assertEquals(Ending.SOFTMAX, logits.ending());
      String note = logits.note().orElse("nothing");
      assertTrue(note.contains(said), note);
    }
  }

  /** The highest unit is the one that the model predicts, also where several are joined. */
  @ParameterizedTest
  @MethodSource("names")
  void top_isTheHighestOutput(String name) throws IOException {
    try (Model model = model(name);
        Explainer explainer = explainer(model, raw())) {
      Tensor output = array("output");
      if (output.rank() != 2) {
        return;
      }
      Explanation why = explainer.explain(array("x"), Units.top(1));
      for (int image = 0; image < output.size(0); image++) {
        float[] row = output.row(image).toFloatArray();
        float highest = Float.NEGATIVE_INFINITY;
        for (float value : row) {
          highest = Math.max(highest, value);
        }
        assertEquals(highest, row[why.unit(image, 0)], 1e-6, "image " + image);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          keras_softmax_reshape            | SOFTMAX   | logits, before the softmax (followed by Reshape)
          keras_softmax_written_out        | SOFTMAX   | logits, before the softmax that is written out
          keras_sigmoid_absent             | SIGMOID   | minus logits, before the sigmoid (followed by Sub)
          keras_sigmoid_and_complement     | SIGMOID   | minus logits, before the sigmoid; logits, before the sigmoid (followed by Sub, Concat)
          keras_heads_joined               | SEVERAL   | a, before the softmax; b, before the softmax; c, before the sigmoid (followed by Concat)
          keras_score_and_softmax_joined   | SCALED    | a itself; b, before the softmax (followed by Concat)
          keras_log_softmax_reshape        | LOGARITHM | logits, before the softmax (followed by Reshape)
          keras_score_of_one_axis          | SCORE     | the output itself: it ends in no softmax or sigmoid
          keras_mean_of_softmaxes          | UNKNOWN   | the output itself, not logits: what follows its softmax changes it in a way that is not known
          keras_divided_by_sum             | OTHER     | the output itself: it ends in no softmax or sigmoid
          torch_softmax_percent            | SCALED    | /last/Gemm, before the softmax (followed by Mul)
          """)
  void ground_saysWhereTheLogitsLie(String name, Ending ending, String ground) throws IOException {
    try (Model model = model(name)) {
      Logits logits = Logits.of(model.network(), 0);
      assertEquals(ending, logits.ending());
      assertEquals(ground.strip(), logits.ground().replaceAll("Gemm_\\d+", "/last/Gemm"));
    }
  }

  @Test
  void network_isTheSameWhereNothingIsRearranged() throws IOException {
    try (Model model = model("keras_softmax_dropout_linear")) {
      Logits logits = Logits.of(model.network(), 0);
      assertTrue(logits.isFound());
      assertTrue(logits.isPlain());
      assertFalse(logits.note().isPresent());
      assertEquals(model.network(), logits.network());
    }
  }

  /** One sigmoid neuron as two classes, of every rank: minus the logit, and the logit. */
  @ParameterizedTest
  @CsvSource({
    "keras_squeezed",
    "keras_reshaped_to_one_axis",
    "torch_sigmoid_view_of_one_axis",
    "torch_sigmoid_summed"
  })
  void twoClasses_areMinusTheLogitAndTheLogit(String name) throws IOException {
    try (Model model = model(name);
        Explainer explainer =
            explainer(model, raw().withObjective(Objective.logits().asTwoClasses()))) {
      Explanation why = explainer.explain(array("x"), Units.all());
      Tensor scores = array("scores");
      float[] output = array("output").toFloatArray();
      for (int image = 0; image < 2; image++) {
        assertEquals(-scores.get(image, 0), why.scores().get(image, 0), 1e-5);
        assertEquals(scores.get(image, 0), why.scores().get(image, 1), 1e-5);
        assertEquals(1 - output[image], why.outputs().get(image, 0), 1e-6);
        assertEquals(output[image], why.outputs().get(image, 1), 1e-6);
        float[] absence = why.map(image, 0).toFloatArray();
        float[] presence = why.map(image, 1).toFloatArray();
        for (int i = 0; i < absence.length; i++) {
          assertEquals(-presence[i], absence[i], 1e-7);
        }
      }
    }
  }
}
