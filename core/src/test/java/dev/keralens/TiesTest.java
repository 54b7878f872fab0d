package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.filter.Filters;
import dev.keralens.method.Gradients;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Max pooling over flat stretches passes its gradient to the same elements as Keras, by
 * parity/ties/make_ties.py: what is computed of equal numbers stays equal.
 */
class TiesTest {
  @ParameterizedTest
  @ValueSource(strings = {"signal", "overlapping", "residual", "picture"})
  void gradients_ofFlatStretchesAreThoseOfKeras(String name) throws IOException {
    Path folder = Path.of("src/test/resources/golden/ties").resolve(name);
    ExplainOptions options = ExplainOptions.defaults().withFilter(Filters::none);
    Gradients signed = Gradients.create().gradientFilter(Filters::none);
    try (Model model = Model.load(folder.resolve("model.keras"));
        Explainer explainer = Explainer.of(model, options, signed)) {
      Tensor x = Npy.read(folder.resolve("x.npy"));
      float[] expected = Npy.read(folder.resolve("gradient.npy")).toFloatArray();
      float[] maps = explainer.explain(x, Units.of(1)).maps().toFloatArray();
      float[] values = x.toFloatArray();
      int channels = values.length / expected.length;
      double largest = 0;
      int flat = 0;
      for (int i = 0; i < expected.length; i++) {
        largest = Math.max(largest, Math.abs(expected[i]));
        flat += values[i * channels] == 0 && expected[i] != 0 ? 1 : 0;
      }
      assertTrue(flat > 20, "gradients that flow to the flat part: " + flat);
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], maps[i], 1e-4 * largest, "element " + i);
      }
    }
  }
}
