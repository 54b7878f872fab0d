package dev.keralens.applications;

import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.Model;
import dev.keralens.Resize;
import dev.keralens.Units;
import dev.keralens.filter.Filters;
import dev.keralens.method.GradCam;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Compares a network with what parity/published/make_scores.py wrote of it.
 *
 * @param scores the largest error of the scores, relative to the largest score
 * @param gradCam the largest error of Grad-CAM, relative to the largest magnitude of its map
 */
record ScoreCheck(double scores, double gradCam) {
  /** Compares the network in a folder, and prints one JSON object. */
  public static void main(String[] arguments) throws IOException {
    ScoreCheck found = of(Path.of(arguments[0]));
    System.out.printf(
        Locale.ROOT, "{\"scores\": %e, \"gradcam\": %e}%n", found.scores(), found.gradCam());
  }

  static ScoreCheck of(Path folder) throws IOException {
    String header = Files.readString(folder.resolve("network.txt")).strip();
    Application application =
        ApplicationLayersTest.application(header)
            .weights(ApplicationWeights.file(folder.resolve("weights.h5")));
    ExplainOptions raw =
        ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
    try (Model model = Model.load(application);
        Explainer explainer = Explainer.of(model, raw, GradCam.create())) {
      Tensor x = Npy.read(folder.resolve("x.npy"));
      Tensor logits = Npy.read(folder.resolve("logits.npy"));
      Tensor maps = Npy.read(folder.resolve("gradcam.npy"));
      Explanation found = explainer.explain(x, Units.each(Npy.read(folder.resolve("units.npy"))));
      return new ScoreCheck(error(logits, model.predict(x)), error(maps, found.maps()));
    }
  }

  private static double error(Tensor expected, Tensor found) {
    float[] a = expected.toFloatArray();
    float[] b = found.toFloatArray();
    if (a.length != b.length) {
      throw new IllegalStateException("Expected %s, got %s.".formatted(expected, found));
    }
    double largest = 0;
    double error = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i]));
      error = Math.max(error, Math.abs(a[i] - b[i]));
    }
    return error / largest;
  }
}
