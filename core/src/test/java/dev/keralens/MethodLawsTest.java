package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Method;
import dev.keralens.explain.Scene;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.method.Cam;
import dev.keralens.method.FullGradients;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.method.ScoreCam;
import dev.keralens.method.Smooth;
import dev.keralens.method.Tta;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of methods whatever the model. */
class MethodLawsTest {
  private static final Path FOLDER = Path.of("src/test/resources/parity");

  private static Model model(String name) throws IOException {
    return Model.load(FOLDER.resolve(name).resolve("model.keras"));
  }

  private static Tensor x(String name) throws IOException {
    return Npy.read(FOLDER.resolve(name).resolve("x.npy"));
  }

  private static ExplainOptions raw() {
    return ExplainOptions.defaults().withFilter(Filters::none);
  }

  private static Tensor explain(String name, ExplainOptions options, Method method)
      throws IOException {
    try (Model model = model(name);
        Explainer explainer = Explainer.of(model, options, method)) {
      return explainer.explain(x(name), Units.top(2)).maps();
    }
  }

  /** All terms of Full-Gradient without psi, as a map of one place. */
  private record Total(FullGradients method) implements Formula {
    @Override
    public Info info() {
      return Info.of("plain", "Plain").filter(Filters::none);
    }

    @Override
    public List<Value> differentiated(Scene scene) {
      return method.differentiated(scene);
    }

    @Override
    public Value maps(Scene scene) {
      return scene
          .builder()
          .reshape(FullGradients.completeness(scene), Shape.of(Shape.BATCH * scene.units(), 1, 1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"residual", "nested"})
  void fullGradients_piecewiseLinearNetwork_addUpToTheLogit(String name) throws IOException {
    try (Model model = model(name);
        Explainer explainer =
            Explainer.of(
                model, raw().withResize(Resize.none()), new Total(FullGradients.create()))) {
      Explanation total = explainer.explain(x(name), Units.top(3));
      float[] sums = total.maps().toFloatArray();
      float[] logits = total.scores().toFloatArray();
      for (int i = 0; i < logits.length; i++) {
        assertEquals(logits[i], sums[i], 1e-4 * Math.max(1, Math.abs(logits[i])));
      }
    }
  }

  @Test
  void fullGradients_unitsTogether_equalUnitsOneAtATime() throws IOException {
    Tensor together = explain("residual", raw(), FullGradients.create());
    try (Model model = model("residual");
        Explainer explainer = Explainer.of(model, raw(), FullGradients.create())) {
      Tensor x = x("residual");
      Explanation both = explainer.explain(x, Units.top(2));
      for (int unit = 0; unit < 2; unit++) {
        Tensor one = Tensor.of(column(both.units(), unit), x.size(0), 1);
        Tensor alone = explainer.explain(x, Units.each(one)).maps();
        for (int image = 0; image < x.size(0); image++) {
          assertClose(
              alone.row(image).toFloatArray(),
              new Explanation(
                      "",
                      "",
                      together,
                      both.scores(),
                      both.outputs(),
                      both.units(),
                      both.lowest(),
                      both.highest(),
                      null)
                  .map(image, unit)
                  .toFloatArray(),
              1e-5);
        }
      }
    }
  }

  private static long[] column(Tensor units, int column) {
    long[] all = units.toLongArray();
    long[] out = new long[units.size(0)];
    for (int i = 0; i < out.length; i++) {
      out[i] = all[i * units.size(1) + column];
    }
    return out;
  }

  private static void assertClose(float[] expected, float[] actual, double tolerance) {
    assertEquals(expected.length, actual.length);
    double largest = 1e-12;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], tolerance * largest);
    }
  }

  @Test
  void tta_identityOnly_equalsThePlainMethod() throws IOException {
    Tensor plain = explain("residual", ExplainOptions.defaults(), Gradients.create());
    Method identity = Tta.of(Gradients.create()).scales().flip(false);
    Tensor augmented = explain("residual", ExplainOptions.defaults(), identity);
    assertClose(plain.toFloatArray(), augmented.toFloatArray(), 1e-5);
  }

  @Test
  void tta_isTheMeanOverAllPasses() throws IOException {
    ExplainOptions options = raw();
    Tensor plain = explain("residual", options, Gradients.create());
    Tensor one = explain("residual", options, Tta.of(Gradients.create()).scales().flip(false));
    Tensor same = explain("residual", options, Tta.of(Gradients.create()).scales(1, 1).flip(false));
    assertClose(plain.toFloatArray(), one.toFloatArray(), 1e-5);
    assertClose(plain.toFloatArray(), same.toFloatArray(), 1e-5);
  }

  @Test
  void tta_flattenHead_saysThatTheModelTakesNoOtherSize() {
    UnsupportedModelException e =
        assertThrows(
            UnsupportedModelException.class,
            () -> explain("flatten", ExplainOptions.defaults(), Tta.of(GradCam.create())));
    assertTrue(String.valueOf(e.getMessage()).contains("another size"), e.getMessage());
  }

  @Test
  void smooth_withoutNoise_equalsThePlainMethod() throws IOException {
    Tensor plain = explain("conv_mix", ExplainOptions.defaults(), GradCam.create());
    Method still = Smooth.of(GradCam.create()).noise(0).repetitions(3);
    Tensor smooth = explain("conv_mix", ExplainOptions.defaults(), still);
    assertClose(plain.toFloatArray(), smooth.toFloatArray(), 1e-5);
  }

  @Test
  void smooth_sameSeed_givesTheSameMaps() throws IOException {
    Method method = Smooth.of(Gradients.create()).repetitions(4).relativeNoise(0.1).seed(7);
    Tensor first = explain("conv_mix", raw(), method);
    Tensor second = explain("conv_mix", raw(), method);
    assertArrayEquals(first.toFloatArray(), second.toFloatArray());
    Tensor other = explain("conv_mix", raw(), Smooth.of(Gradients.create()).repetitions(4).seed(8));
    assertFalse(Arrays.equals(first.toFloatArray(), other.toFloatArray()));
  }

  @Test
  void metaMethods_nest() throws IOException {
    Method nested = Smooth.of(Tta.of(GradCam.create()).scales(1.5)).repetitions(2).noise(0);
    Method inner = Tta.of(GradCam.create()).scales(1.5);
    assertClose(
        explain("residual", raw(), inner).toFloatArray(),
        explain("residual", raw(), nested).toFloatArray(),
        1e-5);
  }

  @Test
  void cam_equalsGradCamUpToTheNumberOfPlaces() throws IOException {
    ExplainOptions own = raw().withResize(Resize.none());
    Tensor cam = explain("residual", own, Cam.create());
    float[] scaled = explain("residual", own, GradCam.create()).toFloatArray();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= cam.size(1) * cam.size(2);
    }
    assertClose(cam.toFloatArray(), scaled, 1e-4);
  }

  @Test
  void cam_withoutGlobalPooling_isRefused() {
    assertThrows(
        UnsupportedModelException.class,
        () -> explain("flatten", ExplainOptions.defaults(), Cam.create()));
  }

  @Test
  void batch_equalsBatchesOfOne() throws IOException {
    Method[] methods = {
      GradCam.create(),
      Gradients.create(),
      ScoreCam.create().maxChannels(3),
      Smooth.of(GradCam.create()).repetitions(2)
    };
    try (Model model = model("conv_mix");
        Explainer together = Explainer.of(model, methods);
        Explainer apart =
            Explainer.of(model, ExplainOptions.defaults().withBatchSize(1), methods)) {
      List<Explanation> a = together.explainAll(List.of(x("conv_mix")), Units.top(2));
      List<Explanation> b = apart.explainAll(List.of(x("conv_mix")), Units.top(2));
      for (int i = 0; i < methods.length; i++) {
        assertClose(a.get(i).maps().toFloatArray(), b.get(i).maps().toFloatArray(), 1e-4);
      }
    }
  }

  @Test
  void explainer_usedByEightThreads_givesTheSameMaps() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (Model model = model("conv_mix");
        Explainer explainer = Explainer.of(model, GradCam.create(), Gradients.create())) {
      Tensor x = x("conv_mix");
      float[] expected =
          explainer.explainAll(List.of(x), Units.top(2)).get(1).maps().toFloatArray();
      List<Future<float[]>> results = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        results.add(
            threads.submit(
                () -> explainer.explainAll(List.of(x), Units.top(2)).get(1).maps().toFloatArray()));
      }
      for (Future<float[]> result : results) {
        assertArrayEquals(expected, result.get(), 1e-6f);
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void explainer_closed_saysSo() throws IOException {
    try (Model model = model("conv_mix")) {
      Explainer explainer = Explainer.of(model, GradCam.create());
      explainer.explain(x("conv_mix"));
      explainer.close();
      explainer.close();
      Tensor x = x("conv_mix");
      assertThrows(IllegalStateException.class, () -> explainer.explain(x));
    }
  }

  private static ExplainOptions ofLayers(String... layers) {
    return raw().withLayers(layers);
  }

  @Test
  void severalLayers_sumIsTwiceTheMeanOfFusion() throws IOException {
    ExplainOptions both = ofLayers("stem", "last_conv");
    float[] mean =
        explain("conv_mix", both.withFusion(Fusion.MEAN), GradCam.create()).toFloatArray();
    float[] sum = explain("conv_mix", both, new SummedGradCam()).toFloatArray();
    float[] twice = new float[mean.length];
    float largest = 0;
    for (int i = 0; i < mean.length; i++) {
      twice[i] = 2 * mean[i];
      largest = Math.max(largest, Math.abs(twice[i]));
    }
    assertTrue(largest > 0);
    assertArrayEquals(twice, sum, 1e-5f * largest);
  }

  @Test
  void severalLayers_ofOneLayerAreThatOfIt() throws IOException {
    for (String[] layers : new String[][] {{}, {"stem"}}) {
      float[] one = explain("conv_mix", ofLayers(layers), GradCam.create()).toFloatArray();
      float[] same = explain("conv_mix", ofLayers(layers), new SummedGradCam()).toFloatArray();
      assertArrayEquals(one, same, 1e-6f);
    }
  }

  /** Other methods beside it have a map for each layer, and methods around it have all layers. */
  @Test
  void severalLayers_areOneExplanation() throws IOException {
    Smooth still = Smooth.of(new SummedGradCam()).repetitions(2).noise(0);
    try (Model model = model("conv_mix");
        Explainer explainer =
            Explainer.of(
                model,
                ofLayers("stem", "last_conv"),
                GradCam.create(),
                new SummedGradCam(),
                still)) {
      List<Explanation> all = explainer.explainAll(List.of(x("conv_mix")), Units.top(2));
      assertEquals(
          List.of("stem", "last_conv", "stem, last_conv", "stem, last_conv"),
          all.stream().map(Explanation::explained).toList());
      float[] plain = all.get(2).maps().toFloatArray();
      float largest = 0;
      for (float value : plain) {
        largest = Math.max(largest, Math.abs(value));
      }
      assertArrayEquals(plain, all.get(3).maps().toFloatArray(), 1e-5f * largest);
    }
  }
}
