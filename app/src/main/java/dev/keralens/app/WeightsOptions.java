package dev.keralens.app;

import dev.keralens.LoadOptions;
import dev.keralens.Model;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a model's weights are, if not in its file. */
final class WeightsOptions {
  /** What is said of the model itself where it is asked for. */
  static final String MODEL =
      "The model: .keras, .h5, .onnx, a SavedModel folder of Keras 2, .json with --weights,"
          + " hub:FOLDER with a preset of KerasHub, or the name of a published network (see"
          + " 'keralens models').";

  @Option(
      names = {"-w", "--weights"},
      paramLabel = "FILE",
      description =
          "The weights, where the model is an architecture (JSON of model.to_json()): what"
              + " model.save_weights() wrote, or a whole model.")
  private @Nullable Path file;

  @Option(
      names = "--weights-by-name",
      description =
          "Give layers the weights of their name, not of their place (weights .h5 of Keras 2).")
  private boolean byName;

  /** Checks what can be checked before anything is read. */
  void check() {
    if (byName && file == null) {
      throw new UsageException("--weights-by-name needs --weights.");
    }
  }

  /** Opens a model's file, or the network of a name; downloads are shown. */
  Model open(Path model, PrintWriter err, boolean progress) throws IOException {
    check();
    Optional<NamedNetwork> named = NamedNetwork.of(model);
    if (named.isPresent()) {
      return named.get().open(file, err, progress);
    }
    NamedNetwork.checkSpelling(model);
    LoadOptions options = LoadOptions.defaults();
    if (file != null && model.toString().toLowerCase(Locale.ROOT).endsWith(".onnx")) {
      throw new UsageException(
          "--weights has no effect: %s is an ONNX file, which holds its weights.".formatted(model));
    }
    if (file != null) {
      options = byName ? options.withWeightsByName(file) : options.withWeights(file);
    }
    return Model.load(model, options);
  }
}
