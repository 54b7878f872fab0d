package dev.keralens.inspect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.Model;
import dev.keralens.Units;
import dev.keralens.applications.Preprocessing;
import dev.keralens.explain.Method;
import dev.keralens.inspect.InputScaling.Certainty;
import dev.keralens.method.FullGradients;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.method.ScoreCam;
import dev.keralens.method.Smooth;
import dev.keralens.method.Tta;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import dev.keralens.picture.ImageLoader;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Models that scale pixels themselves, made by the scripts of parity/scaling. */
class InputScalingTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/scaling");
  @TempDir static Path folder = Path.of("");

  /** What cases take that do not take pixels of 0 to 255. */
  private static final Map<String, Preprocessing> OTHERS =
      Map.ofEntries(
          Map.entry("of_unit", Preprocessing.UNIT),
          Map.entry("of_unit_doubled", Preprocessing.UNIT),
          Map.entry("of_unit_caffe", Preprocessing.UNIT),
          Map.entry("of_signs", Preprocessing.TF),
          Map.entry("of_signs_255", Preprocessing.TF),
          Map.entry("of_16_bits", Preprocessing.UINT16),
          Map.entry("of_unit_torchscript_normalized", Preprocessing.UNIT),
          Map.entry("of_unit_dynamo_normalized", Preprocessing.UNIT));

  /** Cases that scale nothing, so that it cannot be told. */
  private static final Set<String> OPEN =
      Set.of(
          "nothing", "open_normalization", "of_unit_torchscript_nothing", "of_unit_dynamo_nothing");

  /** Cases in which a batch normalization comes first, with the statistics of training. */
  private static final Set<String> TRAINED =
      Set.of("torchscript_batch_normalization", "dynamo_batch_normalization");

  private static final Map<String, Path> MODELS = new TreeMap<>();

  @BeforeAll
  static void unpack() throws IOException {
    for (Path model : models()) {
      MODELS.put(model.getFileName().toString().replaceFirst("\\..*", ""), model);
    }
  }

  private static List<Path> models() throws IOException {
    for (String archive : List.of("keras", "tf", "torch")) {
      try (InputStream file = Files.newInputStream(GOLDEN.resolve(archive + ".zip"));
          ZipInputStream zip = new ZipInputStream(file)) {
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
          if (!entry.getName().equals("case.json")) {
            Files.copy(zip, folder.resolve(entry.getName()));
          }
        }
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().matches(".*\\.(keras|onnx)")).toList();
    }
  }

  static Set<String> names() {
    return MODELS.keySet();
  }

  private static Path file(String name) {
    return Optional.ofNullable(MODELS.get(name)).orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("names")
  void preprocessing_isWhatTheModelTakes(String name) throws IOException {
    try (Model model = Model.load(file(name))) {
      InputScaling scaling = model.inputScaling().orElseThrow();
      Certainty certainty =
          OPEN.contains(name)
              ? Certainty.OPEN
              : TRAINED.contains(name) ? Certainty.LIKELY : Certainty.FOUND;
      assertEquals(certainty, scaling.certainty(), scaling::toString);
      Preprocessing otherwise = OPEN.contains(name) ? Preprocessing.UNIT : Preprocessing.NONE;
      assertEquals(
          OTHERS.getOrDefault(name, otherwise), scaling.preprocessing(), scaling::toString);
    }
  }

  /** From the file of the photo to what the first layer with weights sees. */
  @ParameterizedTest
  @MethodSource("names")
  void firstWeights_seeThePixelsThatTheRuntimeOfTheFileShowsThem(String name) throws IOException {
    Tensor golden = Npy.read(folder.resolve(name + ".npy"));
    try (Model model = Model.load(file(name));
        Model exposed = model.expose(network -> List.of(seen(network)))) {
      Tensor pixels = ImageLoader.create().load(folder.resolve("photo.png"));
      Tensor x = model.inputScaling().orElseThrow().preprocessing().apply(pixels);
      boolean first = Objects.equals(model.inputs().get(0).sizes().get(0), 3);
      Tensor batch = x.reshape(1, 12, 16, 3);
      Tensor input =
          typed(first ? batch.transpose(0, 3, 1, 2) : batch, model.inputs().get(0).type());
      Tensor seen = exposed.predict(input);
      assertEquals(golden.elements(), seen.elements(), () -> golden + " " + seen);
      assertArrayEquals(golden.toFloatArray(), seen.toFloatArray(), 1e-3f * highest(golden));
    }
  }

  private static KerasTensor seen(Network network) {
    for (Layer layer : network.layers()) {
      if (layer.name().matches("(.*/)?first")
          || layer.className().equals("Conv")
          || (layer.className().equals("BatchNormalization") && !network.named().isEmpty())) {
        return layer.calls().get(0).inputs().get(0);
      }
    }
    throw new AssertionError("no first layer with weights");
  }

  private static float highest(Tensor x) {
    float highest = 0;
    for (float value : x.toFloatArray()) {
      highest = Math.max(highest, Math.abs(value));
    }
    return highest;
  }

  private static Tensor typed(Tensor x, ElementType type) {
    if (type == ElementType.FLOAT32) {
      return x;
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(x.elements() * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : x.toFloatArray()) {
      switch (type) {
        case UINT8 -> bytes.put((byte) value);
        case INT32 -> bytes.putInt((int) value);
        case FLOAT64 -> bytes.putDouble(value);
        default -> throw new AssertionError(type);
      }
    }
    return Tensor.wrap(type, bytes.flip(), x.shape());
  }

  /** A model that casts whole numbers, and one of the same weights that takes them as floats. */
  @ParameterizedTest
  @CsvSource({
    "uint8, rescaling",
    "uint16, divided",
    "torchscript_uint8, torchscript_divided_normalized",
    "dynamo_uint8, dynamo_divided_normalized",
    "torchscript_float64, torchscript_float16",
  })
  void wholeNumbers_areExplainedAsFloats(String whole, String real) throws IOException {
    Method[] methods = {
      Gradients.create(),
      FullGradients.create(),
      GradCam.create(),
      ScoreCam.create(),
      Smooth.of(Gradients.create()).repetitions(3),
      Tta.of(Gradients.create()).scales(1)
    };
    Tensor pixels = ImageLoader.create().load(folder.resolve("photo.png")).reshape(1, 12, 16, 3);
    try (Model a = Model.load(file(whole));
        Model b = Model.load(file(real));
        Explainer ofWhole = Explainer.of(a, methods);
        Explainer ofReal = Explainer.of(b, methods)) {
      boolean first = Objects.equals(a.inputs().get(0).sizes().get(0), 3);
      Tensor x = first ? pixels.transpose(0, 3, 1, 2) : pixels;
      List<Explanation> found =
          ofWhole.explainAll(List.of(typed(x, a.inputs().get(0).type())), Units.top(2));
      List<Explanation> expected =
          ofReal.explainAll(List.of(typed(x, b.inputs().get(0).type())), Units.top(2));
      for (int i = 0; i < methods.length; i++) {
        float[] maps = expected.get(i).maps().toFloatArray();
        assertTrue(highest(expected.get(i).maps()) > 0, methods[i]::name);
        assertArrayEquals(maps, found.get(i).maps().toFloatArray(), 1e-5f, methods[i]::name);
      }
    }
  }
}
