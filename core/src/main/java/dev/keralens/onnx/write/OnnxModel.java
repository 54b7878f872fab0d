package dev.keralens.onnx.write;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.keralens.graph.Constant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph as ONNX's messages, its large constants left out.
 *
 * @param proto the model; constants that are left out are declared as external data
 * @param inputNames the names of the graph's inputs, in its order
 * @param outputNames the names of the graph's outputs, in its order
 * @param external the constants whose elements are left out, by name
 */
public record OnnxModel(
    ModelProto proto,
    List<String> inputNames,
    List<String> outputNames,
    Map<String, Constant> external) {
  /** Takes unmodifiable copies. */
  public OnnxModel {
    inputNames = List.copyOf(inputNames);
    outputNames = List.copyOf(outputNames);
    external = Collections.unmodifiableMap(new LinkedHashMap<>(external));
  }

  /** {@return how many nodes the graph has} */
  public int nodes() {
    return proto.getGraph().getNodeCount();
  }

  /**
   * The model as ONNX Runtime takes it, without the constants that are left out.
   *
   * @return the serialized message
   */
  public byte[] bytes() {
    return proto.toByteArray();
  }

  /**
   * Writes the model as an ONNX file, the constants that are left out into a second file beside it.
   * One of them is in memory at a time.
   *
   * @param path where to; a file that is there is replaced once the new one is complete
   * @throws IOException if it cannot be written
   */
  public void write(Path path) throws IOException {
    OnnxFile.write(this, path, 0);
  }

  /**
   * {@return where {@link #write} puts the constants}
   *
   * @param path the ONNX file
   */
  public static Path constants(Path path) {
    return OnnxFile.dataPath(path.toAbsolutePath());
  }
}
