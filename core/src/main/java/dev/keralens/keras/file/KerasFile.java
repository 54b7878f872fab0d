package dev.keralens.keras.file;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.Constant;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.storage.Architecture;
import dev.keralens.keras.storage.FileFormat;
import dev.keralens.keras.storage.FileRegion;
import dev.keralens.keras.storage.KerasVersion;
import dev.keralens.keras.weights.HeldWeights;
import dev.keralens.keras.weights.LayerNode;
import dev.keralens.keras.weights.WeightLayout;
import dev.keralens.keras.weights.WeightMatching;
import dev.keralens.keras.weights.WeightSource;
import dev.keralens.keras.weights.WeightStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;

/**
 * A model as Keras wrote it: its architecture, and where its weights lie. Opening reads the
 * architecture only; weights are read as they are asked for, those of a small file from memory. A
 * large file that has changed by then is refused. What a file is, is decided by its content, not by
 * its name.
 *
 * <p>Immutable and safe for use by several threads. Nothing needs closing.
 */
public final class KerasFile {
  private final Path path;
  private final FileFormat format;
  private final KerasVersion version;
  private final String backend;
  private final JsonNode architecture;
  private final Function<LayerNode, WeightSource> source;

  KerasFile(
      Path path,
      FileFormat format,
      KerasVersion version,
      String backend,
      JsonNode architecture,
      Function<LayerNode, WeightSource> source) {
    this.path = path;
    this.format = format;
    this.version = version;
    this.backend = backend;
    this.architecture = architecture;
    this.source = source;
  }

  /**
   * Opens a model of any kind: a {@code .keras} archive or the folder it unpacks to, a whole-model
   * HDF5 file, a SavedModel folder.
   *
   * @param path the file or folder
   * @return the model's file
   * @throws NoSuchFileException if there is no such file
   * @throws InvalidModelException if it is no model, or is damaged, or holds weights alone
   * @throws dev.keralens.graph.UnsupportedModelException if it is a model that cannot be read
   * @throws IOException if reading fails
   */
  public static KerasFile open(Path path) throws IOException {
    if (!Files.exists(path)) {
      Path index = path.resolveSibling(path.getFileName() + ".index");
      if (Files.isRegularFile(index)) {
        ForeignFile.refuse(path, FileRegion.of(index));
      }
      throw missing(path);
    }
    return Files.isDirectory(path) ? Opening.folder(path) : Opening.file(path);
  }

  private static NoSuchFileException missing(Path file) {
    return new NoSuchFileException(file.toString(), null, "there is no such file");
  }

  /**
   * Opens a model that lies in memory.
   *
   * @param name what it is called, for messages
   * @param bytes what a {@code .keras} archive or a whole-model HDF5 file holds, not to be changed
   * @return the model's file
   * @throws InvalidModelException if it is no model, or is damaged, or holds weights alone
   * @throws dev.keralens.graph.UnsupportedModelException if it is a model that cannot be read
   * @throws IOException if reading fails
   */
  public static KerasFile of(String name, ByteBuffer bytes) throws IOException {
    return Opening.file(Path.of(name), FileRegion.of(name, bytes));
  }

  /**
   * Opens a model whose architecture and weights lie in two files. Weights of Keras' older HDF5
   * format are matched with layers by their order, as Keras does unless told otherwise.
   *
   * @param architecture the JSON that {@code model.to_json()} gives, or a whole model
   * @param weights what {@code model.save_weights} or {@code model.save} wrote: {@code
   *     .weights.h5}, the {@code .weights.json} of several files, {@code .h5}, {@code .keras}, a
   *     SavedModel, or a checkpoint
   * @return the model's file
   * @throws NoSuchFileException if there is no such file
   * @throws InvalidModelException if one is of another kind or damaged
   * @throws dev.keralens.graph.UnsupportedModelException if they cannot be read
   * @throws IOException if reading fails
   */
  public static KerasFile open(Path architecture, Path weights) throws IOException {
    return open(architecture, weights, WeightMatching.ORDER);
  }

  /**
   * Opens a model whose architecture and weights lie in two files.
   *
   * @param architecture as in {@link #open(Path, Path)}
   * @param weights as in {@link #open(Path, Path)}
   * @param matching how weights of Keras' older HDF5 format find their layers; other formats have
   *     one way only
   * @return the model's file
   * @throws NoSuchFileException if there is no such file
   * @throws InvalidModelException if one is of another kind or damaged
   * @throws dev.keralens.graph.UnsupportedModelException if they cannot be read
   * @throws IOException if reading fails
   */
  public static KerasFile open(Path architecture, Path weights, WeightMatching matching)
      throws IOException {
    boolean prefix = Files.exists(weights.resolveSibling(weights.getFileName() + ".index"));
    if (!Files.exists(architecture) || !(Files.exists(weights) || prefix)) {
      Path missing = Files.exists(architecture) ? weights : architecture;
      throw missing(missing);
    }
    return Opening.guard(weights, () -> TwoFilesReader.read(architecture, weights, matching));
  }

  /**
   * Opens the weights of a model that no file holds.
   *
   * @param name what the model is called in messages
   * @param json the architecture as Keras 3 writes it
   * @param weights as in {@link #open(Path, Path)}; of Keras 1 too
   * @param matching how weights of Keras' older HDF5 format find their layers
   * @return the model's file
   * @throws NoSuchFileException if there is no such file
   * @throws InvalidModelException if the JSON is no model, or the file is of another kind or
   *     damaged
   * @throws dev.keralens.graph.UnsupportedModelException if it cannot be read
   * @throws IOException if reading fails
   */
  public static KerasFile of(String name, String json, Path weights, WeightMatching matching)
      throws IOException {
    if (!Files.isRegularFile(weights)) {
      throw missing(weights);
    }
    return Opening.guard(
        weights,
        () ->
            TwoFilesReader.ofJson(Path.of(name), weights, Architecture.parse(name, json))
                .read(FileRegion.of(weights), matching));
  }

  /**
   * {@return a model that no file holds}
   *
   * @param name what it is called in messages
   * @param json the architecture as Keras 3 writes it
   * @param weights by a layer's path, then by name
   * @throws InvalidModelException if the JSON is no model
   */
  public static KerasFile of(String name, String json, Map<String, Map<String, Constant>> weights) {
    return new KerasFile(
        Path.of(name),
        FileFormat.TWO_FILES,
        KerasVersion.parse("3"),
        "",
        Architecture.model(name, Architecture.parse(name, json)),
        root -> new HeldWeights(name, weights));
  }

  /**
   * {@return the file or folder that was opened; the architecture where it is a file of its own}
   */
  public Path path() {
    return path;
  }

  /** {@return what kind of file it is} */
  public FileFormat format() {
    return format;
  }

  /** {@return the version of Keras that wrote it} */
  public KerasVersion version() {
    return version;
  }

  /** {@return format, version and backend for people, such as {@code HDF5 by Keras 2.3.1}} */
  public String describe() {
    String text = format.toString();
    if (!version.text().isEmpty()) {
      text += " by Keras " + version;
    }
    return backend.isEmpty() || backend.equals("tensorflow") ? text : text + " on " + backend;
  }

  /**
   * {@return the backend that Keras ran on, such as {@code tensorflow} or {@code theano}; empty if
   * the file does not say} Theano's convolution kernels are flipped.
   */
  public String backend() {
    return backend;
  }

  /**
   * {@return the model's envelope: {@code class_name}, {@code config}, and what else the version
   * writes} Layers' envelopes in it are as Keras wrote them, but for two things: a {@code
   * Sequential} whose {@code config} is the bare list of its layers (up to Keras 2.2.2) has the
   * object {@code {"name": .., "layers": [..]}} instead, and a tuple is a list also where it is
   * written as {@code {"class_name": "__tuple__", "items": [..]}}.
   */
  public JsonNode architecture() {
    return architecture;
  }

  /**
   * {@return the same file, with another architecture in place of its own}
   *
   * @param other one whose layers lie where those of the file's own do
   */
  public KerasFile with(JsonNode other) {
    return new KerasFile(path, format, version, backend, other, source);
  }

  /**
   * {@return the weights}
   *
   * @param layout says which weights a layer holds
   */
  public WeightStore weights(WeightLayout layout) {
    LayerNode root = LayerNode.root(architecture, layout);
    return new WeightStore(path.toString(), root, source.apply(root));
  }
}
