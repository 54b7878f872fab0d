package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.method.Cam;
import dev.keralens.method.GradCam;
import dev.keralens.method.GradCamPlusPlus;
import dev.keralens.method.Gradients;
import dev.keralens.method.ScoreCam;
import dev.keralens.method.Tta;
import dev.keralens.method.Tta.Weighing;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How much each scale counts in test-time augmentation. */
class TtaTest {
  private static final Path FOLDER = Path.of("src/test/resources/parity/residual");

  static List<Method> methods() {
    return List.of(
        GradCam.create(),
        GradCamPlusPlus.create(),
        Gradients.create(),
        ScoreCam.create().maxChannels(3),
        Cam.create());
  }

  /** Maps as they are, (images, height, width, 2 units). */
  private static Tensor explain(Method method) throws IOException {
    ExplainOptions options = ExplainOptions.defaults().withFilter(Filters::none);
    try (Model model = Model.load(FOLDER.resolve("model.keras"));
        Explainer explainer = Explainer.of(model, options, method)) {
      return explainer.explain(Npy.read(FOLDER.resolve("x.npy")), Units.top(2)).maps();
    }
  }

  /** The mean of the absolute values of one image's and unit's map. */
  private static double size(float[] maps, int image, int unit, int places) {
    double sum = 0;
    for (int i = 0; i < places; i++) {
      sum += Math.abs(maps[(image * places + i) * 2 + unit]);
    }
    return sum / places;
  }

  @ParameterizedTest
  @MethodSource("methods")
  void scales_weighAlike(Method method) throws IOException {
    Tta scaled = Tta.of(method).flip(false);
    Tensor plain = explain(scaled.scales());
    float[] first = plain.toFloatArray();
    float[] raw = explain(scaled.scales(0.5).weigh(Weighing.RAW)).toFloatArray();
    float[] alike = explain(scaled.scales(0.5)).toFloatArray();
    float[] half = new float[first.length];
    for (int i = 0; i < half.length; i++) {
      half[i] = 2 * raw[i] - first[i]; // What the scale of 0.5 gives by itself.
    }
    int places = plain.size(1) * plain.size(2);
    for (int image = 0; image < plain.size(0); image++) {
      for (int unit = 0; unit < 2; unit++) {
        double wanted = size(first, image, unit, places);
        double factor = wanted / size(half, image, unit, places);
        for (int i = 0; i < places; i++) {
          int at = (image * places + i) * 2 + unit;
          assertEquals((first[at] + half[at] * factor) / 2, alike[at], 2e-4 * largest(first));
        }
      }
    }
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /**
   * Without it, the weights of Grad-CAM are divided by a fourth of the places at a scale of 0.5.
   */
  @Test
  void gradcam_isCamAtAllScales() throws IOException {
    Tensor plain = explain(Tta.of(Cam.create()));
    float[] cam = plain.toFloatArray();
    float[] gradcam = explain(Tta.of(GradCam.create())).toFloatArray();
    float[] raw = explain(Tta.of(GradCam.create()).weigh(Weighing.RAW)).toFloatArray();
    int places = plain.size(1) * plain.size(2);
    double worst = 0;
    for (int image = 0; image < plain.size(0); image++) {
      for (int unit = 0; unit < 2; unit++) {
        double size = size(cam, image, unit, places);
        double other = size(gradcam, image, unit, places);
        double third = size(raw, image, unit, places);
        for (int i = 0; i < places; i++) {
          int at = (image * places + i) * 2 + unit;
          assertEquals(cam[at] / size, gradcam[at] / other, 1e-3);
          worst = Math.max(worst, Math.abs(cam[at] / size - raw[at] / third));
        }
      }
    }
    assertTrue(worst > 0.1, "as they are, scales differ by " + worst);
  }
}
