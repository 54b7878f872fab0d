package dev.keralens;

import dev.keralens.file.RegularFile;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.network.NetworkSource;
import dev.keralens.onnx.read.OnnxReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** The kinds of model files, and how each is opened. */
final class ModelFiles {
  /** A message that begins as those of ONNX do. */
  private static final String SAVED_MODEL = "saved_model.pb";

  private ModelFiles() {}

  static NetworkSource open(Path path, LoadOptions options) throws IOException {
    try {
      return read(path, options);
    } finally {
      RecordHandles.release();
    }
  }

  private static NetworkSource read(Path path, LoadOptions options) throws IOException {
    Path weights = options.weights();
    RegularFile.check(path);
    if (weights != null) {
      RegularFile.check(weights);
    }
    boolean isCoreMl = // It begins as ONNX does.
        String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT).endsWith(".mlmodel");
    if (!path.endsWith(SAVED_MODEL) && !isCoreMl && OnnxReader.isOnnx(path)) {
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
