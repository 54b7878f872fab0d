package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.method.AblationCam;
import dev.keralens.method.BlurIg;
import dev.keralens.method.DRise;
import dev.keralens.method.Deconvnet;
import dev.keralens.method.DeepLift;
import dev.keralens.method.EigenCam;
import dev.keralens.method.EigenGradCam;
import dev.keralens.method.ExpectedGradients;
import dev.keralens.method.FinerCam;
import dev.keralens.method.GradCam;
import dev.keralens.method.GuidedBackprop;
import dev.keralens.method.GuidedGradCam;
import dev.keralens.method.GuidedIg;
import dev.keralens.method.InputXGradient;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.method.LayerCam;
import dev.keralens.method.Occlusion;
import dev.keralens.method.ReciproCam;
import dev.keralens.method.Rise;
import dev.keralens.method.ShapleyCam;
import dev.keralens.objective.Box;
import dev.keralens.objective.BoxForm;
import dev.keralens.objective.Objective;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Maps of a small network of PyTorch beside those of Captum and pytorch-grad-cam (parity/methods).
 */
class MethodGoldenTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/methods");

  private static void assertGolden(String name, Method method, double scale) throws IOException {
    assertGolden(name, method, scale, ExplainOptions.defaults().withFilter(Filters::none));
  }

  /**
   * Compares a method's maps.
   *
   * @param scale what ours are multiplied by: Captum sums over channels where we take their mean
   */
  private static void assertGolden(String name, Method method, double scale, ExplainOptions options)
      throws IOException {
    assertMaps(Npy.read(FOLDER.resolve(name + ".npy")), method, scale, options);
  }

  private static void assertMaps(
      Tensor expected, Method method, double scale, ExplainOptions options) throws IOException {
    try (Model model = Model.load(FOLDER.resolve("net.onnx"));
        Explainer explainer = Explainer.of(model, options, method)) {
      Tensor x = Npy.read(FOLDER.resolve("x.npy"));
      float[] maps = explainer.explain(x, Units.all()).maps().toFloatArray();
      float largest = 0;
      for (float value : expected.toFloatArray()) {
        largest = Math.max(largest, Math.abs(value));
      }
      for (int i = 0; i < maps.length; i++) {
        maps[i] *= (float) scale;
      }
      assertArrayEquals(expected.toFloatArray(), maps, 1e-4f * largest);
    }
  }

  @Test
  void integratedGradients_areThoseOfCaptum() throws IOException {
    IntegratedGradients path = IntegratedGradients.create().steps(20).baseline(0.25f);
    assertGolden("integrated_gradients_gauss", path, 1);
    assertGolden(
        "integrated_gradients_middle", path.rule(IntegratedGradients.Rule.RIEMANN_MIDDLE), 1);
  }

  @Test
  void guidedBackprop_isThatOfCaptum() throws IOException {
    assertGolden("guided_backprop", GuidedBackprop.create().gradientFilter(Filters::none), 3);
  }

  @Test
  void deconvnet_isThatOfCaptum() throws IOException {
    assertGolden("deconvnet", Deconvnet.create().gradientFilter(Filters::none), 3);
  }

  @Test
  void inputXGradient_isThatOfCaptum() throws IOException {
    assertGolden("input_x_gradient", InputXGradient.create(), 1);
  }

  @Test
  void occlusion_isThatOfCaptum() throws IOException {
    assertGolden("occlusion", Occlusion.create().window(4).stride(3).baseline(0.25f), 1);
  }

  @Test
  void layerCam_isThatOfGradientsTimesActivations() throws IOException {
    assertGolden(
        "layercam",
        LayerCam.create(),
        1,
        ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none()));
  }

  private static void assertGoldenCam(String name, Method method) throws IOException {
    assertGolden(
        name,
        method,
        1,
        ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none()));
  }

  @Test
  void eigenCam_isThatOfPytorchGradCam() throws IOException {
    assertGoldenCam("eigengradcam", EigenGradCam.create());
    assertGoldenCam("eigencam", EigenCam.create());
    assertGoldenCam("kpcacam", EigenCam.kernel());
  }

  @Test
  void ablationCam_isThatOfPytorchGradCamUpToTheSignOfTheScore() throws IOException {
    // It divides by the score, we by its size: maps of scores below zero are turned round there.
    Tensor theirs = Npy.read(FOLDER.resolve("ablationcam.npy"));
    Tensor scores = Npy.read(FOLDER.resolve("y.npy"));
    float[] turned = theirs.toFloatArray();
    int units = scores.size(1);
    int each = turned.length / scores.size(0);
    for (int i = 0; i < turned.length; i++) {
      turned[i] *= Math.signum(scores.get(i / each, i % units));
    }
    assertMaps(
        Tensor.of(turned, theirs.shape()),
        AblationCam.create(),
        1,
        ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none()));
  }

  @Test
  void reciproCam_isTheHeadOnOnePlace() throws IOException {
    assertGoldenCam("reciprocam", ReciproCam.create());
  }

  @Test
  void finerCam_isThatOfPytorchGradCam() throws IOException {
    assertGoldenCam("finercam", FinerCam.create());
  }

  @Test
  void guidedGradCam_isThatOfCaptum() throws IOException {
    assertGolden("guided_gradcam", GuidedGradCam.create().gradientFilter(Filters::none), 3);
  }

  private static Tensor golden(String name) throws IOException {
    return Npy.read(FOLDER.resolve(name + ".npy"));
  }

  @Test
  void deepLift_isThatOfCaptum() throws IOException {
    assertGolden("deeplift", DeepLift.create().baseline(Baseline.of(golden("baseline"))), 1);
  }

  @Test
  void expectedGradients_ofGivenSamplesAreThoseOfGradientShap() throws IOException {
    assertGolden(
        "expected_gradients",
        ExpectedGradients.create()
            .samples(4)
            .baselines(golden("baselines"))
            .places(0.1f, 0.45f, 0.7f, 0.95f),
        1);
  }

  @Test
  void guidedIg_isThatOfPairSaliency() throws IOException {
    GuidedIg walk = GuidedIg.create().steps(30).corridor(0.05);
    assertGolden("guided_ig", walk.baseline(Baseline.of(golden("baseline"))), 1);
  }

  @Test
  void blurIg_isThatOfPairSaliency() throws IOException {
    assertGolden("blur_ig", BlurIg.create().steps(20).deviation(4), 1);
  }

  @Test
  void rise_ofGivenMasksIsItsFormula() throws IOException {
    assertGolden("rise", Rise.create().masks(golden("rise_masks")).probability(0.4), 1);
  }

  @Test
  void dRise_ofGivenMasksIsItsFormula() throws IOException {
    DRise method = DRise.create().masks(golden("drise_masks"));
    assertDetector("drise_objectness", method, BoxForm.YOLO_OBJECTNESS);
    assertDetector("drise", method, BoxForm.YOLO);
  }

  /** Without objectness, the score of an object counts as that of one class more, the first. */
  private static void assertDetector(String name, Method method, BoxForm form) throws IOException {
    ExplainOptions options =
        ExplainOptions.defaults()
            .withFilter(Filters::none)
            .withObjective(Objective.box(new Box(3, 2, 11, 9), form));
    Tensor expected = golden(name);
    try (Model model = Model.load(FOLDER.resolve("drise.keras"));
        Explainer explainer = Explainer.of(model, options, method)) {
      Tensor maps = explainer.explain(golden("drise_x"), Units.of(0, 1, 2)).maps();
      assertArrayEquals(expected.toFloatArray(), maps.toFloatArray(), 1e-4f * largest(expected));
    }
  }

  @Test
  void shapleyCam_isThatOfPytorchGradCam() throws IOException {
    ExplainOptions options =
        ExplainOptions.defaults()
            .withFilter(Filters::none)
            .withResize(Resize.none())
            .withLayers("/relu1/Relu_output_0");
    Tensor expected = Npy.read(FOLDER.resolve("shapleycam.npy"));
    try (Model model = Model.load(FOLDER.resolve("shapley.onnx"));
        Explainer shapley = Explainer.of(model, options, ShapleyCam.create());
        Explainer plain = Explainer.of(model, options, GradCam.create())) {
      Tensor x = Npy.read(FOLDER.resolve("shapley_x.npy"));
      float[] maps = shapley.explain(x, Units.all()).maps().toFloatArray();
      assertArrayEquals(expected.toFloatArray(), maps, 1e-4f * largest(expected));
      float[] first = plain.explain(x, Units.all()).maps().toFloatArray();
      float apart = 0;
      for (int i = 0; i < maps.length; i++) {
        apart = Math.max(apart, Math.abs(maps[i] - first[i]));
      }
      assertTrue(apart > 0.05f * largest(expected), "the second order counts here: " + apart);
    }
  }

  private static float largest(Tensor tensor) {
    float largest = 0;
    for (float value : tensor.toFloatArray()) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }
}
