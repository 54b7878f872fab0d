package dev.keralens;

import dev.keralens.graph.NetworkSource;
import dev.keralens.keras.KerasModel;
import dev.keralens.keras.LayerRegistry;
import dev.keralens.onnx.OnnxReader;
import java.io.IOException;
import java.nio.file.Path;

/** The kinds of model files, and how each is opened. */
final class ModelFiles {
  private ModelFiles() {}

  static NetworkSource open(Path path, LayerRegistry registry) throws IOException {
    return OnnxReader.isOnnx(path) ? OnnxReader.open(path) : KerasModel.read(path, registry);
  }
}
