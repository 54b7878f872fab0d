package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.filter.Filters;
import dev.keralens.graph.Constant;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.method.GradCam;
import dev.keralens.method.ScoreCam;
import dev.keralens.network.Layer;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a model consists of, and values from inside. */
class InspectionTest {
  private static final Path FOLDER = Path.of("src/test/resources/parity");

  private static Model model(String name) throws IOException {
    return Model.load(FOLDER.resolve(name).resolve("model.keras"));
  }

  private static Tensor x(String name) throws IOException {
    return Npy.read(FOLDER.resolve(name).resolve("x.npy"));
  }

  @Test
  void layers_areFoundByNameAndCondition() throws IOException {
    try (Model model = model("nested")) {
      assertEquals("Conv2D", model.layer("backbone/conv2d").className());
      assertEquals("backbone/conv2d", model.layer("conv2d").name());
      assertThrows(IllegalArgumentException.class, () -> model.layer("conv"));
      assertEquals(
          List.of("backbone/conv2d", "backbone/separable_conv2d"),
          model.find(l -> l.className().endsWith("Conv2D")).stream().map(Layer::name).toList());
    }
  }

  @Test
  void logitsAndPooling_areFound() throws IOException {
    try (Model nested = model("nested");
        Model flatten = model("flatten")) {
      assertEquals("dense", nested.logitsLayer().orElseThrow().name());
      assertEquals("global_average_pooling2d", nested.poolingLayer().orElseThrow().name());
      assertEquals("Flatten", flatten.poolingLayer().orElseThrow().className());
    }
  }

  @Test
  void summary_isTheTableOfKeras() throws IOException {
    try (Model model = model("nested")) {
      String text = model.summary().toString();
      assertTrue(text.startsWith("Model: model.keras\nInput: "), text);
      assertTrue(text.contains("\n3  backbone/conv2d (Conv2D) "), text);
      assertTrue(text.contains("(None, 16, 16, 12)"), text);
      assertTrue(text.endsWith("Total params: 504 in 9 layers\n"), text);
    }
  }

  private static float[] weight(Layer layer, String name) {
    Constant constant = Objects.requireNonNull(layer.weights().get(name), name);
    return constant.tensor().toFloatArray();
  }

  private static float[] bias(Map<String, List<Tensor>> biases, String layer) {
    return Objects.requireNonNull(biases.get(layer), layer).get(0).toFloatArray();
  }

  @Test
  void biases_areThoseOfLayersAndOfNormalizations() throws IOException {
    try (Model model = model("nested")) {
      Map<String, List<Tensor>> biases = model.biases();
      assertEquals(
          List.copyOf(biases.keySet()),
          model.layersWithBiases().stream().map(Layer::name).toList());
      Layer dense = model.layer("dense");
      assertArrayEquals(weight(dense, "bias"), bias(biases, "dense"));
      Layer norm = model.layer("backbone/batch_normalization");
      float[] implied = bias(biases, norm.name());
      for (int c = 0; c < implied.length; c++) {
        double scale =
            weight(norm, "gamma")[c] / Math.sqrt(weight(norm, "moving_variance")[c] + 1e-3);
        double expected = weight(norm, "beta")[c] - weight(norm, "moving_mean")[c] * scale;
        assertEquals(expected, implied[c], 1e-6);
      }
    }
  }

  @Test
  void expose_givesValuesFromInside() throws IOException {
    Tensor x = x("nested");
    try (Model model = model("nested");
        Model inner =
            model.expose("backbone/activation", "dense", "3", "input:dense", "input:backbone");
        Model node =
            model.expose(
                network -> List.of(network.layers().get(3).calls().get(0).outputs().get(0)))) {
      List<Tensor> values = inner.predict(List.of(x), ExplainOptions.defaults());
      assertArrayEquals(new int[] {3, 16, 16, 12}, values.get(0).shape());
      assertArrayEquals(model.predict(x).toFloatArray(), values.get(1).toFloatArray(), 1e-5f);
      assertArrayEquals(new int[] {3, 16, 16, 8}, values.get(2).shape());
      assertArrayEquals(x.toFloatArray(), values.get(4).toFloatArray());
      assertArrayEquals(node.predict(x).toFloatArray(), values.get(2).toFloatArray(), 1e-6f);
      float[] map = values.get(0).toFloatArray();
      float[] pooled = values.get(3).toFloatArray();
      for (int c = 0; c < 12; c++) {
        double mean = 0;
        for (int place = 0; place < 256; place++) {
          mean += map[place * 12 + c] / 256.0;
        }
        assertEquals(mean, pooled[c], 1e-5);
      }
    }
  }

  @Test
  void expose_ofWhatIsNotThere_saysSo() throws IOException {
    Tensor x = x("nested");
    try (Model model = model("nested");
        Model inner = model.expose("conv3d")) {
      Exception e = assertThrows(IllegalArgumentException.class, () -> inner.predict(x));
      assertTrue(String.valueOf(e.getMessage()).contains("'conv2d'"), e.getMessage());
    }
  }

  @Test
  void trace_endsInTheMaps() throws IOException {
    Tensor x = x("nested");
    ExplainOptions raw =
        ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
    try (Model model = model("nested");
        Explainer explainer = Explainer.of(model, raw, GradCam.create());
        Explainer masks = Explainer.of(model, ScoreCam.create())) {
      List<Step> network = model.trace(List.of(x));
      assertArrayEquals(
          model.predict(x).toFloatArray(),
          network.get(network.size() - 1).value().toFloatArray(),
          1e-5f);
      float[] expected = explainer.explain(x).maps().toFloatArray();
      List<Step> steps = explainer.trace(List.of(x));
      assertTrue(steps.stream().allMatch(Step::isFinite));
      assertTrue(
          steps.stream()
              .anyMatch(
                  step ->
                      step.value().elements() == expected.length
                          && close(expected, step.value().toFloatArray())));
      assertThrows(UnsupportedModelException.class, () -> masks.trace(List.of(x)));
    }
  }

  private static boolean close(float[] a, float[] b) {
    for (int i = 0; i < a.length; i++) {
      if (Math.abs(a[i] - b[i]) > 1e-5) {
        return false;
      }
    }
    return true;
  }

  @Test
  void closedModel_saysSo() throws IOException {
    Model model = model("nested");
    Tensor x = x("nested");
    model.predict(x);
    model.close();
    model.close();
    Exception e = assertThrows(IllegalStateException.class, () -> model.predict(x));
    assertTrue(String.valueOf(e.getMessage()).contains("is closed"), e.getMessage());
  }
}
