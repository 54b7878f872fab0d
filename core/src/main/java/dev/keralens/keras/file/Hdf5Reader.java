package dev.keralens.keras.file;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.storage.Architecture;
import dev.keralens.keras.storage.FileFormat;
import dev.keralens.keras.storage.FileRegion;
import dev.keralens.keras.storage.Hdf5Group;
import dev.keralens.keras.storage.KerasVersion;
import dev.keralens.keras.weights.LayerGroups;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads the whole-model HDF5 file of Keras 2 and 3.
 *
 * <pre>
 * file = attributes model_config (JSON), keras_version, backend
 *        group model_weights                               see LayerGroups
 *        group optimizer_weights                           not read
 * </pre>
 */
final class Hdf5Reader {
  static final String MODEL_WEIGHTS = "model_weights";

  private Hdf5Reader() {}

  static KerasFile open(Path path, FileRegion region) {
    Hdf5Group root = Hdf5Group.open(region);
    Optional<String> config = root.text("model_config");
    if (config.isEmpty()) {
      throw weightsOnly(path, root);
    }
    String where = path + ": model_config";
    JsonNode architecture = Architecture.model(where, Architecture.parse(where, config.get()));
    Hdf5Group weights =
        root.group(MODEL_WEIGHTS)
            .orElseThrow(
                () ->
                    new InvalidModelException(
                        path + " has an architecture but no group '" + MODEL_WEIGHTS + "'."));
    String backend = root.text("backend").or(() -> weights.text("backend")).orElse("");
    return new KerasFile(
        path,
        FileFormat.HDF5,
        version(path, root, weights),
        backend,
        architecture,
        model ->
            new LayerGroups(path.toString(), weights, LayerGroups.byName(model, weights), backend));
  }

  private static KerasVersion version(Path path, Hdf5Group root, Hdf5Group weights) {
    KerasVersion version =
        KerasVersion.parse(
            root.text("keras_version").or(() -> weights.text("keras_version")).orElse("1"));
    checkVersion(path, version);
    return version;
  }

  /** Refuses Keras 1, whose kernels have other axes. A file that names no version is of Keras 1. */
  static void checkVersion(Path path, KerasVersion version) {
    if (version.major() < 2) {
      throw new UnsupportedModelException(
          "%s was written by Keras %s; read are Keras 2.0 and later. Load and save it with Keras 2."
              .formatted(path, version));
    }
  }

  private static InvalidModelException weightsOnly(Path path, Hdf5Group root) {
    boolean weights =
        root.texts("layer_names").isPresent()
            || root.group("layers").isPresent()
            || root.group("_layer_checkpoint_dependencies").isPresent()
            || root.group("vars").isPresent();
    return new InvalidModelException(
        weights
            ? path
                + " holds weights only. Give the architecture as the model, as JSON from"
                + " model.to_json(), and this file as its weights (--weights; in Java"
                + " Model.load(architecture, weights)), or save the whole model:"
                + " model.save('model.keras')."
            : path + " is an HDF5 file but no Keras model: it has no attribute 'model_config'.");
  }
}
