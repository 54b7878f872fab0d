package dev.keralens.onnx.write;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph, and what an ONNX file says of it that the graph does not.
 *
 * @param graph the graph
 * @param inputTypes the type of each input in the file; where the graph takes another, the file
 *     begins with a cast
 * @param outputNames the name of each output in the file; empty for those of the values
 * @param metadata what the file says about itself
 * @param opset the operator set of the file, from {@value #OLDEST_OPSET} to {@value #NEWEST_OPSET}
 * @param version the version of the program that writes; empty for none
 * @param halfWeights whether large constants are stored in half precision, each with a cast behind;
 *     what it cannot hold stays as it is
 * @param open what depends on sizes of the inputs that are left open
 */
public record ExportedGraph(
    Graph graph,
    List<ElementType> inputTypes,
    List<String> outputNames,
    Map<String, String> metadata,
    int opset,
    String version,
    boolean halfWeights,
    OpenSizes open) {
  /** The oldest operator set that is written. */
  public static final int OLDEST_OPSET = 17;

  /** The newest operator set that is written. */
  public static final int NEWEST_OPSET = 24;

  /** Takes unmodifiable copies. */
  public ExportedGraph {
    inputTypes = List.copyOf(inputTypes);
    outputNames = List.copyOf(outputNames);
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /** {@return a graph as it is, for the engine} */
  static ExportedGraph plain(Graph graph) {
    List<ElementType> types = graph.inputs().stream().map(Value::type).toList();
    return new ExportedGraph(
        graph, types, List.of(), Map.of(), Op.OPSET, "", false, OpenSizes.NONE);
  }

  /** {@return the version of ONNX's file format that came with the operator set} */
  int formatVersion() {
    return switch (opset) {
      case 17, 18 -> 8;
      case 19, 20 -> 9;
      case 21, 22 -> 10;
      case 23 -> 11;
      case 24 -> 12;
      default ->
          throw new IllegalArgumentException(
              "Files have the operator sets %d to %d, got %d."
                  .formatted(OLDEST_OPSET, NEWEST_OPSET, opset));
    };
  }
}
