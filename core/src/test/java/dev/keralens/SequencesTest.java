package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.method.FullGradients;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.method.ScoreCam;
import dev.keralens.method.Smooth;
import dev.keralens.method.Tta;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Words, tokens of transformers and rows of tables, by parity/sequences/make_sequences.py. */
class SequencesTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/sequences");
  private static final Units UNIT = Units.of(1);

  private static Model model(String name) throws IOException {
    return Model.load(FOLDER.resolve(name).resolve("model.keras"));
  }

  private static Tensor golden(String name, String array) throws IOException {
    return Npy.read(FOLDER.resolve(name).resolve(array + ".npy"));
  }

  private static ExplainOptions raw() {
    return ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
  }

  private static Tensor maps(String name, ExplainOptions options, Method method)
      throws IOException {
    try (Model model = model(name);
        Explainer explainer = Explainer.of(model, options, method)) {
      return explainer.explain(golden(name, "x"), UNIT).maps();
    }
  }

  private static void assertClose(Tensor expected, Tensor maps) {
    int[] shape = maps.shape();
    assertEquals(1, shape[shape.length - 1], "one unit");
    assertArrayEquals(expected.shape(), Arrays.copyOf(shape, shape.length - 1));
    float[] e = expected.toFloatArray();
    float[] a = maps.toFloatArray();
    float largest = 0;
    for (float value : e) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertTrue(largest > 0);
    for (int i = 0; i < e.length; i++) {
      assertEquals(e[i], a[i], 1e-5 * largest, "element " + i);
    }
  }

  private static String message(String name, ExplainOptions options, Method method) {
    Exception e = assertThrows(UnsupportedModelException.class, () -> maps(name, options, method));
    return String.valueOf(e.getMessage());
  }

  @Test
  void gradients_ofWords_areThoseOfTheirVectors() throws IOException {
    assertClose(golden("words", "gradients"), maps("words", raw(), Gradients.create()));
  }

  @Test
  void gradients_ofFeatures_haveAPlaceForEach() throws IOException {
    assertClose(golden("features", "gradients"), maps("features", raw(), Gradients.create()));
    Tensor sized = maps("features", ExplainOptions.defaults(), Gradients.create());
    assertArrayEquals(new int[] {4, 10, 1}, sized.shape());
  }

  @Test
  void gradCam_ofWords_hasTheSizeOfTheInput() throws IOException {
    ExplainOptions layer = raw().withLayers("activation");
    assertClose(golden("words", "gradcam"), maps("words", layer, GradCam.create()));
    Tensor sized = maps("words", layer.withResize(Resize.toInput()), GradCam.create());
    assertClose(golden("words", "gradcam"), sized);
  }

  @Test
  void gradCam_ofPatches_liesOverThePicture() throws IOException {
    ExplainOptions layer = raw().withLayers("activation");
    Tensor row = golden("patches", "gradcam");
    assertClose(row.reshape(2, 4, 4), maps("patches", layer, GradCam.create()));
    assertClose(row.reshape(2, 4, 4), maps("patches", layer.withTokens(4, 4), GradCam.create()));
    assertClose(
        golden("patches", "gradcam_grid"),
        maps("patches", layer.withTokens(3, 5), GradCam.create()));
    ExplainOptions sized = layer.withTokens(4, 4).withResize(Resize.toInput());
    assertArrayEquals(new int[] {2, 32, 32, 1}, maps("patches", sized, GradCam.create()).shape());
    assertArrayEquals(new int[] {2, 32, 32, 1}, maps("patches", sized, ScoreCam.create()).shape());
  }

  @Test
  void fullGradients_ofPatches_countsTheBiasesOfTokens() throws IOException {
    Tensor without = maps("patches", raw(), FullGradients.create());
    Tensor with = maps("patches", raw().withTokens(4, 4), FullGradients.create());
    float[] few = without.toFloatArray();
    float[] all = with.toFloatArray();
    boolean more = false;
    for (int i = 0; i < all.length; i++) {
      assertTrue(all[i] >= few[i] - 1e-6, "element " + i);
      more |= all[i] > few[i] + 1e-3;
    }
    assertTrue(more);
  }

  @Test
  void fullGradients_ofWords_takesChannelsOfInnerLayersAsChannels() throws IOException {
    Tensor maps = maps("words", raw(), FullGradients.create());
    assertArrayEquals(new int[] {3, 12, 1}, maps.shape());
  }

  @Test
  void gradCam_ofPatchesWithoutTokens_saysHowTheyMayLie() {
    ModelBuilder b = ModelBuilder.create("cut");
    SymbolicTensor x = b.reshape(16, 12).apply(b.input(8, 8, 3));
    x = b.dense(6).activation("relu").name("activation").apply(x);
    x = b.dense(3).apply(b.flatten().apply(x));
    ExplainOptions layer = ExplainOptions.defaults().withLayers("activation");
    try (Model model = Model.of(b.build(x), 1);
        Explainer explainer = Explainer.of(model, layer, GradCam.create())) {
      Tensor image = Tensor.of(new float[192], 1, 8, 8, 3);
      Exception e =
          assertThrows(UnsupportedModelException.class, () -> explainer.explain(image, UNIT));
      assertTrue(String.valueOf(e.getMessage()).contains("tokens, such as 4x4"), e.getMessage());
    }
    String few =
        message("patches", raw().withLayers("activation").withTokens(5, 4), GradCam.create());
    assertTrue(few.contains("16 tokens") && few.contains("20 places"), few);
    assertThrows(IllegalArgumentException.class, () -> raw().withTokens(4, 0));
  }

  @Test
  void resize_toOtherAxes_isRefused() {
    ExplainOptions square = ExplainOptions.defaults().withResize(Resize.to(5, 5));
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> maps("words", square, GradCam.create()));
    assertTrue(String.valueOf(e.getMessage()).contains("1 spatial axis"), e.getMessage());
  }

  static List<Method> changing() {
    return List.of(ScoreCam.create(), Smooth.of(GradCam.create()), Tta.of(GradCam.create()));
  }

  @ParameterizedTest
  @MethodSource("changing")
  void methodsThatChangeTheInput_refuseWords(Method method) {
    String message = message("words", ExplainOptions.defaults(), method);
    assertTrue(message.contains("(INT32) takes whole numbers"), message);
    assertTrue(message.contains("gradcam"), message);
  }

  /** Keras' inputs are float32 unless it is told otherwise, also those of embeddings. */
  private static Model wordsOfFloats(Path folder) throws IOException {
    Path copy = Files.copy(FOLDER.resolve("words/model.keras"), folder.resolve("model.keras"));
    try (FileSystem zip = FileSystems.newFileSystem(copy)) {
      Path config = zip.getPath("config.json");
      String text = Files.readString(config);
      Files.writeString(config, text.replace("\"dtype\": \"int32\"", "\"dtype\": \"float32\""));
    }
    return Model.load(copy);
  }

  @Test
  void maps_ofWordsGivenAsFloats_areTheSame(@TempDir Path folder) throws IOException {
    Tensor words = golden("words", "x");
    Tensor x = Tensor.of(words.toFloatArray(), words.shape());
    try (Model model = wordsOfFloats(folder);
        Explainer gradients = Explainer.of(model, raw(), Gradients.create());
        Explainer gradCam = Explainer.of(model, raw(), GradCam.create())) {
      assertEquals(ElementType.FLOAT32, model.inputs().get(0).type());
      assertClose(golden("words", "gradients"), gradients.explain(x, UNIT).maps());
      assertArrayEquals(
          maps("words", raw(), GradCam.create()).toFloatArray(),
          gradCam.explain(x, UNIT).maps().toFloatArray());
    }
  }

  @ParameterizedTest
  @MethodSource("changing")
  void methodsThatChangeTheInput_refuseWordsGivenAsFloats(Method method, @TempDir Path folder)
      throws IOException {
    Tensor words = golden("words", "x");
    Tensor x = Tensor.of(words.toFloatArray(), words.shape());
    try (Model model = wordsOfFloats(folder);
        Explainer explainer = Explainer.of(model, raw(), method)) {
      Exception e = assertThrows(UnsupportedModelException.class, () -> explainer.explain(x, UNIT));
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("whole numbers"), message);
    }
  }
}
