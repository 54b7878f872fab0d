package dev.keralens;

import dev.keralens.file.RegularFile;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.network.NetworkSource;
import dev.keralens.onnx.read.OnnxReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Locale;

/** The kinds of model files, and how each is opened. */
final class ModelFiles {
  /** A message that begins as those of ONNX do. */
  private static final String SAVED_MODEL = "saved_model.pb";

  /** The most that an array holds. */
  private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

  private ModelFiles() {}

  static NetworkSource open(Path path, LoadOptions options) throws IOException {
    try {
      return read(path, options);
    } finally {
      RecordHandles.release();
    }
  }

  /** A model that lies in memory, in one of the kinds that are one file. */
  static NetworkSource open(String name, byte[] bytes, LoadOptions options) throws IOException {
    if (options.weights() != null) {
      throw new IllegalArgumentException(
          "A model from memory holds its weights; architecture and weights in two files are loaded from files.");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try {
      return !isCoreMl(Path.of(name)) && OnnxReader.isOnnx(Path.of(name), bytes)
          ? OnnxReader.of(name, buffer)
          : KerasModel.of(name, buffer, options.layers());
    } finally {
      RecordHandles.release();
    }
  }

  /** All of a stream, as far as one array holds it. */
  static byte[] bytes(String name, InputStream stream) throws IOException {
    try {
      byte[] bytes = stream.readNBytes(MOST_BYTES);
      if (bytes.length == MOST_BYTES && stream.read() >= 0) {
        throw new UnsupportedModelException(
            "%s has more than %d bytes, and a model from memory lies in one array; load it from a file."
                .formatted(name, MOST_BYTES));
      }
      return bytes;
    } catch (OutOfMemoryError e) {
      throw dev.keralens.keras.storage.ModelFiles.exhausted(name, e);
    }
  }

  /** It begins as ONNX does. */
  private static boolean isCoreMl(Path path) {
    return String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT).endsWith(".mlmodel");
  }

  private static NetworkSource read(Path path, LoadOptions options) throws IOException {
    Path weights = options.weights();
    RegularFile.check(path);
    if (weights != null) {
      RegularFile.check(weights);
    }
    if (!path.endsWith(SAVED_MODEL) && !isCoreMl(path) && OnnxReader.isOnnx(path)) {
      if (weights != null) {
        throw new UnsupportedModelException(
            path + " is an ONNX file, which holds its weights; give no others: " + weights + ".");
      }
      return OnnxReader.open(path);
    }
    return weights == null
        ? KerasModel.read(path, options.layers())
        : KerasModel.read(path, weights, options.weightsByName(), options.layers());
  }
}
