package dev.keralens.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.keralens.graph.Constant;
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

  /**
   * The model as ONNX Runtime takes it, without the constants that are left out.
   *
   * @return the serialized message
   */
  public byte[] bytes() {
    return proto.toByteArray();
  }
}
