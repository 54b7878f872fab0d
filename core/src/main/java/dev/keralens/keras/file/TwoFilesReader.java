package dev.keralens.keras.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.graph.InvalidModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads an architecture and its weights from two files.
 *
 * <pre>
 * architecture = {"class_name": .., "config": .. [, "keras_version": .., "backend": ..]}
 * weights      = HDF5 with the attribute layer_names                              see LayerGroups
 *              | whole-model HDF5                                                 see Hdf5Reader
 *              | HDF5 with the group layers or _layer_checkpoint_dependencies     see ObjectTree
 *              | JSON with the field weight_map                                   see ShardedWeights
 *              | .keras archive                                                   see ArchiveReader
 * </pre>
 */
final class TwoFilesReader {
  private final Path architecture;
  private final Path weights;

  TwoFilesReader(Path architecture, Path weights) {
    this.architecture = architecture;
    this.weights = weights;
  }

  KerasFile read(WeightMatching matching) throws IOException {
    FileRegion text = FileRegion.of(architecture);
    if (text.size() > Architecture.MAX_BYTES) {
      throw new InvalidModelException(
          "%s has %d bytes; JSON of at most %d is read."
              .formatted(architecture, text.size(), Architecture.MAX_BYTES));
    }
    ObjectNode json = Architecture.parse(architecture.toString(), text.bytes(0, text.size()));
    Architecture.model(architecture.toString(), json);
    FileRegion region = FileRegion.of(weights);
    if (Hdf5Group.isHdf5(region)) {
      Hdf5Weights groups = Hdf5Weights.open(weights.toString(), region, json);
      Hdf5Group root = groups.root();
      Optional<Hdf5Group> layers =
          root.texts("layer_names").isPresent()
              ? Optional.of(root)
              : root.group(Hdf5Reader.MODEL_WEIGHTS);
      return layers.isPresent() ? byLayer(json, layers.get(), matching) : byObject(json, groups);
    }
    if (ZipArchive.isZip(region)) {
      return byObject(json, new ArchiveReader(weights, ZipArchive.open(region)).weights(json));
    }
    if (region.size() > 0
        && region.size() <= Architecture.MAX_BYTES
        && region.bytes(0, 1).get() == '{') {
      Path folder = Objects.requireNonNull(weights.toAbsolutePath().getParent());
      return byObject(json, ShardedWeights.open(region, ModelFiles.in(folder), json));
    }
    throw new InvalidModelException(
        weights + " holds no weights of Keras: it is neither HDF5 nor a .keras archive.");
  }

  private KerasFile byLayer(ObjectNode json, Hdf5Group layers, WeightMatching matching) {
    String file = weights.toString();
    KerasVersion version = version(json, layers.text("keras_version"));
    Hdf5Reader.checkVersion(weights, version);
    return new KerasFile(
        architecture,
        FileFormat.JSON_AND_WEIGHTS,
        version,
        layers.text("backend").orElse(""),
        json,
        root ->
            new LayerGroups(
                file,
                layers,
                matching == WeightMatching.NAME
                    ? LayerGroups.byName(root, layers)
                    : LayerGroups.byOrder(file, root, layers)));
  }

  private KerasFile byObject(ObjectNode json, ObjectTree.WeightGroups groups) {
    KerasVersion version = version(json, Optional.empty());
    return new KerasFile(
        architecture,
        FileFormat.JSON_AND_WEIGHTS,
        version,
        json.path("backend").asText(""),
        json,
        root -> new ObjectTree(groups, version, root));
  }

  /** The version that wrote the weights, else the one in the JSON; Keras 3 writes none there. */
  private static KerasVersion version(JsonNode json, Optional<String> stored) {
    return KerasVersion.parse(stored.orElse(json.path("keras_version").asText("3")));
  }
}
