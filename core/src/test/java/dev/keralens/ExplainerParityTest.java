package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.filter.Filters;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
        double relative = error / largest;
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
}
