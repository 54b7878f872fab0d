package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.method.Gradients;
import dev.keralens.method.InputXGradient;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.method.Smooth;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class WordVectorsTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/vectors");

  private static Tensor npy(String name) throws IOException {
    return Npy.read(FOLDER.resolve(name + ".npy"));
  }

  private static void assertClose(Tensor expected, Tensor actual, double tolerance, String what) {
    assertArrayEquals(expected.shape(), actual.shape(), what);
    assertArrayEquals(expected.toFloatArray(), actual.toFloatArray(), (float) tolerance, what);
  }

  private static Explanation explain(WordVectors words, Method method, Tensor ids) {
    ExplainOptions options =
        ExplainOptions.defaults().withFilter(Filters::none).withInputs(words.input());
    try (Explainer explainer = Explainer.of(words.model(), options, method)) {
      return explainer.explainAll(words.inputs(List.of(ids)), Units.all()).get(0);
    }
  }

  @Test
  void integratedGradients_areThoseOfKeras() throws IOException {
    Tensor ids = npy("x");
    Tensor padding = Tensor.of(new long[9], 1, 9).to(ElementType.INT32);
    try (Model model = Model.load(FOLDER.resolve("model.keras"));
        WordVectors words = WordVectors.of(model, 0)) {
      Tensor baseline = words.vectors(List.of(padding));
      assertArrayEquals(new int[] {1, 9, 6}, baseline.shape());
      Method method = IntegratedGradients.create().baseline(baseline);
      Explanation why = explain(words, method, ids);
      assertClose(npy("integrated_gradients"), why.maps(), 1e-4, "maps");
      assertClose(npy("logits"), why.scores(), 1e-5, "scores");
    }
  }

  @Test
  void example() throws IOException {
    Tensor ids = npy("x");
    Tensor padding = Tensor.of(new long[9], 1, 9).to(ElementType.INT32);
    try (Model model = Model.load(FOLDER.resolve("model.keras"))) {
      try (WordVectors words = WordVectors.of(model, 0);
          Explainer explainer =
              Explainer.of(
                  words.model(),
                  ExplainOptions.defaults().withInputs(words.input()),
                  IntegratedGradients.create().baseline(words.vectors(List.of(padding))))) {
        Explanation why = explainer.explainAll(words.inputs(List.of(ids)), Units.top(1)).get(0);
        System.out.println(why.maps()); // (batch, words, units)
      }
    }
  }

  /** Padding stays padding: its vectors change nothing. */
  @Test
  void padding_isToldFromTheWords() throws IOException {
    Tensor ids = npy("x");
    try (Model model = Model.load(FOLDER.resolve("model.keras"));
        WordVectors words = WordVectors.of(model, 0)) {
      Tensor maps = explain(words, InputXGradient.create(), ids).maps();
      for (int word = 6; word < 9; word++) {
        for (int unit = 0; unit < 3; unit++) {
          assertEquals(0, maps.get(1, word, unit));
        }
      }
    }
  }

  @Test
  void gradients_areThoseOfTheWords() throws IOException {
    Tensor ids = npy("x");
    ExplainOptions plain = ExplainOptions.defaults().withFilter(Filters::none);
    try (Model model = Model.load(FOLDER.resolve("model.keras"));
        WordVectors words = WordVectors.of(model, 0);
        Explainer usual = Explainer.of(model, plain, Gradients.create())) {
      Explanation why = explain(words, Gradients.create(), ids);
      assertClose(usual.explain(ids, Units.all()).maps(), why.maps(), 1e-6, "gradients");
      Method smooth = Smooth.of(Gradients.create()).repetitions(4).seed(1);
      assertArrayEquals(new int[] {2, 9, 3}, explain(words, smooth, ids).maps().shape());
    }
  }

  @Test
  void pictures_haveNoWords() throws IOException {
    try (Model model = Model.load(Path.of("src/test/resources/golden/places/turned.keras"));
        WordVectors words = WordVectors.of(model, 0)) {
      Tensor x = Tensor.of(new float[12 * 20 * 3], 1, 12, 20, 3);
      assertThrows(UnsupportedModelException.class, () -> words.inputs(List.of(x)));
    }
    try (Model model = Model.load(FOLDER.resolve("model.keras"));
        Explainer explainer = Explainer.of(model, IntegratedGradients.create())) {
      Tensor ids = npy("x");
      String message =
          String.valueOf(
              assertThrows(
                      UnsupportedModelException.class, () -> explainer.explain(ids, Units.of(1)))
                  .getMessage());
      assertTrue(message.contains("WordVectors"), message);
    }
  }
}
