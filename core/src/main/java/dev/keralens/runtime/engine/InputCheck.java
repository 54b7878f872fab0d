package dev.keralens.runtime.engine;

import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.List;

/** Compares what is fed to a graph with what it takes. */
final class InputCheck {
  private static final int UNKNOWN = -1;

  private InputCheck() {}

  /**
   * {@return the size of the batch; one where no input has a batch}
   *
   * @throws IllegalArgumentException if the number of tensors, a type, a shape or the batches
   *     differ from what the graph takes
   */
  static int batch(List<Value> inputs, List<Tensor> tensors) {
    if (tensors.size() != inputs.size()) {
      throw new IllegalArgumentException(
          "The number of inputs is %d, got %d tensors.".formatted(inputs.size(), tensors.size()));
    }
    int batch = UNKNOWN;
    for (int i = 0; i < tensors.size(); i++) {
      Value input = inputs.get(i);
      int rows = rows(input, tensors.get(i));
      if (rows != UNKNOWN && batch != UNKNOWN && rows != batch) {
        throw new IllegalArgumentException(
            "Input '%s' has a batch of %d, the inputs before it have one of %d."
                .formatted(input.name(), rows, batch));
      }
      batch = rows == UNKNOWN ? batch : rows;
    }
    return batch == UNKNOWN ? 1 : batch;
  }

  private static int rows(Value input, Tensor tensor) {
    Shape shape = input.shape();
    int axis = shape.batchAxis();
    boolean fits = tensor.type() == input.type() && tensor.rank() == shape.rank();
    int rows = UNKNOWN;
    if (fits && axis >= 0) {
      rows = tensor.size(axis) / -shape.size(axis);
      fits = rows > 0;
    }
    if (!fits || !Shape.of(tensor.shape()).equals(Shape.of(shape.forBatch(Math.max(rows, 1))))) {
      throw new IllegalArgumentException(
          "Input '%s' takes %s of shape %s, got %s."
              .formatted(input.name(), input.type(), shape, tensor.typeAndShape()));
    }
    return rows;
  }

  /**
   * Refuses a batch whose outputs a tensor cannot hold.
   *
   * @throws IllegalArgumentException if an output has 2<sup>31</sup> bytes or more
   */
  static void outputs(List<Value> outputs, int batch) {
    for (Value output : outputs) {
      long rows = output.shape().hasBatch() ? batch : 1;
      long bytes = output.shape().elements() * rows * output.type().bytes();
      if (bytes > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "A batch of %d makes the output '%s' %d bytes long, and a tensor holds at most %d. Use a"
                    .formatted(batch, output.name(), bytes, Integer.MAX_VALUE)
                + " smaller batch.");
      }
    }
  }
}
