package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.filter.Filters;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.hub.HubModels;
import dev.keralens.keras.hub.layer.HubLayers;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Layer;
import dev.keralens.runtime.Precision;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** KerasHub's models, by parity/hub/make_hub.py. */
class HubTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/hub");
  private static final Path PAGE = Path.of("../docs/kerashub.md");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path folder;

  private static List<Path> cases() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().toList();
    }
  }

  @TestFactory
  Stream<DynamicTest> models_giveAndExplainWhatKerasDoes() throws IOException {
    return cases().stream()
        .map(
            path -> DynamicTest.dynamicTest(String.valueOf(path.getFileName()), () -> check(path)));
  }

  private static void check(Path path) throws IOException {
    Tensor x = Npy.read(path.resolve("x.npy"));
    String[] explained = Files.readString(path.resolve("explained.txt")).strip().split(" ", -1);
    Units unit = Units.of(Integer.parseInt(explained[1]));
    ExplainOptions options =
        ExplainOptions.defaults()
            .withFilter(Filters::none)
            .withResize(Resize.none())
            .withRuntime(RuntimeOptions.defaults().withPrecision(Precision.FLOAT64));
    try (Model model = Model.load(path.resolve("model.keras"))) {
      Tensor expected = Npy.read(path.resolve("out.npy"));
      HubErrors.note(path, "output", error("output", expected, model.predict(x), 1e-5));
      try (Explainer explainer =
          Explainer.of(model, options, Gradients.create().gradientFilter(Filters::none))) {
        Tensor gradients = Npy.read(path.resolve("gradients.npy"));
        Tensor maps = explainer.explain(x, unit).maps();
        HubErrors.note(path, "gradients", error("gradients", gradients, maps, 1e-4));
      }
      boolean named = explained.length > 2;
      ExplainOptions layer = named ? options.withLayers(explained[0]) : options;
      try (Explainer explainer = Explainer.of(model, layer, GradCam.create())) {
        Tensor cam = Npy.read(path.resolve("cam.npy"));
        Explanation explanation = explainer.explain(x, unit);
        assertTrue(named || explained[0].equals(explanation.explained()), explanation.explained());
        HubErrors.note(path, "Grad-CAM", error("Grad-CAM", cam, explanation.maps(), 1e-4));
      }
    }
  }

  /** Relative to the largest element; nothing but zeros would prove nothing. */
  private static double error(String what, Tensor expected, Tensor actual, double tolerance) {
    float[] e = expected.toFloatArray();
    float[] a = actual.toFloatArray();
    assertEquals(e.length, a.length, what);
    double largest = IntStream.range(0, e.length).mapToDouble(i -> Math.abs(e[i])).max().orElse(0);
    double error =
        IntStream.range(0, e.length).mapToDouble(i -> Math.abs(e[i] - a[i])).max().orElse(1);
    assertTrue(largest > 0, what + " is zero");
    assertTrue(error <= tolerance * largest, what + ": " + error + " of " + largest);
    return error / largest;
  }

  /** The page has what was measured. */
  @AfterAll
  static void page_hasTheErrors() throws IOException {
    HubErrors.page(cases());
  }

  /** The cases of pictures, and of words and sound. */
  private static List<Path> all() throws IOException {
    List<Path> all = new ArrayList<>(cases());
    all.addAll(HubTextTest.cases());
    return all;
  }

  /** Each class of layers that is read is in a model of the golden data, by its place in it. */
  @Test
  void layers_haveGoldenData() throws IOException {
    List<String> missing = new ArrayList<>(HubLayers.names().toList());
    for (Path path : all()) {
      String config = entry(path.resolve("model.keras"), "config.json");
      try (Model model = Model.load(path.resolve("model.keras"))) {
        boolean fixed = model.inputs().stream().allMatch(InputSpec::isFixed);
        boolean words = path.startsWith(HubTextTest.FOLDER);
        List<Layer> layers =
            words ? HubTextTest.network(path, model).layers() : fixed ? model.layers() : List.of();
        for (Layer layer : layers) {
          missing.removeIf(
              name ->
                  name.endsWith(">" + layer.className())
                      || (name.endsWith("." + layer.className()) && config.contains(family(name))));
        }
      }
    }
    assertEquals(List.of(), missing);
  }

  /** The folder of a family's modules; models of other families have classes of the same names. */
  private static String family(String name) {
    return name.replaceFirst("^(models\\.[^.]+\\.).*", "keras_hub.src.$1");
  }

  /** Each class of the tables has golden data, and the page says which. */
  @Test
  void page_listsTheClassesAndTheirData() throws IOException {
    List<String> rows = new ArrayList<>();
    for (String name : HubModels.classes()) {
      List<String> cases = new ArrayList<>();
      for (Path path : all()) {
        if (entry(path.resolve("model.keras"), "config.json")
            .contains("\"keras_hub>" + name + '"')) {
          cases.add(String.valueOf(path.getFileName()));
        }
      }
      assertTrue(!cases.isEmpty(), name + " has no golden data");
      rows.add("| `%s` | %s |".formatted(name, String.join(", ", cases)));
    }
    List<String> page = Files.readAllLines(PAGE);
    List<String> prose = page.stream().filter(line -> !line.startsWith("| `")).toList();
    List<String> expected = new ArrayList<>(prose);
    expected.addAll(rows);
    if (Boolean.getBoolean("keralens.pages")) {
      Files.write(PAGE, expected);
    } else {
      assertEquals(expected, page, "write the page anew with -Dkeralens.pages=true");
    }
  }

  @Test
  void argument_thatIsNotKnownIsRefused() throws IOException {
    Path file = changed("resnet_basic", config -> backbone(config).put("use_blur", true));
    String message = refused(UnsupportedModelException.class, file);
    assertTrue(message.contains("ResNetBackbone"), message);
    assertTrue(message.contains("use_blur"), message);
    file = changed("resnet_basic", config -> arguments(config).put("head", "mlp"));
    assertTrue(refused(UnsupportedModelException.class, file).contains("head"));
  }

  /** Of every class in the tables: an argument that this version does not know is named. */
  @Test
  void argument_thatIsNotKnownIsRefusedByEveryClass() throws IOException {
    Set<String> left = new TreeSet<>(HubModels.classes());
    for (Path path : all()) {
      JsonNode config = MAPPER.readTree(entry(path.resolve("model.keras"), "config.json"));
      for (String name : List.copyOf(left)) {
        JsonNode changed = config.deepCopy();
        ObjectNode arguments = argumentsOf(changed, "keras_hub>" + name);
        if (arguments != null) {
          arguments.put("of_tomorrow", 1);
          UnsupportedModelException e =
              assertThrows(
                  UnsupportedModelException.class, () -> HubModels.expand("file", changed), name);
          assertTrue(String.valueOf(e.getMessage()).contains("of_tomorrow"), e.getMessage());
          assertTrue(String.valueOf(e.getMessage()).contains(name), e.getMessage());
          left.remove(name);
        }
      }
    }
    assertEquals(Set.of(), left);
  }

  private static @Nullable ObjectNode argumentsOf(JsonNode node, String registered) {
    if (node.path("registered_name").asText().equals(registered)) {
      return (ObjectNode) node.path("config");
    }
    for (JsonNode child : node) {
      ObjectNode found = argumentsOf(child, registered);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** KerasHub writes these only where they are not its own. */
  @Test
  void argument_thatIsAFunctionIsRefused() throws IOException {
    for (String key : List.of("round_chs_fn", "se_layer")) {
      Path file = changed("mobilenetv5_edges", config -> backbone(config).put(key, "my_package>f"));
      assertTrue(refused(UnsupportedModelException.class, file).contains(key), key);
    }
    Path file =
        changed(
            "mobilenetv5_edges",
            config -> ((ArrayNode) backbone(config).path("stackwise_se_ratios").path(0)).set(0, 1));
    assertTrue(refused(UnsupportedModelException.class, file).contains("stackwise_se_ratios"));
  }

  /** KerasHub itself does not build what is coarser. */
  @Test
  void stride_thatIsTooCoarseIsRefused() throws IOException {
    Path file = changed("cspnet_grown", config -> backbone(config).put("output_strides", 4));
    assertTrue(refused(UnsupportedModelException.class, file).contains("output_strides=4"));
  }

  /** The file has no number of features: KerasHub reads only its own; here it counts. */
  @Test
  void features_thatAreGivenCount() throws IOException {
    Path file = changed("efficientnet_nores", config -> backbone(config).put("num_features", 640));
    assertTrue(refused(InvalidModelException.class, file).contains("top_conv"));
    file =
        changed(
            "efficientnet_nores",
            config -> backbone(config).putArray("stackwise_nores_option").add(true));
    assertTrue(refused(UnsupportedModelException.class, file).contains("stackwise_nores_option"));
  }

  /** KerasCV's classes of the same names take other arguments. */
  @Test
  void kerasCv_isRefusedByName() throws IOException {
    Path file =
        changed(
            "resnet_basic",
            config ->
                ((ObjectNode) arguments(config).path("backbone"))
                    .put("module", "keras_cv.src.models.backbones.resnet_v1.resnet_v1_backbone")
                    .put("registered_name", "keras_cv.models>ResNetBackbone"));
    assertTrue(refused(UnsupportedModelException.class, file).contains("ResNetBackbone"));
    file =
        changed(
            "resnet_basic",
            config ->
                config
                    .put("module", "keras_cv.src.models.classification.image_classifier")
                    .put("registered_name", "keras_cv.models>ImageClassifier"));
    assertTrue(refused(UnsupportedModelException.class, file).contains("KerasCV"));
  }

  @Test
  void argument_thatIsOfAnotherKindIsRefused() throws IOException {
    Path file = changed("resnet_basic", config -> backbone(config).put("block_type", "wide_block"));
    assertTrue(refused(UnsupportedModelException.class, file).contains("wide_block"));
    file = changed("resnet_basic", config -> backbone(config).put("stackwise_num_blocks", 3));
    assertTrue(refused(InvalidModelException.class, file).contains("stackwise_num_blocks"));
    file = changed("resnet_basic", config -> backbone(config).remove("stackwise_num_blocks"));
    assertTrue(refused(InvalidModelException.class, file).contains("stackwise_num_blocks"));
    file = changed("resnet_basic", config -> backbone(config).put("data_format", "channels_first"));
    assertTrue(refused(UnsupportedModelException.class, file).contains("channels_first"));
    file =
        changed(
            "resnet_basic",
            config -> backbone(config).putArray("stackwise_num_blocks").add(1_000_000).add(1));
    assertTrue(refused(UnsupportedModelException.class, file).contains("1000001 blocks"));
    file =
        changed(
            "efficientnet_v1",
            config -> backbone(config).putArray("stackwise_block_types").add("wide").add("v1"));
    assertTrue(refused(UnsupportedModelException.class, file).contains("wide"));
  }

  @Test
  void argument_thatChangesTheWeightsIsRefused() throws IOException {
    Path file =
        changed("resnet_basic", config -> backbone(config).putArray("input_conv_filters").add(32));
    refused(InvalidModelException.class, file);
    file = changed("resnet_basic", config -> backbone(config).put("use_pre_activation", true));
    refused(InvalidModelException.class, file);
  }

  @Test
  void quantized_isRefused() throws IOException {
    Path file =
        changed(
            "resnet_basic",
            config ->
                ((ObjectNode) backbone(config).path("dtype")).put("class_name", "DTypePolicyMap"));
    assertTrue(refused(UnsupportedModelException.class, file).contains("quantized"));
  }

  @Test
  void class_thatIsNotReadIsNamed() throws IOException {
    Path file =
        changed(
            "resnet_basic",
            config ->
                config.put("class_name", "New").put("registered_name", "keras_hub>NewClassifier"));
    String message = refused(UnsupportedModelException.class, file);
    assertTrue(message.contains("KerasHub") && message.contains("ResNetBackbone"), message);
    file =
        changed(
            "resnet_basic",
            config ->
                ((ObjectNode) arguments(config).path("backbone"))
                    .put("class_name", "NewBackbone")
                    .put("registered_name", "keras_hub>NewBackbone"));
    message = refused(UnsupportedModelException.class, file);
    assertTrue(message.contains("NewBackbone") && message.contains("VGGBackbone"), message);
    file =
        changed(
            "layer_of_a_model",
            config ->
                ((ObjectNode) arguments(config).path("layers").path(2))
                    .put("class_name", "NewBackbone")
                    .put("registered_name", "keras_hub>NewBackbone"));
    message = refused(UnsupportedModelException.class, file);
    assertTrue(message.contains("NewBackbone") && message.contains("VGGBackbone"), message);
  }

  private static <T extends Throwable> String refused(Class<T> type, Path file) {
    return String.valueOf(
        assertThrows(
                type,
                () -> {
                  try (Model model = Model.load(file)) {
                    model.predict(Tensor.of(new float[24 * 20 * 3], 1, 24, 20, 3));
                  }
                })
            .getMessage());
  }

  private static ObjectNode arguments(ObjectNode envelope) {
    return (ObjectNode) envelope.path("config");
  }

  private static ObjectNode backbone(ObjectNode envelope) {
    return (ObjectNode) arguments(envelope).path("backbone").path("config");
  }

  private interface Change {
    Object apply(ObjectNode config);
  }

  /** A case's model with another configuration. */
  private Path changed(String name, Change change) throws IOException {
    Path source = FOLDER.resolve(name).resolve("model.keras");
    JsonNode config = MAPPER.readTree(entry(source, "config.json"));
    change.apply((ObjectNode) config);
    Path target = Files.createTempFile(folder, name, ".keras");
    try (ZipFile zip = new ZipFile(source.toFile());
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(target))) {
      for (ZipEntry entry : zip.stream().toList()) {
        out.putNextEntry(new ZipEntry(entry.getName()));
        if (entry.getName().equals("config.json")) {
          out.write(MAPPER.writeValueAsBytes(config));
        } else {
          try (InputStream in = zip.getInputStream(entry)) {
            in.transferTo(out);
          }
        }
        out.closeEntry();
      }
    }
    return target;
  }

  private static String entry(Path file, String name) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile());
        InputStream in = zip.getInputStream(zip.getEntry(name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
