package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.method.Cam;
import dev.keralens.method.FullGradients;
import dev.keralens.method.GradCam;
import dev.keralens.method.GradCamPlusPlus;
import dev.keralens.method.Gradients;
import dev.keralens.method.ScoreCam;
import dev.keralens.runtime.Precision;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The maps of keras-explainable on four small models, from both kinds of files. */
class ExplainerParityTest {
  private static final Path FOLDER = Path.of("src/test/resources/parity");

  private static final double RAW = 1e-4;
  private static final double FILTERED = 1e-3;

  private static Tensor golden(String model, String array) throws IOException {
    return Npy.read(FOLDER.resolve(model).resolve(array + ".npy"));
  }

  /** Each map within a part of its own largest absolute value. */
  static void assertMaps(Tensor expected, Tensor actual, double tolerance, String what) {
    assertArrayEquals(expected.shape(), actual.shape(), what);
    int k = expected.size(-1);
    for (int image = 0; image < expected.size(0); image++) {
      float[] e = expected.row(image).toFloatArray();
      float[] a = actual.row(image).toFloatArray();
      for (int unit = 0; unit < k; unit++) {
        double largest = 0;
        double error = 0;
        for (int i = unit; i < e.length; i += k) {
          largest = Math.max(largest, Math.abs(e[i]));
          error = Math.max(error, Math.abs((double) e[i] - a[i]));
        }
        String where = "%s: image %d, unit %d".formatted(what, image, unit);
        double relative = largest == 0 ? error : error / largest;
        assertTrue(relative <= tolerance, where + " is off by " + relative);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "conv_mix, h5", "conv_mix, keras", "residual, h5", "residual, keras",
    "flatten, h5", "flatten, keras", "nested, h5", "nested, keras"
  })
  void maps_matchThePythonLibrary(String name, String kind) throws IOException {
    Tensor x = golden(name, "x");
    Units units = Units.each(golden(name, "y"));
    ExplainOptions raw =
        ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
    try (Model model = Model.load(FOLDER.resolve(name).resolve("model." + kind));
        Explainer plain = Explainer.of(model, raw, GradCam.create(), Gradients.create());
        Explainer usual = Explainer.of(model, GradCam.create(), Gradients.create())) {
      List<Explanation> maps = plain.explainAll(List.of(x), units);
      assertMaps(golden(name, "gradcam_raw"), maps.get(0).maps(), RAW, "gradcam_raw");
      assertMaps(golden(name, "gradients_raw"), maps.get(1).maps(), RAW, "gradients_raw");
      List<Explanation> all = plain.explainAll(List.of(x), Units.all());
      assertMaps(golden(name, "gradcam_all_units_raw"), all.get(0).maps(), RAW, "all units");
      List<Explanation> filtered = usual.explainAll(List.of(x), units);
      assertMaps(golden(name, "gradcam"), filtered.get(0).maps(), FILTERED, "gradcam");
      assertMaps(golden(name, "gradients"), filtered.get(1).maps(), FILTERED, "gradients");
    }
  }

  /** CAM needs a global pooling, which {@code flatten} has not. */
  @ParameterizedTest
  @CsvSource({
    "conv_mix, cam gradcampp scorecam",
    "residual, cam gradcampp scorecam",
    "flatten, gradcampp scorecam",
    "nested, cam gradcampp scorecam"
  })
  void camMethods_matchThePythonLibrary(String name, String methods) throws IOException {
    Tensor x = golden(name, "x");
    Units units = Units.each(golden(name, "y"));
    Method[] chosen = Stream.of(methods.split(" ")).map(METHODS::get).toArray(Method[]::new);
    ExplainOptions raw =
        ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
    try (Model model = Model.load(FOLDER.resolve(name).resolve("model.keras"));
        Explainer plain = Explainer.of(model, raw, chosen);
        Explainer usual = Explainer.of(model, chosen)) {
      for (Explanation maps : plain.explainAll(List.of(x), units)) {
        assertMaps(golden(name, maps.method() + "_raw"), maps.maps(), RAW, maps.method() + " raw");
      }
      for (Explanation maps : usual.explainAll(List.of(x), units)) {
        assertMaps(golden(name, maps.method()), maps.maps(), FILTERED, maps.method());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"conv_mix", "residual", "flatten", "nested"})
  void maps_matchInDoublePrecision(String name) throws IOException {
    Tensor x = golden(name, "x");
    Units units = Units.each(golden(name, "y"));
    ExplainOptions raw =
        ExplainOptions.defaults()
            .withFilter(Filters::none)
            .withResize(Resize.none())
            .withRuntime(RuntimeOptions.defaults().withPrecision(Precision.FLOAT64));
    Method[] methods = {
      GradCam.create(), Gradients.create(), GradCamPlusPlus.create(), ScoreCam.create()
    };
    try (Model model = Model.load(FOLDER.resolve(name).resolve("model.keras"));
        Explainer explainer = Explainer.of(model, raw, methods);
        Explainer usual =
            Explainer.of(model, raw.withFilter(null).withResize(Resize.toInput()), methods)) {
      for (Explanation maps : explainer.explainAll(List.of(x), units)) {
        assertMaps(golden(name, maps.method() + "_raw"), maps.maps(), RAW, maps.method() + " raw");
      }
      for (Explanation maps : usual.explainAll(List.of(x), units)) {
        assertMaps(golden(name, maps.method()), maps.maps(), FILTERED, maps.method());
      }
    }
  }

  /**
   * Of the four, the one whose layers have no activation of their own: there, the figures are
   * right.
   */
  @Test
  void fullGradients_matchThePythonLibraryOneUnitAtATime() throws IOException {
    ExplainOptions raw = ExplainOptions.defaults().withFilter(Filters::none);
    try (Model model = Model.load(FOLDER.resolve("residual").resolve("model.keras"));
        Explainer explainer = Explainer.of(model, raw, FullGradients.create())) {
      Units units = Units.each(golden("residual", "y"));
      Explanation maps = explainer.explain(golden("residual", "x"), units);
      assertMaps(
          golden("residual", "full_gradients_per_unit_raw"), maps.maps(), RAW, "full_gradients");
    }
  }

  private static final Map<String, Method> METHODS =
      Map.of(
          "cam", Cam.create(),
          "gradcampp", GradCamPlusPlus.create(),
          "scorecam", ScoreCam.create());
}
