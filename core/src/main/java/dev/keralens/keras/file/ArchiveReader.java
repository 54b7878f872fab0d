package dev.keralens.keras.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.storage.Architecture;
import dev.keralens.keras.storage.FileFormat;
import dev.keralens.keras.storage.FileRegion;
import dev.keralens.keras.storage.KerasVersion;
import dev.keralens.keras.storage.ModelFiles;
import dev.keralens.keras.weights.Hdf5Weights;
import dev.keralens.keras.weights.ObjectTree;
import dev.keralens.keras.weights.ShardedWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads the {@code .keras} archive of Keras 2.12 and later, and the folder it unpacks to.
 *
 * <pre>
 * archive  = zip of metadata.json config.json weights [ assets/.. ]
 * metadata = {"keras_version": .., "date_saved": ..}
 * config   = {"module": .., "class_name": .., "config": .., "build_config": .., "compile_config": ..}
 * weights  = model.weights.h5                              see ObjectTree
 *          | model.weights.json and the files it names     see ShardedWeights
 * </pre>
 */
final class ArchiveReader {
  static final String CONFIG = "config.json";
  private static final String METADATA = "metadata.json";
  private static final String WEIGHTS = "model.weights.h5";
  private static final String SHARDS = "model.weights.json";
  private static final String WEIGHTS_NPZ = "model.weights.npz";

  private final Path path;
  private final ModelFiles files;

  ArchiveReader(Path path, ModelFiles files) {
    this.path = path;
    this.files = files;
  }

  KerasFile read() throws IOException {
    JsonNode config =
        Architecture.model(
            where(CONFIG),
            json(CONFIG)
                .orElseThrow(
                    () ->
                        new InvalidModelException(
                            path + " is no Keras model: it has no '" + CONFIG + "'.")));
    KerasVersion version =
        Architecture.version(
            config, json(METADATA).map(json -> json.path("keras_version").asText("")).orElse(""));
    ObjectTree.WeightGroups groups = weights(config);
    return new KerasFile(
        path,
        FileFormat.KERAS_ARCHIVE,
        version,
        "",
        config,
        root -> new ObjectTree(groups, version, root));
  }

  /**
   * {@return the weights of the archive}
   *
   * @param config the architecture
   */
  ObjectTree.WeightGroups weights(JsonNode config) throws IOException {
    Optional<FileRegion> weights = files.entry(WEIGHTS, Long.MAX_VALUE);
    if (weights.isPresent()) {
      return Hdf5Weights.open(path.toString(), weights.get(), config);
    }
    Optional<FileRegion> shards = files.entry(SHARDS, Architecture.MAX_BYTES);
    if (shards.isPresent()) {
      return ShardedWeights.open(shards.get(), files, config);
    }
    if (files.entry(WEIGHTS_NPZ, Long.MAX_VALUE).isPresent()) {
      throw new UnsupportedModelException(
          "%s keeps its weights in %s; save it again: model.save('model.keras')."
              .formatted(path, WEIGHTS_NPZ));
    }
    throw new InvalidModelException(
        "%s is no whole Keras model: it has no '%s'.".formatted(path, WEIGHTS));
  }

  private Optional<ObjectNode> json(String name) throws IOException {
    return files
        .entry(name, Architecture.MAX_BYTES)
        .map(text -> Architecture.parse(where(name), text.bytes(0, text.size())));
  }

  private String where(String name) {
    return path + ": " + name;
  }
}
