import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.Model;
import dev.keralens.Resize;
import dev.keralens.Units;
import dev.keralens.filter.Filters;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Loads the models of a folder that make_applications.py wrote, and explains its images:
 *
 * <pre>
 *   java -cp app/target/keralens.jar parity/applications/CheckApplication.java FOLDER
 * </pre>
 *
 * <p>Prints one JSON object a line and model file: {@code file}, and {@code seconds} to read it and
 * to build its graph. Where there are images, writes what it computes beside it: {@code <file>.logits.npy}, {@code <file>.gradcam.npy} and
 * {@code <file>.gradients.npy}.
 */
final class CheckApplication {
  private static final Path GOLDEN = Path.of("core/src/test/resources/golden");
  private static final List<String> SMALL =
      List.of("applications/MobileNetV2-keras3.zip", "layers/model_nested-keras3.zip");

  private CheckApplication() {}

  public static void main(String[] arguments) throws IOException {
    warmUp();
    Path folder = Path.of(arguments[0]);
    for (String file : List.of("model.keras", "model.h5")) {
      if (Files.exists(folder.resolve(file))) {
        double seconds = loadSeconds(folder.resolve(file));
        System.out.println(
            new ObjectMapper().writeValueAsString(Map.of("file", file, "seconds", seconds)));
        if (Files.exists(folder.resolve("in.npy"))) {
          explain(folder, file);
        }
      }
    }
  }

  /** Loads small models, so that what is measured is loading, not Java's start. */
  private static void warmUp() throws IOException {
    for (String archive : SMALL) {
      try (ZipFile zip = new ZipFile(GOLDEN.resolve(archive).toFile())) {
        for (ZipEntry entry : Collections.list(zip.entries())) {
          if (entry.getName().startsWith("model.")) {
            Path file = Files.createTempFile("warm", entry.getName());
            Files.copy(zip.getInputStream(entry), file, StandardCopyOption.REPLACE_EXISTING);
            for (int i = 0; i < 5; i++) {
              try (Model model = Model.load(file)) {
                model.network();
              }
            }
            Files.delete(file);
          }
        }
      }
    }
  }

  private static void explain(Path folder, String file) throws IOException {
    Tensor x = Npy.read(folder.resolve("in.npy"));
    Tensor units = Npy.read(folder.resolve("units.npy"));
    Units wanted = Units.each(Tensor.of(units.toLongArray(), units.size(0), 1));
    ExplainOptions raw =
        ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
    try (Model model = Model.load(folder.resolve(file));
        Explainer explainer = Explainer.of(model, raw, GradCam.create(), Gradients.create())) {
      Npy.write(folder.resolve(file + ".logits.npy"), model.predict(x));
      for (Explanation maps : explainer.explainAll(List.of(x), wanted)) {
        Npy.write(folder.resolve(file + "." + maps.method() + ".npy"), maps.maps());
      }
    }
  }

  /** The fastest of ten, because other programs run at the same time. */
  private static double loadSeconds(Path file) throws IOException {
    double fastest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < 10; i++) {
      long start = System.nanoTime();
      try (Model model = Model.load(file)) {
        model.network();
        fastest = Math.min(fastest, (System.nanoTime() - start) / 1e9);
      }
    }
    return fastest;
  }
}
