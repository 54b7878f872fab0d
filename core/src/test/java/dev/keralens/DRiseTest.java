package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.filter.Filters;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.method.DRise;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.objective.Box;
import dev.keralens.objective.BoxForm;
import dev.keralens.objective.BoxScores;
import dev.keralens.objective.Objective;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A detector of 4 x 4 pixels: of two boxes that overlap by a third, the scores are four pixels. */
class DRiseTest {
  private static final int PIXELS = 16;

  private static Model detector() {
    return detector(false);
  }

  private static Model detector(boolean sigmoid) {
    return SmallNetwork.model(
        (n, in) -> {
          KerasTensor x = in.get(0);
          Value flat = n.b.reshape(x.value(), Shape.of(Shape.BATCH, PIXELS));
          Value four = n.b.slice(flat, new int[] {1}, new int[] {0}, new int[] {4});
          Value scores = n.b.reshape(four, Shape.of(Shape.BATCH, 2, 2));
          float[] edges = {0, 0, 2, 2, 1, 0, 3, 2};
          Value boxes =
              n.b.add(
                  n.b.mul(n.b.concat(2, List.of(scores, scores)), 0),
                  n.b.constant(Tensor.of(edges, 1, 2, 4)));
          return List.of(
              n.layer("boxes", "Lambda", x, boxes, Layout.PLAIN),
              n.layer(
                  "scores",
                  "Lambda",
                  x,
                  sigmoid ? n.b.node(Op.SIGMOID, scores) : scores,
                  Layout.PLAIN));
        },
        new int[] {4, 4, 1});
  }

  private static Tensor masks() {
    float[] masks = new float[3 * PIXELS];
    Arrays.fill(masks, 1);
    masks[PIXELS + 1] = 0;
    masks[2 * PIXELS] = 0;
    masks[2 * PIXELS + 1] = 0;
    return Tensor.of(masks, 3, 4, 4);
  }

  private static Explanation explain(Objective objective) {
    return explain(objective, 0.6f, 0.8f, 0.3f, 0.4f);
  }

  private static Explanation explain(Objective objective, float... scores) {
    float[] x = Arrays.copyOf(scores, PIXELS);
    ExplainOptions options =
        ExplainOptions.defaults().withFilter(Filters::none).withObjective(objective);
    try (Model model = detector();
        Explainer explainer = Explainer.of(model, options, DRise.create().masks(masks()))) {
      return explainer.explain(Tensor.of(x, 1, 4, 4, 1), Units.of(0, 1));
    }
  }

  /** With all pixels, without the second, without the first two: then the other box is the best. */
  @Test
  void weight_isTheBestAgreementOfAPrediction() {
    Explanation why =
        explain(
            Objective.box(new Box(0, 0, 2, 2), BoxForm.XYXY)
                .withBoxScores(BoxScores.PROBABILITIES));
    double[][] weights = {
      {0.6 * 0.8, 0.6, 0.6 * 0.4 / 3}, {0.8 * 0.8, 0.8 * 0.4 / 3, 0.8 * 0.4 / 3}
    };
    float[] masks = masks().toFloatArray();
    for (int unit = 0; unit < 2; unit++) {
      for (int place = 0; place < PIXELS; place++) {
        double sum = 0;
        for (int i = 0; i < 3; i++) {
          sum += weights[unit][i] * masks[i * PIXELS + place];
        }
        assertEquals(sum / 1.5, why.map(0, unit).toFloatArray()[place], 1e-6);
      }
    }
  }

  @Test
  void strongestBox_isTheOneThatIsExplained() {
    assertArrayEquals(
        explain(
                Objective.box(new Box(0, 0, 2, 2), BoxForm.XYXY)
                    .withBoxScores(BoxScores.PROBABILITIES))
            .maps()
            .toFloatArray(),
        explain(strongest(BoxScores.PROBABILITIES)).maps().toFloatArray());
  }

  private static Objective strongest(BoxScores scores) {
    return Objective.strongestBox(BoxForm.XYXY).withBoxScores(scores);
  }

  /** Logits of one image that happen to lie between 0 and 1 prove nothing. */
  @Test
  void scoresThatNothingProves_areAskedFor() {
    String said =
        String.valueOf(
            assertThrows(
                    UnsupportedModelException.class,
                    () -> explain(Objective.strongestBox(BoxForm.XYXY)))
                .getMessage());
    assertTrue(said.contains("--box-scores"), said);
  }

  /** What is said to be logits goes through a sigmoid or softmax, whatever its range. */
  @Test
  void logits_areMadeProbabilitiesAsSaid() {
    float[] logits = {3, -2, 1, 0.5f};
    double[] sigmoid = new double[4];
    for (int i = 0; i < 4; i++) {
      sigmoid[i] = 1 / (1 + Math.exp(-logits[i]));
    }
    double[] softmax = {
      1 / (1 + Math.exp(-5)),
      1 / (1 + Math.exp(5)),
      1 / (1 + Math.exp(-0.5)),
      1 / (1 + Math.exp(0.5))
    };
    assertWhole(sigmoid, explain(strongest(BoxScores.SIGMOID), logits));
    assertWhole(
        softmax,
        explain(
            Objective.box(new Box(0, 0, 2, 2), BoxForm.XYXY).withBoxScores(BoxScores.SOFTMAX),
            logits));
  }

  /** With all pixels, the strongest box is the one that is explained. */
  private static void assertWhole(double[] p, Explanation why) {
    for (int unit = 0; unit < 2; unit++) {
      double best = 0;
      for (int box = 0; box < 2; box++) {
        double length = Math.hypot(p[2 * box], p[2 * box + 1]);
        double overlap = box == 0 ? 1 : 1.0 / 3;
        double object = Math.max(p[2 * box], p[2 * box + 1]);
        best = Math.max(best, overlap * p[2 * box + unit] / length * object);
      }
      float[] map = why.map(0, unit).toFloatArray();
      assertEquals(best / 1.5, map[1], 1e-5); // The second pixel is left by the first mask alone.
    }
  }

  @Test
  void scoresThatTheModelProves_areNotSaidToBeOthers() {
    ExplainOptions raw = ExplainOptions.defaults().withFilter(Filters::none);
    Tensor x = Tensor.of(Arrays.copyOf(new float[] {3, -2, 1, 0.5f}, PIXELS), 1, 4, 4, 1);
    DRise method = DRise.create().masks(masks());
    try (Model model = detector(true);
        Explainer proved =
            Explainer.of(model, raw.withObjective(Objective.strongestBox(BoxForm.XYXY)), method);
        Explainer twice =
            Explainer.of(model, raw.withObjective(strongest(BoxScores.SIGMOID)), method)) {
      Explanation why = proved.explain(x, Units.of(0, 1));
      assertArrayEquals(
          explain(strongest(BoxScores.SIGMOID), 3, -2, 1, 0.5f).maps().toFloatArray(),
          why.maps().toFloatArray(),
          1e-6f);
      String said =
          String.valueOf(
              assertThrows(IllegalArgumentException.class, () -> twice.explain(x, Units.of(0)))
                  .getMessage());
      assertTrue(said.contains("as the model proves"), said);
    }
  }

  /** Logits would be weights of the masks as they are, and those below zero count as none. */
  @Test
  void scoresThatAreNoProbabilities_areRefused() {
    Objective box = strongest(BoxScores.PROBABILITIES);
    for (float outside : new float[] {-0.5f, 1.5f}) {
      String said =
          String.valueOf(
              assertThrows(
                      UnsupportedModelException.class, () -> explain(box, 0.6f, 0.8f, outside, 0))
                  .getMessage());
      assertTrue(said.contains("as logits do"), said);
    }
    assertEquals(2, explain(box, 1.0001f, 0, 0, -0.0001f).unitsPerImage());
  }

  @Test
  void whatIsNoBox_isRefused() {
    for (Objective objective :
        List.of(
            Objective.logits().withOutput(1).withUnitAxis(-1),
            Objective.strongestBox(BoxForm.XYXY).absence())) {
      String said =
          String.valueOf(
              assertThrows(UnsupportedModelException.class, () -> explain(objective)).getMessage());
      assertTrue(said.contains("--box"), said);
    }
  }
}
