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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares what Keralens computes from the files of a folder with what Keras computed:
 *
 * <pre>
 *   java -cp app/target/keralens.jar parity/applications/CheckApplication.java FOLDER
 * </pre>
 *
 * <p>Prints one JSON object a line and model file: {@code file}, {@code seconds} (to read it and to
 * build its graph), and the largest errors. That of the logits is relative to the largest logit's
 * absolute value of the image, that of a map to the map's.
 */
final class CheckApplication {
  private CheckApplication() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    for (String file : List.of("model.keras", "model.h5")) {
      if (Files.exists(folder.resolve(file))) {
        System.out.println(new ObjectMapper().writeValueAsString(check(folder, file)));
      }
    }
  }

  private static Map<String, Object> check(Path folder, String file) throws IOException {
    Tensor x = Npy.read(folder.resolve("in.npy"));
    Tensor units = Npy.read(folder.resolve("units.npy"));
    Units wanted = Units.each(Tensor.of(units.toLongArray(), units.size(0), 1));
    ExplainOptions raw =
        ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
    long start = System.nanoTime();
    try (Model model = Model.load(folder.resolve(file))) {
      model.network();
      double seconds = (System.nanoTime() - start) / 1e9;
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("file", file.substring("model".length()));
      row.put("seconds", seconds);
      row.put("logits", error(folder, "logits", model.predict(x)));
      try (Explainer explainer =
          Explainer.of(model, raw, GradCam.create(), Gradients.create())) {
        for (Explanation maps : explainer.explainAll(List.of(x), wanted)) {
          row.put(maps.method(), error(folder, maps.method(), maps.maps()));
        }
      }
      return row;
    }
  }

  /** The largest error, relative to the largest value of the image. */
  private static double error(Path folder, String name, Tensor actual) throws IOException {
    Tensor expected = Npy.read(folder.resolve(name + ".npy"));
    if (expected.elements() != actual.elements()) {
      throw new IllegalStateException("%s: expected %s, got %s.".formatted(name, expected, actual));
    }
    double worst = 0;
    for (int image = 0; image < expected.size(0); image++) {
      float[] wanted = expected.row(image).toFloatArray();
      float[] got = actual.row(image).toFloatArray();
      double largest = 0;
      double error = 0;
      for (int i = 0; i < wanted.length; i++) {
        largest = Math.max(largest, Math.abs(wanted[i]));
        double difference = Math.abs((double) wanted[i] - got[i]);
        error = difference <= error ? error : difference; // NaN counts
      }
      worst = error / largest <= worst ? worst : error / largest;
    }
    return worst;
  }
}
