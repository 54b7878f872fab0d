package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.converter.ImageConverter;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import dev.keralens.tokenize.Sentence;
import dev.keralens.tokenize.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Folders and files that KerasHub wrote, with what it makes of a photo, by make_hub_presets.py. */
class HubPresetTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/hubpresets");
  private static final Path PHOTO = FOLDER.resolve("photo.png");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path folder;

  private static Stream<Path> models(String needed) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path path : files.filter(each -> Files.exists(each.resolve(needed))).sorted().toList()) {
        for (String model : List.of("preset", "model.keras")) {
          if (Files.exists(path.resolve(model))) {
            found.add(path.resolve(model));
          }
        }
      }
    }
    return found.stream();
  }

  private static Path beside(Path model, String name) {
    return model.resolveSibling(name);
  }

  private static double difference(Tensor expected, Tensor actual) {
    float[] e = expected.toFloatArray();
    float[] a = actual.toFloatArray();
    assertEquals(e.length, a.length);
    return IntStream.range(0, e.length).mapToDouble(i -> Math.abs(e[i] - a[i])).max().orElse(1);
  }

  private static double largest(Tensor x) {
    float[] values = x.toFloatArray();
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertTrue(largest > 0, "zeros would prove nothing");
    return largest;
  }

  /** Half a hundredth of one of 255, where a pixel of 255 becomes the largest number. */
  @TestFactory
  Stream<DynamicTest> pixels_areThoseOfKerasHub() throws IOException {
    return models("pixels.npy")
        .map(
            path ->
                DynamicTest.dynamicTest(FOLDER.relativize(path).toString(), () -> pixels(path)));
  }

  private static void pixels(Path model) throws IOException {
    Tensor expected = Npy.read(beside(model, "pixels.npy"));
    Tensor pixels = ImageConverter.find(model).orElseThrow().apply(Picture.read(PHOTO));
    assertArrayEquals(expected.shape(), pixels.shape());
    assertTrue(
        difference(expected, pixels) <= 2e-5 * largest(expected),
        () -> "%s of %s".formatted(difference(expected, pixels), largest(expected)));
  }

  @TestFactory
  Stream<DynamicTest> photo_hasTheScoresOfKerasHub() throws IOException {
    return models("scores.npy")
        .map(
            path ->
                DynamicTest.dynamicTest(FOLDER.relativize(path).toString(), () -> scores(path)));
  }

  private static void scores(Path path) throws IOException {
    Tensor expected = Npy.read(beside(path, "scores.npy"));
    try (Model model = Model.load(path)) {
      Path given = beside(path, "x.npy");
      Tensor x =
          Files.exists(given)
              ? Npy.read(given)
              : model.imageConverter().orElseThrow().apply(Picture.read(PHOTO)).batch();
      double difference = difference(expected, model.predict(x));
      assertTrue(difference <= 2e-5 * largest(expected), () -> String.valueOf(difference));
    }
  }

  /** The class that KerasHub gives, by all that a user calls. */
  @TestFactory
  Stream<DynamicTest> classifier_givesTheClassOfKerasHub() throws IOException {
    return models("pixels.npy")
        .filter(
            path ->
                Files.exists(beside(path, "scores.npy")) && !path.toString().contains("segments"))
        .map(path -> DynamicTest.dynamicTest(FOLDER.relativize(path).toString(), () -> best(path)));
  }

  private static void best(Path path) throws IOException {
    Tensor expected = Npy.read(beside(path, "scores.npy"));
    try (Model model = Model.load(path);
        Classifier classifier = Classifier.of(model)) {
      float[] scores = expected.toFloatArray();
      int best =
          IntStream.range(0, scores.length)
              .reduce((a, b) -> scores[a] >= scores[b] ? a : b)
              .orElseThrow();
      assertEquals(best, classifier.predict(PHOTO, 1).get(0).unit());
      PictureExplanation why = classifier.explain(PHOTO, Units.top(1));
      Picture framed = model.imageConverter().orElseThrow().framed(Picture.read(PHOTO));
      assertEquals(framed, why.picture());
    }
  }

  @Test
  void example_makesAnInputOfAPhoto() throws IOException {
    Path file = FOLDER.resolve("cropped/model.keras");
    Path photo = PHOTO;
    ImageConverter converter = ImageConverter.find(file).orElseThrow();
    Tensor x = converter.apply(Picture.read(photo)).batch();
    assertArrayEquals(new int[] {1, 24, 20, 3}, x.shape());
  }

  /** A file in memory is the same as on disk. */
  @Test
  void converter_isFoundInMemory() throws IOException {
    Path file = FOLDER.resolve("cropped/model.keras");
    ImageConverter converter =
        ImageConverter.find("model.keras", Files.readAllBytes(file)).orElseThrow();
    assertEquals(ImageConverter.find(file).orElseThrow().toString(), converter.toString());
    assertEquals(24, converter.height());
    assertTrue(ImageConverter.find(FOLDER.resolve("backbone/preset")).isEmpty());
    assertTrue(ImageConverter.find(PHOTO).isEmpty());
  }

  @Test
  void sentence_isWhatKerasHubMakesOfIt() throws IOException {
    Path path = FOLDER.resolve("sentence/preset");
    JsonNode expected = MAPPER.readTree(FOLDER.resolve("sentence/sentence.json").toFile());
    Tokenizer tokenizer = Tokenizer.find(path).orElseThrow();
    Sentence sentence = tokenizer.encode(expected.path("text").asText());
    Tensor ids = sentence.ids();
    for (int i = 0; i < sentence.length(); i++) {
      assertEquals(expected.path("token_ids").get(i).intValue(), ids.getLong(0, i));
    }
    try (Model model = Model.load(path)) {
      Tensor output =
          model.predict(sentence.inputs(model.inputs()), ExplainOptions.defaults()).get(0);
      float[] scores = MAPPER.convertValue(expected.path("output"), float[].class);
      assertArrayEquals(scores, output.toFloatArray(), 1e-5f);
    }
  }

  private Path changed(String file, Change change) throws IOException {
    Path copy = Files.createTempDirectory(folder, "preset");
    Path source = FOLDER.resolve("cropped/preset");
    try (Stream<Path> files = Files.list(source)) {
      for (Path each : files.toList()) {
        Files.copy(each, copy.resolve(each.getFileName()));
      }
    }
    ObjectNode json = (ObjectNode) MAPPER.readTree(copy.resolve(file).toFile());
    change.apply(json);
    MAPPER.writeValue(copy.resolve(file).toFile(), json);
    return copy;
  }

  private interface Change {
    void apply(ObjectNode json);
  }

  private static ObjectNode converter(ObjectNode preprocessor) {
    return (ObjectNode) preprocessor.path("config").path("image_converter").path("config");
  }

  @Test
  void setting_thatIsNotKnownIsRefused() throws IOException {
    String file = "preprocessor.json";
    Path odd = changed(file, json -> converter(json).put("sharpen", 2));
    assertTrue(refused(odd).contains("sharpen"), refused(odd));
    odd = changed(file, json -> ((ObjectNode) json.path("config")).put("flips", true));
    assertTrue(refused(odd).contains("flips"), refused(odd));
    odd = changed(file, json -> converter(json).put("interpolation", "area"));
    assertTrue(refused(odd).contains("area"), refused(odd));
    odd = changed(file, json -> converter(json).put("data_format", "channels_first"));
    assertTrue(refused(odd).contains("channels_first"), refused(odd));
    odd = changed(file, json -> json.put("registered_name", "mine>MyPreprocessor"));
    assertTrue(refused(odd).contains("MyPreprocessor"), refused(odd));
    odd =
        changed(
            file,
            json ->
                ((ObjectNode) json.path("config").path("image_converter"))
                    .put("registered_name", "keras_hub>Gemma4ImageConverter"));
    assertTrue(refused(odd).contains("Gemma4ImageConverter"), refused(odd));
    Path both = changed(file, json -> converter(json).put("pad_to_aspect_ratio", true));
    assertThrows(InvalidModelException.class, () -> ImageConverter.find(both));
  }

  private static String refused(Path path) {
    return String.valueOf(
        assertThrows(UnsupportedModelException.class, () -> ImageConverter.find(path))
            .getMessage());
  }

  /** A preset of another size than its model is no guess. */
  @Test
  void size_thatTheModelDoesNotTakeIsRefused() throws IOException {
    Path other =
        changed(
            "preprocessor.json", json -> converter(json).putArray("image_size").add(48).add(40));
    try (Model model = Model.load(other)) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> Classifier.of(model));
      assertTrue(String.valueOf(e.getMessage()).contains("48 x 40"), e.getMessage());
      ClassifierOptions sized = ClassifierOptions.defaults().withSize(24, 20);
      try (Classifier classifier = Classifier.of(model, sized)) {
        assertFalse(classifier.predict(PHOTO, 1).isEmpty());
      }
    }
  }

  @Test
  void task_withoutItsWeightsIsRefused() throws IOException {
    Path lacking = changed("task.json", json -> {});
    Files.delete(lacking.resolve("task.weights.h5"));
    assertThrows(InvalidModelException.class, () -> predicted(lacking));
    Path without = changed("task.json", json -> {});
    Files.delete(without.resolve("model.weights.h5"));
    assertThrows(InvalidModelException.class, () -> predicted(without));
    Path bare = changed("task.json", json -> ((ObjectNode) json.path("config")).remove("backbone"));
    assertThrows(InvalidModelException.class, () -> predicted(bare));
  }

  private static Tensor predicted(Path path) throws IOException {
    try (Model model = Model.load(path)) {
      return model.predict(Tensor.of(new float[24 * 20 * 3], 1, 24, 20, 3));
    }
  }
}
