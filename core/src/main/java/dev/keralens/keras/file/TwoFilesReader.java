package dev.keralens.keras.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.storage.Architecture;
import dev.keralens.keras.storage.FileFormat;
import dev.keralens.keras.storage.FileRegion;
import dev.keralens.keras.storage.Hdf5Group;
import dev.keralens.keras.storage.KerasVersion;
import dev.keralens.keras.storage.ModelFiles;
import dev.keralens.keras.storage.ZipArchive;
import dev.keralens.keras.weights.CheckpointTree;
import dev.keralens.keras.weights.Hdf5Weights;
import dev.keralens.keras.weights.LayerGroups;
import dev.keralens.keras.weights.ObjectTree;
import dev.keralens.keras.weights.ShardedWeights;
import dev.keralens.keras.weights.WeightMatching;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads an architecture and its weights from two files.
 *
 * <pre>
 * architecture = {"class_name": .., "config": .. [, "keras_version": .., "backend": ..]}
 *              | a whole model
 * weights      = HDF5 with the attribute layer_names                              see LayerGroups
 *              | whole-model HDF5                                                 see Hdf5Reader
 *              | HDF5 with the group layers or _layer_checkpoint_dependencies     see ObjectTree
 *              | JSON with the field weight_map                                   see ShardedWeights
 *              | .keras archive, or its folder                                    see ArchiveReader
 *              | checkpoint: x.index, x.data-..; named by x or x.index            see CheckpointTree
 *              | SavedModel folder                                                see SavedModelReader
 * </pre>
 */
final class TwoFilesReader {
  private static final String INDEX = ".index";

  private final Path path;
  private final Path weights;
  private final KerasVersion version;
  private final String backend;
  private final JsonNode architecture;

  private TwoFilesReader(
      Path path, Path weights, KerasVersion version, String backend, JsonNode architecture) {
    this.path = path;
    this.weights = weights;
    this.version = version;
    this.backend = backend;
    this.architecture = architecture;
  }

  static KerasFile read(Path path, Path weights, WeightMatching matching) throws IOException {
    FileRegion region = Files.isRegularFile(path) ? FileRegion.of(path) : null;
    if (region == null || !Architecture.isJson(region)) {
      KerasFile whole = KerasFile.open(path);
      return new TwoFilesReader(
              path, weights, whole.version(), whole.backend(), whole.architecture())
          .read(matching);
    }
    ObjectNode json = Architecture.parse(region);
    return ofJson(path, weights, json).read(matching);
  }

  /** {@return a reader of weights for an architecture in JSON} */
  static TwoFilesReader ofJson(Path path, Path weights, ObjectNode json) {
    JsonNode model = Architecture.model(path.toString(), json);
    String backend = json.path("backend").asText("");
    return new TwoFilesReader(path, weights, Architecture.version(json, ""), backend, model);
  }

  private KerasFile read(WeightMatching matching) throws IOException {
    Optional<String> checkpoint = checkpoint();
    if (checkpoint.isPresent()) {
      return byObject(checkpoint(folder(), checkpoint.get()));
    }
    if (Files.isDirectory(weights)) {
      return Files.exists(weights.resolve(SavedModelReader.MODEL))
          ? byObject(checkpoint(weights, SavedModelReader.VARIABLES))
          : byObject(new ArchiveReader(weights, ModelFiles.in(weights)).weights(architecture));
    }
    return read(FileRegion.of(weights), matching);
  }

  /** Reads a file of weights. */
  KerasFile read(FileRegion region, WeightMatching matching) throws IOException {
    if (Hdf5Group.isHdf5(region)) {
      Hdf5Weights groups = Hdf5Weights.open(weights.toString(), region, architecture);
      Hdf5Group root = groups.root();
      Optional<Hdf5Group> layers =
          root.texts("layer_names").isPresent()
              ? Optional.of(root)
              : root.group(Hdf5Reader.MODEL_WEIGHTS);
      return layers.isPresent() ? byLayer(layers.get(), matching) : byObject(groups);
    }
    if (ZipArchive.isZip(region)) {
      ZipArchive archive = ZipArchive.open(region);
      if (!archive.names().contains(ArchiveReader.CONFIG)) {
        ForeignFile.refuseZip(weights, archive.names());
      }
      return byObject(new ArchiveReader(weights, archive).weights(architecture));
    }
    ForeignFile.refuse(weights, region);
    if (Architecture.isJson(region)) {
      return byObject(ShardedWeights.open(region, ModelFiles.in(folder()), architecture));
    }
    throw new InvalidModelException(
        weights
            + " holds no weights of Keras: it is neither HDF5, nor a .keras archive, nor the index"
            + " of a checkpoint.");
  }

  /** What the names of a checkpoint's files begin with, if the weights are one. */
  private Optional<String> checkpoint() {
    String name = String.valueOf(weights.getFileName());
    if (name.endsWith(INDEX)) {
      return Optional.of(name.substring(0, name.length() - INDEX.length()));
    }
    boolean prefix = !Files.exists(weights) && Files.exists(weights.resolveSibling(name + INDEX));
    return prefix ? Optional.of(name) : Optional.empty();
  }

  private Path folder() {
    return Objects.requireNonNull(weights.toAbsolutePath().getParent());
  }

  private CheckpointTree checkpoint(Path folder, String prefix) throws IOException {
    return CheckpointTree.open(weights.toString(), ModelFiles.in(folder), prefix);
  }

  private KerasFile byLayer(Hdf5Group layers, WeightMatching matching) {
    String file = weights.toString();
    Optional<String> stored = layers.text("keras_version");
    stored.ifPresent(text -> Hdf5Reader.checkVersion(weights, KerasVersion.parse(text)));
    String writer = layers.text("backend").orElse(backend);
    return new KerasFile(
        path,
        FileFormat.TWO_FILES,
        version,
        writer,
        architecture,
        root ->
            new LayerGroups(
                file,
                layers,
                matching == WeightMatching.NAME
                    ? LayerGroups.byName(root, layers)
                    : LayerGroups.byOrder(file, root, layers, matching == WeightMatching.BEGINNING),
                writer));
  }

  private KerasFile byObject(ObjectTree.WeightGroups groups) {
    return new KerasFile(
        path,
        FileFormat.TWO_FILES,
        version,
        backend,
        architecture,
        root -> new ObjectTree(groups, version, root));
  }

  private KerasFile byObject(CheckpointTree tree) {
    return new KerasFile(path, FileFormat.TWO_FILES, version, backend, architecture, root -> tree);
  }
}
