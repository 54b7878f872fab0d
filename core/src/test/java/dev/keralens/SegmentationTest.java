package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.filter.Filters;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Op;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.method.Gradients;
import dev.keralens.method.ScoreCam;
import dev.keralens.method.Tta;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.objective.Objective;
import dev.keralens.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Explaining outputs that are maps: units summed over places. */
class SegmentationTest {
  private static ExplainOptions raw() {
    return ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
  }

  private static void assertClose(Tensor expected, Tensor actual, double tolerance) {
    assertArrayEquals(expected.shape(), actual.shape());
    float[] e = expected.toFloatArray();
    float[] a = actual.toFloatArray();
    double largest = 1e-12;
    for (float value : e) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < e.length; i++) {
      assertEquals(e[i], a[i], tolerance * largest, "element " + i);
    }
  }

  /** Two units of a map: 2 a - b and a + 3 b of each pixel's channels. */
  private static Model segmentation() {
    return SmallNetwork.model(
        (n, in) -> {
          KerasTensor map =
              n.convolution("conv", in.get(0), new float[] {2, -1, 1, 3}, new float[] {0, 0}, 1, 1);
          return List.of(map);
        },
        new int[] {2, 3, 2});
  }

  @Test
  void segmentation_unitIsSummedOverTheRegion() {
    Tensor x = Tensor.of(SmallNetwork.random(7, 12), 1, 2, 3, 2);
    float[] region = {1, 0, 0, 0, 0, 0.5f};
    ExplainOptions options =
        raw().withObjective(Objective.logits().withRegion(Tensor.of(region, 2, 3)));
    try (Model model = segmentation();
        Explainer explainer =
            Explainer.of(model, options, Gradients.create().gradientFilter(Filters::none))) {
      Explanation why = explainer.explain(x, Units.all());
      float[] a = x.toFloatArray();
      assertEquals(2 * a[0] - a[1] + 0.5 * (2 * a[10] - a[11]), why.scores().get(0, 0), 1e-5);
      for (int place = 0; place < 6; place++) {
        assertEquals(0.5 * region[place], why.maps().get(0, place / 3, place % 3, 0), 1e-6);
        assertEquals(2 * region[place], why.maps().get(0, place / 3, place % 3, 1), 1e-6);
      }
    }
  }

  /** The softmax over channels lies before the reordering of axes at the model's output. */
  @Test
  void segmentation_logitsAreBeforeTheSoftmax() {
    SmallNetwork.Body body =
        (n, in) -> {
          float[] kernel = {2, -1, 1, 3};
          KerasTensor map = n.convolution("conv", in.get(0), kernel, new float[2], 1, 1);
          Value softmax = n.b.node(Op.SOFTMAX, Attributes.of("axis", 1), map.value());
          return List.of(n.layer("softmax", "Softmax", map, softmax, Layout.CHANNELS_MOVED));
        };
    Tensor x = Tensor.of(SmallNetwork.random(7, 12), 1, 2, 3, 2);
    try (Model logits = segmentation();
        Model model = SmallNetwork.model(body, new int[] {2, 3, 2})) {
      Explanation expected = Explain.gradients(logits, x, Units.all());
      Explanation why = Explain.gradients(model, x, Units.all());
      assertClose(expected.scores(), why.scores(), 1e-6);
      assertClose(expected.maps(), why.maps(), 1e-6);
      ExplainOptions itself = ExplainOptions.defaults().withObjective(Objective.output());
      Explanation of = Explain.explain(Gradients.create(), model, x, Units.all(), itself);
      assertEquals(6, of.scores().get(0, 0) + of.scores().get(0, 1), 1e-5);
    }
  }

  @Test
  void segmentation_regionOfAnotherSize_isRefused() {
    ExplainOptions options =
        raw().withObjective(Objective.logits().withRegion(Tensor.of(new float[4], 2, 2)));
    try (Model model = segmentation();
        Explainer explainer = Explainer.of(model, options, Gradients.create())) {
      Tensor x = Tensor.of(new float[12], 1, 2, 3, 2);
      Exception e = assertThrows(IllegalArgumentException.class, () -> explainer.explain(x));
      assertTrue(String.valueOf(e.getMessage()).contains("(2, 3)"), e.getMessage());
    }
  }

  @Test
  void segmentation_unitsMayLieOnAnotherAxis() {
    Tensor x = Tensor.of(SmallNetwork.random(7, 12), 1, 2, 3, 2);
    ExplainOptions rows = raw().withObjective(Objective.logits().withUnitAxis(1));
    try (Model model = segmentation();
        Explainer explainer =
            Explainer.of(model, rows, Gradients.create().gradientFilter(Filters::none))) {
      Explanation why = explainer.explain(x, Units.all());
      assertEquals(2, why.unitsPerImage());
      for (int row = 0; row < 2; row++) {
        for (int column = 0; column < 3; column++) {
          assertEquals(2.5, why.maps().get(0, row, column, row), 1e-6);
          assertEquals(0, why.maps().get(0, row, column, 1 - row), 1e-6);
        }
      }
    }
  }

  /** Of two units a place each time, and a region: the gradient is the kernel's row of the unit. */
  @Test
  void segmentation_unitsMayDifferFromPlaceToPlace() {
    Tensor x = Tensor.of(SmallNetwork.random(7, 24), 2, 2, 3, 2);
    float[] region = {1, 1, 1, 0, 1, 0.5f};
    long[] units = new long[2 * 6 * 2];
    for (int i = 0; i < units.length; i++) {
      units[i] = (i / 3 + i) % 2 == 0 ? 0 : 1;
    }
    ExplainOptions options =
        raw().withObjective(Objective.logits().withRegion(Tensor.of(region, 2, 3)));
    try (Model model = segmentation();
        Explainer explainer =
            Explainer.of(model, options, Gradients.create().gradientFilter(Filters::none));
        Explainer masks = Explainer.of(model, options, ScoreCam.create());
        Explainer scales = Explainer.of(model, options, Tta.of(Gradients.create()))) {
      Units given = Units.each(Tensor.of(units, 2, 2, 3, 2));
      Explanation why = explainer.explain(x, given);
      float[] a = x.toFloatArray();
      for (int image = 0; image < 2; image++) {
        for (int k = 0; k < 2; k++) {
          double score = 0;
          for (int place = 0; place < 6; place++) {
            int pixel = image * 6 + place;
            boolean first = units[pixel * 2 + k] == 0;
            double logit =
                first ? 2 * a[2 * pixel] - a[2 * pixel + 1] : a[2 * pixel] + 3 * a[2 * pixel + 1];
            score += region[place] * logit;
            double gradient = region[place] * (first ? 0.5 : 2);
            assertEquals(gradient, why.maps().get(image, place / 3, place % 3, k), 1e-5);
          }
          assertEquals(score, why.scores().get(image, k), 1e-4);
        }
      }
      assertThrows(UnsupportedModelException.class, () -> masks.explain(x, given));
      assertThrows(UnsupportedModelException.class, () -> scales.explain(x, given));
      Units wrong = Units.each(Tensor.of(new long[12], 2, 3, 2, 1));
      assertThrows(IllegalArgumentException.class, () -> explainer.explain(x, wrong));
    }
  }
}
