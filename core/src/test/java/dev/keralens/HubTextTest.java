package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Shape;
import dev.keralens.method.Gradients;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Network;
import dev.keralens.objective.Objective;
import dev.keralens.runtime.Precision;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import dev.keralens.tokenize.Sentence;
import dev.keralens.tokenize.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** KerasHub's models for words, sound, and words with pictures, by parity/hub/make_hub_text.py. */
class HubTextTest {
  static final Path FOLDER = Path.of("src/test/resources/golden/hubtext");

  @TestFactory
  Stream<DynamicTest> models_giveAndExplainWhatKerasDoes() throws IOException {
    return cases().stream()
        .map(
            path -> DynamicTest.dynamicTest(String.valueOf(path.getFileName()), () -> check(path)));
  }

  static List<Path> cases() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().toList();
    }
  }

  /** The page has what was measured. */
  @AfterAll
  static void page_hasTheErrors() throws IOException {
    HubErrors.page(cases());
  }

  private static List<Tensor> inputs(Path path, Model model) throws IOException {
    List<Tensor> inputs = new ArrayList<>();
    for (InputSpec input : model.inputs()) {
      inputs.add(Npy.read(path.resolve(input.name() + ".npy")));
    }
    return inputs;
  }

  /** The network at the sizes of the data. */
  static Network network(Path path, Model model) throws IOException {
    return model.network(
        inputs(path, model).stream()
            .map(
                x -> {
                  int[] sizes = x.shape();
                  sizes[0] = Shape.BATCH;
                  return Shape.of(sizes);
                })
            .toList());
  }

  private static void check(Path path) throws IOException {
    try (Model model = Model.load(path.resolve("model.keras"))) {
      List<Tensor> inputs = inputs(path, model);
      int explained =
          model.inputs().stream().map(InputSpec::name).toList().indexOf(explained(path));
      List<Tensor> outputs = model.predict(inputs, ExplainOptions.defaults());
      for (int i = 0; i < outputs.size(); i++) {
        Tensor expected = Npy.read(path.resolve("out_" + i + ".npy"));
        HubErrors.note(path, "output", error("output " + i, expected, outputs.get(i), 1e-5));
      }
      assertEquals(Files.exists(path.resolve("out_1.npy")) ? 2 : 1, outputs.size());
      if (Files.exists(path.resolve("gradients.npy"))) {
        checkGradients(path, model, inputs, explained);
      }
    }
  }

  /** A text goes through the tokenizer in the file to what KerasHub makes of it. */
  @Test
  void sentence_isTokenizedAsKerasHubDoes() throws IOException {
    Path path = FOLDER.resolve("bert_sentence");
    JsonNode expected =
        new ObjectMapper().readTree(Files.readString(path.resolve("sentence.json")));
    Tokenizer own = Tokenizer.find(path.resolve("model.keras")).orElseThrow();
    Sentence sentence = own.encode(expected.path("text").textValue());
    try (Model model = Model.load(path.resolve("model.keras"))) {
      Tensor output =
          model.predict(sentence.inputs(model.inputs()), ExplainOptions.defaults()).get(0);
      for (int i = 0; i < 3; i++) {
        assertEquals(expected.path("output").get(i).doubleValue(), output.get(0, i), 1e-5);
      }
    }
    for (int i = 0; i < sentence.length(); i++) {
      assertEquals(expected.path("token_ids").get(i).intValue(), sentence.ids().getLong(0, i));
    }
  }

  @Test
  void example_makesInputsOfAText() throws IOException {
    Path path = FOLDER.resolve("bert_sentence/model.keras");
    try (Model model = Model.load(path)) {
      Tokenizer tokenizer = Tokenizer.find(path).orElseThrow();
      Sentence sentence = tokenizer.encode("a good film");
      List<Tensor> inputs = sentence.inputs(model.inputs());
      assertEquals(3, inputs.size());
    }
  }

  /** Of sound and of pictures where there are any, of words else. */
  private static String explained(Path path) {
    return Stream.of("encoder_features", "images")
        .filter(name -> Files.exists(path.resolve(name + ".npy")))
        .findFirst()
        .orElse("token_ids");
  }

  private static void checkGradients(Path path, Model model, List<Tensor> inputs, int explained)
      throws IOException {
    ExplainOptions options =
        ExplainOptions.defaults()
            .withFilter(Filters::none)
            .withResize(Resize.none())
            .withInputs(explained)
            .withRuntime(RuntimeOptions.defaults().withPrecision(Precision.FLOAT64));
    boolean pair = Files.exists(path.resolve("images.npy")) && inputs.size() > 1;
    int[] sizes = Npy.read(path.resolve("out_0.npy")).shape();
    if (sizes.length == 3) {
      options = options.withObjective(Objective.logits().withUnitAxis(2));
    }
    try (Explainer explainer = Explainer.of(model, options, Gradients.create())) {
      Tensor maps = explainer.explainAll(inputs, Units.of(pair ? 0 : 1)).get(0).maps();
      Tensor expected = Npy.read(path.resolve("gradients.npy"));
      HubErrors.note(path, "gradients", error("gradients", expected, maps, 1e-4));
    }
  }

  /** Relative to the largest element; nothing but zeros would prove nothing. */
  private static double error(String what, Tensor expected, Tensor actual, double tolerance) {
    float[] e = expected.toFloatArray();
    float[] a = actual.toFloatArray();
    assertEquals(e.length, a.length, what);
    double largest = IntStream.range(0, e.length).mapToDouble(i -> Math.abs(e[i])).max().orElse(0);
    double error =
        IntStream.range(0, e.length).mapToDouble(i -> Math.abs(e[i] - a[i])).max().orElse(1);
    assertTrue(largest > 0, what + " is zero");
    assertTrue(error <= tolerance * largest, what + ": " + error + " of " + largest);
    return error / largest;
  }
}
