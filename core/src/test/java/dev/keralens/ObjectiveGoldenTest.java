package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.filter.Filters;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.method.Gradients;
import dev.keralens.objective.Objective;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Npz;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Gradients of objectives against those of Keras, from {@code parity/objectives}. */
class ObjectiveGoldenTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/objectives");

  private static void check(String name, Objective objective, int unit) throws IOException {
    ExplainOptions options =
        ExplainOptions.defaults().withFilter(Filters::none).withObjective(objective);
    Npz golden = Npz.read(FOLDER.resolve(name + ".npz"));
    Tensor gradient = golden.array("gradient");
    Tensor score = golden.array("score");
    try (Model model = Model.load(FOLDER.resolve("model.keras"));
        Explainer explainer =
            Explainer.of(model, options, Gradients.create().gradientFilter(Filters::none))) {
      Explanation why = explainer.explain(Npy.read(FOLDER.resolve("x.npy")), Units.of(unit));
      float[] expected = gradient.toFloatArray();
      float[] maps = why.maps().toFloatArray();
      assertEquals(expected.length, maps.length);
      double largest = 0;
      for (float value : expected) {
        largest = Math.max(largest, Math.abs(value));
      }
      for (int i = 0; i < maps.length; i++) {
        assertEquals(expected[i], maps[i], 1e-5 * largest, name + " at " + i);
      }
      for (int image = 0; image < 2; image++) {
        assertEquals(
            score.get(image), why.scores().get(image, 0), 2e-5 * Math.abs(score.get(image)));
      }
    }
  }

  @Test
  void differenceAbsenceAndSum_areThoseOfTheLogits() throws IOException {
    check("versus", Objective.logits().versus(1), 2);
    check("absence", Objective.logits().absence(), 2);
    check("sum", Objective.logits().weightedSum(Map.of(0, 0.5, 3, -2.0)), 0);
  }

  @Test
  void probability_isThatOfTheSoftmax() throws IOException {
    check("probability", Objective.probability(), 2);
    check("probability", Objective.output(), 2);
    check("probability", Objective.output().withOutput("classes"), 2);
  }

  @Test
  void similarity_isTheCosineOfTheEmbedding() throws IOException {
    Tensor reference = Npy.read(FOLDER.resolve("reference.npy"));
    check("cosine", Objective.similarity(reference).withOutput(1), 0);
    check("cosine", Objective.similarity(reference, "cat.jpg").withOutput("embedding"), 0);
  }

  @Test
  void predictedRegion_isWhereTheClassIsHighest() throws IOException {
    check("region", Objective.logits().withOutput(2).withPredictedRegion(), 1);
  }

  @Test
  void ownObjective_isOfAnyOutputs() throws IOException {
    Objective own =
        Objective.of(
            "energy of the embedding times a probability",
            (b, outputs) -> {
              Value embedding = outputs.get(1);
              Value energy = b.reduceSum(b.mul(embedding, embedding), false, 1);
              Value unit = b.slice(outputs.get(0), new int[] {1}, new int[] {1}, new int[] {2});
              return b.mul(energy, b.node(Op.SQUEEZE, unit, b.ints(1)));
            });
    check("own", own, 0);
  }
}
