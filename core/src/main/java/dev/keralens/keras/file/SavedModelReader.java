package dev.keralens.keras.file;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.storage.Architecture;
import dev.keralens.keras.storage.FileFormat;
import dev.keralens.keras.storage.FileRegion;
import dev.keralens.keras.storage.KerasVersion;
import dev.keralens.keras.storage.ModelFiles;
import dev.keralens.keras.storage.ProtoFields;
import dev.keralens.keras.storage.ProtoFields.Field;
import dev.keralens.keras.weights.CheckpointTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the TensorFlow SavedModel folder that Keras 2 writes: the architecture from Keras'
 * metadata, the weights from the checkpoint. The functions in it are not read.
 *
 * <pre>
 * folder    = saved_model.pb [ keras_metadata.pb ] variables/variables.index variables/..
 * metadata  = message { 1: object, .. }                                            since Keras 2.5
 * object    = message { 2: number, 3: path, 4: identifier, 5: JSON }               number 0: the model
 * saved     = message { 2: message { 7: message { 1: object', .. } } }             saved_model.pb
 * object'   = message { 4: message { 1: identifier, 3: JSON } }                    until Keras 2.4
 * JSON      = {"class_name": .., "config": .., "keras_version": .., "backend": .., ..}
 * </pre>
 */
final class SavedModelReader {
  static final String MODEL = "saved_model.pb";
  private static final String METADATA = "keras_metadata.pb";
  static final String VARIABLES = "variables/variables";

  private final Path path;
  private final ModelFiles files;

  SavedModelReader(Path path, ModelFiles files) {
    this.path = path;
    this.files = files;
  }

  KerasFile read() throws IOException {
    ObjectNode envelope = Architecture.parse(path + ": metadata", metadata());
    Architecture.model(path + ": metadata", envelope);
    if (!Architecture.isModel(envelope)) {
      throw new UnsupportedModelException(
          "%s holds a model of class '%s' whose layers only its Python code knows. Export it to ONNX."
              .formatted(path, Architecture.className(envelope)));
    }
    CheckpointTree tree = CheckpointTree.open(path.toString(), files, VARIABLES);
    return new KerasFile(
        path,
        FileFormat.SAVED_MODEL,
        KerasVersion.parse(envelope.path("keras_version").asText("")),
        envelope.path("backend").asText(""),
        envelope,
        root -> tree);
  }

  private String metadata() throws IOException {
    Optional<FileRegion> file = files.entry(METADATA, Integer.MAX_VALUE);
    Optional<String> json;
    if (file.isPresent()) {
      json = sinceKeras25(file.get());
    } else {
      FileRegion saved = files.entry(MODEL, Integer.MAX_VALUE).orElseThrow(this::withoutKeras);
      json = untilKeras24(saved);
    }
    return json.filter(text -> !text.isEmpty()).orElseThrow(this::withoutKeras);
  }

  private Optional<String> sinceKeras25(FileRegion file) {
    List<String> found = new ArrayList<>();
    ProtoFields.read(
        file.name(),
        file.bytes(0, file.size()),
        object -> {
          if (object.number() == 1
              && first(file, object.bytes(), 2).map(Field::value).orElse(0L) == 0) {
            first(file, object.bytes(), 5).map(Field::text).ifPresent(found::add);
          }
        });
    return found.stream().findFirst();
  }

  private Optional<String> untilKeras24(FileRegion file) {
    Optional<ByteBuffer> root =
        first(file, file.bytes(0, file.size()), 2)
            .flatMap(graph -> first(file, graph.bytes(), 7))
            .flatMap(objects -> first(file, objects.bytes(), 1))
            .flatMap(object -> first(file, object.bytes(), 4))
            .map(Field::bytes);
    return root.flatMap(object -> first(file, object, 1))
        .filter(identifier -> identifier.text().startsWith("_tf_keras_"))
        .flatMap(identifier -> root.flatMap(object -> first(file, object, 3)))
        .map(Field::text);
  }

  private static Optional<Field> first(FileRegion file, ByteBuffer message, int number) {
    return ProtoFields.first(file.name(), message, number);
  }

  private UnsupportedModelException withoutKeras() {
    return new UnsupportedModelException(
        path
            + " is a SavedModel without Keras' metadata, so its layers are unknown. Save the model"
            + " with Keras as .keras, or export it to ONNX: python -m tf2onnx.convert"
            + " --saved-model "
            + path
            + " --output model.onnx");
  }
}
