package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.method.FullGradients;
import dev.keralens.method.GradCam;
import dev.keralens.method.GradCamPlusPlus;
import dev.keralens.method.Gradients;
import dev.keralens.method.Tta;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Layout;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Where keras-explainable errs, a test each of the right value. */
class KnownErrorsTest {
  private static final Path FOLDER = Path.of("src/test/resources/parity");

  private static ExplainOptions raw() {
    return ExplainOptions.defaults().withFilter(Filters::none);
  }

  private static Model model(String name) throws IOException {
    return Model.load(FOLDER.resolve(name).resolve("model.keras"));
  }

  private static Tensor x(String name) throws IOException {
    return Npy.read(FOLDER.resolve(name).resolve("x.npy"));
  }

  /** It returns the positive part. */
  @Test
  void negative_isTheNegativePart() {
    Tensor map = Tensor.of(new float[] {-2, 3, -1, 0}, 4);
    Filter negative = Filters::negative;
    assertEquals(List.of(-2f, 0f, -1f, 0f), list(negative.apply(map)));
    Filter normalized = Filters::negativeNormalize;
    assertEquals(List.of(1f, 0f, 0.5f, 0f), list(normalized.apply(map)));
  }

  private static List<Float> list(Tensor map) {
    Float[] out = new Float[map.elements()];
    for (int i = 0; i < out.length; i++) {
      out[i] = map.toFloatArray()[i] + 0f;
    }
    return List.of(out);
  }

  /** It divides the sum of all passes by the number of further scales. */
  @Test
  void tta_isTheMeanOverAllPasses() throws IOException {
    Tensor x = x("residual");
    Units units = Units.of(3);
    try (Model model = model("residual")) {
      float[] plain =
          Explain.explain(Gradients.create(), model, x, units, raw()).maps().toFloatArray();
      float[] mirrored =
          Explain.explain(Gradients.create(), model, mirrored(x), units, raw())
              .maps()
              .toFloatArray();
      Tensor back = mirrored(Tensor.of(mirrored, 3, 40, 40, 1));
      float[] both =
          Explain.explain(Tta.of(Gradients.create()).scales(), model, x, units, raw())
              .maps()
              .toFloatArray();
      float largest = 0;
      for (float value : plain) {
        largest = Math.max(largest, value);
      }
      for (int i = 0; i < both.length; i++) {
        assertEquals((plain[i] + back.toFloatArray()[i]) / 2, both[i], 1e-4 * largest);
      }
    }
  }

  /** Left and right exchanged. */
  private static Tensor mirrored(Tensor x) {
    int width = x.size(2);
    int channels = x.size(3);
    float[] in = x.toFloatArray();
    float[] out = new float[in.length];
    for (int i = 0; i < in.length; i++) {
      int column = i / channels % width;
      out[i] = in[i + (width - 1 - 2 * column) * channels];
    }
    return Tensor.of(out, x.shape());
  }

  /** It gives one map, the gradient of the sum of all units. */
  @Test
  void fullGradients_severalUnits_haveAMapEach() throws IOException {
    try (Model model = model("residual");
        Explainer explainer = Explainer.of(model, raw(), FullGradients.create())) {
      Explanation both = explainer.explain(x("residual"), Units.of(1, 4));
      Explanation one = explainer.explain(x("residual"), Units.of(4));
      assertEquals(2, both.maps().size(-1));
      float[] expected = one.map(2, 0).toFloatArray();
      float[] actual = both.map(2, 1).toFloatArray();
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], actual[i], 1e-4);
      }
      assertFalse(Arrays.equals(actual, both.map(2, 0).toFloatArray()));
    }
  }

  /** It takes 1e-7; the layer says 1e-3. */
  @Test
  void fullGradients_batchNormalization_usesTheLayersEpsilon() throws IOException {
    try (Model model = model("nested")) {
      String name = "backbone/batch_normalization";
      float implied = Objects.requireNonNull(model.biases().get(name)).get(0).get(0);
      double[] w = new double[4];
      String[] names = {"gamma", "beta", "moving_mean", "moving_variance"};
      for (int i = 0; i < 4; i++) {
        w[i] = weight(model.layer(name), names[i]);
      }
      assertEquals(w[1] - w[2] * w[0] / Math.sqrt(w[3] + 1e-3), implied, 1e-6);
      assertNotEquals(w[1] - w[2] * w[0] / Math.sqrt(w[3] + 1e-7), implied, 1e-6);
    }
  }

  private static double weight(Layer layer, String name) {
    return Objects.requireNonNull(layer.weights().get(name), name).tensor().get(0);
  }

  /**
   * It takes the gradient after a layer's own activation. One pixel through relu(2 x + b), b = -10,
   * is off: neither x nor b counts.
   */
  @Test
  void fullGradients_activationOfTheLayer_isDifferentiatedToo() {
    SmallNetwork.Body body =
        (n, in) -> {
          KerasTensor conv =
              n.convolution("conv", in.get(0), new float[] {2}, new float[] {-10}, 1, 1);
          return List.of(
              n.dense("dense", n.globalAverage("gap", n.relu("relu", conv)), new float[] {3}, 1));
        };
    FullGradients plain = FullGradients.create().psi(Filters::none);
    Tensor x = Tensor.of(new float[] {1, 7}, 1, 1, 2, 1);
    try (Model model = SmallNetwork.model(body, new int[] {1, 2, 1})) {
      Explanation why = Explain.explain(plain, model, x, Units.of(0), raw());
      // The second pixel: 3 / 2 (2 * 7 - 10) = 6, all of the logit.
      assertEquals(List.of(0f, 6f), list(why.map(0, 0).reshape(2)));
      assertEquals(6, why.scores().get(0, 0), 1e-5);
    }
  }

  /** It fails on layers without gamma or beta, and on LayerNormalization. */
  @Test
  void fullGradients_normalizationsWithoutScaleOrOfLayers_areTaken() throws IOException {
    try (Model model = model("conv_mix")) {
      assertTrue(
          model.find(layer -> layer.className().equals("BatchNormalization")).stream()
              .anyMatch(layer -> !layer.weights().containsKey("gamma")));
      assertFinite(Explain.fullGradients(model, x("conv_mix"), Units.top(2)));
    }
    SmallNetwork.Body body =
        (n, in) -> {
          Value scale = n.b.constant(Tensor.of(new float[] {1, 2}, 2));
          Value shift = n.b.constant(Tensor.of(new float[] {3, -4}, 2));
          Value normal =
              n.b.node(
                  Op.LAYER_NORMALIZATION,
                  Attributes.of("axis", -1),
                  in.get(0).value(),
                  scale,
                  shift);
          KerasTensor norm = n.layer("norm", "LayerNormalization", in.get(0), normal, Layout.PLAIN);
          KerasTensor conv = n.convolution("conv", norm, new float[] {2, 1}, new float[1], 1, 1);
          return List.of(n.dense("dense", n.globalAverage("gap", conv), new float[] {3}, 1));
        };
    Tensor x = Tensor.of(SmallNetwork.random(1, 12), 1, 2, 3, 2);
    try (Model model = SmallNetwork.model(body, new int[] {2, 3, 2})) {
      assertFinite(Explain.fullGradients(model, x, Units.of(0)));
    }
  }

  private static void assertFinite(Explanation why) {
    for (float value : why.maps().toFloatArray()) {
      assertTrue(Float.isFinite(value));
    }
    assertTrue(!why.isEmpty(0, 0));
  }

  /** Its factor exp(logit) overflows above about 88. */
  @Test
  void gradcampp_largeLogits_neitherOverflowNorVanish() {
    for (float factor : new float[] {1, 1e3f, 1e5f}) {
      SmallNetwork.Body body =
          (n, in) -> {
            KerasTensor conv =
                n.convolution("conv", in.get(0), new float[] {1}, new float[1], 1, 1);
            return List.of(
                n.dense("dense", n.globalAverage("gap", conv), new float[] {factor, -factor}, 2));
          };
      Tensor x = Tensor.of(new float[] {0, 1, 2, 4}, 1, 2, 2, 1);
      try (Model model = SmallNetwork.model(body, new int[] {2, 2, 1})) {
        Explanation why =
            Explain.explain(
                GradCamPlusPlus.create(), model, x, Units.of(0), ExplainOptions.defaults());
        assertEquals(List.of(0f, 0.25f, 0.5f, 1f), list(why.map(0, 0).reshape(4)));
        assertEquals(Explanation.Finding.EVIDENCE, why.finding(0, 0));
      }
    }
  }

  /** It explains no model that has models as layers. */
  @Test
  void nestedModel_isExplained() throws IOException {
    try (Model model = model("nested")) {
      Units units = Units.each(Npy.read(FOLDER.resolve("nested/y.npy")));
      Explanation why = Explain.gradcam(model, x("nested"), units);
      ExplainerParityTest.assertMaps(
          Npy.read(FOLDER.resolve("nested/gradcam.npy")), why.maps(), 1e-3, "nested");
    }
  }

  /** Adebayo et al., 2018: a map that survives random weights explains nothing. */
  @Test
  void sanity_randomTopLayer_changesTheMap() {
    Tensor x = Tensor.of(SmallNetwork.random(3, 128), 1, 8, 8, 2);
    float[] first = map(x, 5);
    assertTrue(Arrays.equals(first, map(x, 5)));
    float[] other = map(x, 6);
    double dot = 0;
    double a = 0;
    double b = 0;
    for (int i = 0; i < first.length; i++) {
      dot += first[i] * other[i];
      a += first[i] * first[i];
      b += other[i] * other[i];
    }
    assertTrue(Math.abs(dot / Math.sqrt(a * b)) < 0.95, "cosine " + dot / Math.sqrt(a * b));
  }

  private static float[] map(Tensor x, int seed) {
    SmallNetwork.Body body =
        (n, in) -> {
          KerasTensor top =
              n.relu(
                  "relu",
                  n.convolution(
                      "conv", in.get(0), SmallNetwork.random(1, 6 * 2 * 9), new float[6], 3, 3));
          return List.of(
              n.dense("dense", n.globalAverage("gap", top), SmallNetwork.random(seed, 12), 2));
        };
    try (Model model = SmallNetwork.model(body, new int[] {8, 8, 2})) {
      return Explain.explain(GradCam.create(), model, x, Units.of(0), raw()).maps().toFloatArray();
    }
  }
}
