package dev.keralens.keras.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.storage.Architecture;
import dev.keralens.keras.storage.FileFormat;
import dev.keralens.keras.storage.FileRegion;
import dev.keralens.keras.storage.KerasVersion;
import dev.keralens.keras.storage.ModelFiles;
import dev.keralens.keras.weights.Hdf5Weights;
import dev.keralens.keras.weights.ObjectTree;
import dev.keralens.keras.weights.TaskWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads a task from a preset's folder, as KerasHub's {@code save_to_preset} writes it.
 *
 * <pre>
 * folder = task.json [ task.weights.h5 ]         the task, and the weights that are its own
 *          config.json model.weights.h5          the backbone, see {@link ArchiveReader}
 *          metadata.json [ preprocessor.json image_converter.json tokenizer.json assets/.. ]
 * </pre>
 *
 * <p>A folder without {@code task.json} is the backbone alone, and is laid out as a {@code .keras}
 * archive is.
 */
final class PresetReader {
  private static final String TASK = "task.json";
  private static final String TASK_WEIGHTS = "task.weights.h5";
  private static final String METADATA = "metadata.json";

  private final Path path;
  private final ModelFiles files;

  PresetReader(Path path) {
    this.path = path;
    this.files = ModelFiles.in(path);
  }

  /** Whether a folder holds a task. */
  static boolean isTask(Path folder) {
    return Files.exists(folder.resolve(TASK));
  }

  KerasFile read() throws IOException {
    ObjectNode task =
        json(TASK).orElseThrow(() -> new InvalidModelException(path + " has no '" + TASK + "'."));
    JsonNode config = Architecture.model(path + ": " + TASK, task);
    JsonNode backbone = config.path("config").path("backbone");
    if (!backbone.isObject()) {
      throw new InvalidModelException(path + ": " + TASK + " names no backbone.");
    }
    String written = json(METADATA).map(json -> json.path("keras_version").asText("")).orElse("3");
    KerasVersion version = Architecture.version(config, written);
    Optional<FileRegion> own = files.entry(TASK_WEIGHTS, Long.MAX_VALUE);
    ObjectTree.WeightGroups groups =
        new TaskWeights(
            own.isEmpty() ? null : Hdf5Weights.open(path + ": " + TASK_WEIGHTS, own.get(), config),
            new ArchiveReader(path, files).weights(config),
            backbone.path("class_name").asText());
    return new KerasFile(
        path,
        FileFormat.KERAS_HUB_PRESET,
        version,
        "",
        config,
        root -> new ObjectTree(groups, version, root));
  }

  private Optional<ObjectNode> json(String name) throws IOException {
    return files
        .entry(name, Architecture.MAX_BYTES)
        .map(text -> Architecture.parse(path + ": " + name, text.bytes(0, text.size())));
  }
}
