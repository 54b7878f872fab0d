package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.keralens.filter.Filters;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small networks of {@code keras.applications}: what Keras and its {@code GradientTape} compute.
 */
class ApplicationsTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/applications");
  private static final double TOLERANCE = 1e-4;

  @TempDir private Path folder;

  static List<Path> archives() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(file -> file.toString().endsWith(".zip")).sorted().toList();
    }
  }

  private void unpack(Path archive) throws IOException {
    try (InputStream file = Files.newInputStream(archive);
        ZipInputStream zip = new ZipInputStream(file)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Files.copy(zip, folder.resolve(entry.getName()));
      }
    }
  }

  private Tensor array(String name) throws IOException {
    return Npy.read(folder.resolve(name + ".npy"));
  }

  private static Tensor withUnitAxis(Tensor maps) {
    return maps.reshape(maps.size(0), maps.size(1), maps.size(2), 1);
  }

  @ParameterizedTest
  @MethodSource("archives")
  void logitsAndMaps_matchKeras(Path archive) throws IOException {
    unpack(archive);
    Path keras = folder.resolve("model.keras");
    Path file = Files.exists(keras) ? keras : folder.resolve("model.h5");
    Tensor x = array("in");
    Tensor units = array("units");
    ExplainOptions raw =
        ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
    try (Model model = Model.load(file);
        Explainer explainer = Explainer.of(model, raw, GradCam.create(), Gradients.create())) {
      Tensor logits = model.predict(x);
      Tensor expected = array("logits");
      ExplainerParityTest.assertMaps(
          expected.reshape(expected.size(0), expected.size(1), 1),
          logits.reshape(logits.size(0), logits.size(1), 1),
          TOLERANCE,
          "logits");
      Units wanted = Units.each(Tensor.of(units.toLongArray(), units.size(0), 1));
      List<Explanation> maps = explainer.explainAll(List.of(x), wanted);
      assertFalse(maps.isEmpty());
      for (Explanation each : maps) {
        Tensor golden = withUnitAxis(array(each.method()));
        ExplainerParityTest.assertMaps(golden, each.maps(), TOLERANCE, each.method());
      }
    }
  }
}
