package dev.keralens.runtime.engine;

import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Some rows of what is fed to a graph, and what it gives for parts of a batch as one. */
final class BatchRows {
  private BatchRows() {}

  /**
   * {@return rows of all inputs}
   *
   * @param inputs the inputs of the graph
   * @param tensors what is fed
   * @param from the first row
   * @param to the row after the last
   */
  static List<Tensor> of(List<Value> inputs, List<Tensor> tensors, int from, int to) {
    List<Tensor> rows = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) {
      Shape shape = inputs.get(i).shape();
      Tensor tensor = tensors.get(i);
      rows.add(
          shape.batchAxis() == 0
              ? tensor.rows(-shape.size(0) * from, -shape.size(0) * to)
              : tensor);
    }
    return rows;
  }

  /**
   * {@return the outputs for the whole batch}
   *
   * @param outputs the outputs of the graph
   * @param parts the outputs for each part of the batch, in order
   */
  static List<Tensor> joined(List<Value> outputs, List<List<Tensor>> parts) {
    if (parts.size() == 1) {
      return parts.get(0);
    }
    List<Tensor> joined = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      int output = i;
      joined.add(
          outputs.get(i).shape().hasBatch()
              ? Tensor.concat(parts.stream().map(part -> part.get(output)).toList())
              : parts.get(0).get(output));
    }
    return joined;
  }
}
