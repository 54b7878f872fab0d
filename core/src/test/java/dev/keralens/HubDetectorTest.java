package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.filter.Filters;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.hub.HubModels;
import dev.keralens.method.Gradients;
import dev.keralens.objective.Objective;
import dev.keralens.runtime.Precision;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** A detector of KerasHub by itself, by parity/hub/make_hub_detector.py. */
class HubDetectorTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/hubdetector");
  private static final Path MODEL = FOLDER.resolve("model.keras");

  @Test
  void outputs_areKerasHubsByName() throws IOException {
    Tensor x = Npy.read(FOLDER.resolve("x.npy"));
    try (Model model = Model.load(MODEL)) {
      List<String> names = model.outputNames(List.of(Shape.of(Shape.BATCH, 64, 64, 3)));
      List<Tensor> outputs = model.predict(List.of(x), ExplainOptions.defaults());
      assertEquals(8, names.size());
      for (int i = 0; i < names.size(); i++) {
        float[] expected = Npy.read(FOLDER.resolve(names.get(i) + ".npy")).toFloatArray();
        assertArrayEquals(expected, outputs.get(i).toFloatArray(), 1e-5f, names.get(i));
      }
    }
  }

  /** Up to the logits of a box, before boxes are suppressed. */
  @Test
  void strongestBox_isExplained() throws IOException {
    Tensor x = Npy.read(FOLDER.resolve("x.npy"));
    ExplainOptions options =
        ExplainOptions.defaults()
            .withFilter(Filters::none)
            .withResize(Resize.none())
            .withObjective(Objective.strongestBox(null))
            .withRuntime(RuntimeOptions.defaults().withPrecision(Precision.FLOAT64));
    try (Model model = Model.load(MODEL);
        Explainer explainer =
            Explainer.of(model, options, Gradients.create().gradientFilter(Filters::none))) {
      float[] expected = Npy.read(FOLDER.resolve("gradients.npy")).toFloatArray();
      float[] maps = explainer.explain(x, Units.of(1)).maps().toFloatArray();
      float largest = 0;
      for (float value : expected) {
        largest = Math.max(largest, Math.abs(value));
      }
      assertTrue(largest > 0);
      assertArrayEquals(expected, maps, largest * 1e-4f);
    }
  }

  private static String refusal(Class<? extends RuntimeException> type, Consumer<ObjectNode> change)
      throws IOException {
    JsonNode config;
    try (ZipFile zip = new ZipFile(MODEL.toFile());
        InputStream in = zip.getInputStream(Objects.requireNonNull(zip.getEntry("config.json")))) {
      config = new ObjectMapper().readTree(in);
    }
    change.accept((ObjectNode) config.path("config"));
    return String.valueOf(assertThrows(type, () -> HubModels.expand("file", config)).getMessage());
  }

  private static ObjectNode backbone(ObjectNode task) {
    return (ObjectNode) task.path("backbone").path("config");
  }

  @Test
  void arguments_thatDoNotFitAreNamed() throws IOException {
    Class<InvalidModelException> invalid = InvalidModelException.class;
    String message = refusal(invalid, task -> task.put("num_classes", 4));
    assertTrue(message.contains("num_labels=3"), message);
    message = refusal(invalid, task -> backbone(task).put("eval_idx", 2));
    assertTrue(message.contains("eval_idx=2"), message);
    message = refusal(invalid, task -> backbone(task).put("num_feature_levels", 3));
    assertTrue(message.contains("feat_strides"), message);
    message = refusal(invalid, task -> backbone(task).putArray("decoder_n_points").add(2));
    assertTrue(message.contains("decoder_n_points=[2]"), message);
    message = refusal(invalid, task -> backbone(task).putArray("encode_proj_layers").add(2));
    assertTrue(message.contains("encode_proj_layers=[2]"), message);
    message = refusal(invalid, task -> backbone(task).put("decoder_attention_heads", 3));
    assertTrue(message.contains("3 heads"), message);
    message = refusal(invalid, task -> backbone(task).putArray("out_features").add("stage4"));
    assertTrue(message.contains("out_features=[stage4]"), message);
    message =
        refusal(
            UnsupportedModelException.class,
            task -> backbone(task).putArray("labels").addObject().putArray("boxes"));
    assertTrue(message.contains("labels=None"), message);
  }
}
