package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Shape;
import dev.keralens.inspect.attention.AttentionWeights;
import dev.keralens.inspect.attention.PatchGrid;
import dev.keralens.method.AttentionRollout;
import dev.keralens.method.TransformerAttribution;
import dev.keralens.objective.Objective;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Methods that follow attention, on transformers of Keras' MultiHeadAttention
 * (parity/methods/make_keras_attention.py).
 */
class KerasAttentionTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/methods");

  private static void assertGolden(Model model, Method method, String expected) throws IOException {
    ExplainOptions raw =
        ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
    try (Explainer explainer = Explainer.of(model, raw, method)) {
      Tensor maps =
          explainer.explain(Npy.read(FOLDER.resolve("vit_keras_x.npy")), Units.all()).maps();
      Tensor golden = Npy.read(FOLDER.resolve(expected));
      assertArrayEquals(golden.shape(), maps.shape());
      assertArrayEquals(golden.toFloatArray(), maps.toFloatArray(), 1e-5f);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"class", "pooled", "patches", "two_axes"})
  void maps_areThoseOfTheFormulaInKeras(String name) throws IOException {
    String file = "vit_keras_" + name;
    try (Model model = Model.load(FOLDER.resolve(file + ".keras"))) {
      assertGolden(model, AttentionRollout.create(), file + "_rollout.npy");
      assertGolden(model, TransformerAttribution.create(), file + "_attribution.npy");
    }
  }

  /** What the answer is made of: a class token, all tokens, or those of the picture. */
  @ParameterizedTest
  @ValueSource(strings = {"class", "pooled", "patches", "two_axes"})
  void tokens_areThoseThatTheAnswerReads(String name) throws IOException {
    try (Model model = Model.load(FOLDER.resolve("vit_keras_" + name + ".keras"))) {
      ResolvedObjective explained =
          model.objective(Objective.logits(), List.of(Shape.of(Shape.BATCH, 12, 16, 3)));
      AttentionWeights attention =
          AttentionWeights.of(explained.network(), explained.target(), "test");
      PatchGrid grid = attention.grid(explained.network(), explained.network().inputs().get(0));
      assertEquals(List.of(3, 4), grid.sizes());
      int before = name.equals("class") || name.equals("patches") ? 1 : 0;
      assertEquals(before, grid.before());
      List<Integer> read =
          name.equals("class") ? List.of(0) : IntStream.range(before, before + 12).boxed().toList();
      assertEquals(read, attention.answering());
    }
  }
}
