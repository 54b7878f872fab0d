package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Method;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.method.AblationCam;
import dev.keralens.method.FullGradients;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.method.GuidedGradCam;
import dev.keralens.method.LayerCam;
import dev.keralens.method.ScoreCam;
import dev.keralens.method.Smooth;
import dev.keralens.method.Tta;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A map is laid over the input only where its places lie as the input's do. */
class PlacesTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/places");
  private static final Tensor PICTURE =
      Tensor.of(SmallNetwork.random(4, 12 * 20 * 3), 1, 12, 20, 3);
  private static final Tensor SEQUENCE = Tensor.of(SmallNetwork.random(5, 9 * 4), 1, 9, 4);

  private static Model load(String name) throws IOException {
    return Model.load(FOLDER.resolve(name + ".keras"));
  }

  private static void refuses(
      String why, Model model, ExplainOptions options, Method method, Tensor x) {
    try (Explainer explainer = Explainer.of(model, options, method)) {
      String message =
          String.valueOf(
              assertThrows(UnsupportedModelException.class, () -> explainer.explain(x, Units.of(1)))
                  .getMessage());
      assertTrue(message.contains(why), message);
    }
  }

  private static int[] shape(Model model, ExplainOptions options, Method method, Tensor x) {
    try (Explainer explainer = Explainer.of(model, options, method)) {
      return explainer.explain(x, Units.of(1)).maps().shape();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "turned, its axis 2 runs along axis 1 of the input",
    "mirrored, its axis 2 runs backward"
  })
  void picture_isNotLaidOverTheInputAsItIsNot(String name, String why) throws IOException {
    ExplainOptions options = ExplainOptions.defaults();
    try (Model model = load(name)) {
      String candidates = why + ". Explain another layer (--layer, withLayers), such as before;";
      refuses(candidates, model, options, GradCam.create(), PICTURE);
      refuses(candidates, model, options, LayerCam.create(), PICTURE);
      refuses(candidates, model, options, ScoreCam.create(), PICTURE);
      ExplainOptions own = options.withResize(Resize.none());
      refuses(candidates, model, own, ScoreCam.create(), PICTURE);
      refuses(candidates, model, own, GuidedGradCam.create(), PICTURE);
      refuses(candidates, model, own, Tta.of(GradCam.create()), PICTURE);
      refuses(why, model, options, FullGradients.create(), PICTURE);
      int[] whole = {1, 12, 20, 1};
      assertArrayEquals(whole, shape(model, options, Gradients.create(), PICTURE));
      ExplainOptions before = options.withLayers("before");
      assertArrayEquals(whole, shape(model, before, GradCam.create(), PICTURE));
      boolean turned = name.equals("turned");
      int[] left = turned ? new int[] {1, 10, 6, 1} : new int[] {1, 6, 10, 1};
      assertArrayEquals(left, shape(model, own, GradCam.create(), PICTURE));
      assertArrayEquals(left, shape(model, own, AblationCam.create(), PICTURE));
      Method smooth = Smooth.of(GradCam.create()).repetitions(2);
      assertArrayEquals(left, shape(model, own, smooth, PICTURE));
    }
  }

  /** Keras gives the steps of a layer that goes backwards from the last to the first. */
  @Test
  void stepsBackward_areNotLaidOverTheInput() throws IOException {
    ExplainOptions options = ExplainOptions.defaults().withLayers("backward");
    try (Model model = load("backward")) {
      refuses("its axis 1 runs backward", model, options, GradCam.create(), SEQUENCE);
    }
    ExplainOptions both = ExplainOptions.defaults().withLayers("both");
    try (Model model = load("bidirectional")) {
      assertArrayEquals(new int[] {1, 9, 1}, shape(model, both, GradCam.create(), SEQUENCE));
    }
  }

  @Test
  void features_areNoPlaces() throws IOException {
    try (Model model = load("features")) {
      refuses(
          "its channels, axis 1, are the places along axis 1 of the input",
          model,
          ExplainOptions.defaults(),
          GradCam.create(),
          SEQUENCE);
    }
  }

  /** A map of a part is not stretched over the whole. */
  @Test
  void parts_areNotLaidOverTheWholeInput() throws IOException {
    ExplainOptions options = ExplainOptions.defaults();
    try (Model model = load("cropped")) {
      String why = "its axis 1 covers the places 3 to 9 of 12 of axis 1 of the input";
      refuses(why, model, options, GradCam.create(), PICTURE);
      refuses("its axis", model, options, FullGradients.create(), PICTURE);
      ExplainOptions own = options.withResize(Resize.none());
      assertArrayEquals(new int[] {1, 6, 10, 1}, shape(model, own, GradCam.create(), PICTURE));
      int[] whole = {1, 12, 20, 1};
      assertArrayEquals(whole, shape(model, options, Gradients.create(), PICTURE));
    }
    try (Model model = load("last_steps")) {
      String why = "its axis 1 covers the places 5 to 9 of 9 of axis 1 of the input";
      refuses(why, model, options, GradCam.create(), SEQUENCE);
    }
  }
}
