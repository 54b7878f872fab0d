package dev.keralens.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One application of an operator.
 *
 * @param op the operator
 * @param attributes its attributes
 * @param inputs its inputs in ONNX's order; null where an optional one is left out
 * @param outputs its outputs in ONNX's order
 */
public record Node(
    Op op, Attributes attributes, List<@Nullable Value> inputs, List<Value> outputs) {
  /** Takes unmodifiable copies of the lists. */
  public Node {
    inputs = Collections.unmodifiableList(new ArrayList<>(inputs));
    outputs = List.copyOf(outputs);
  }

  /** What makes two nodes the same: everything but the values that they give. */
  record Key(Op op, Attributes attributes, int outputs, List<@Nullable Value> inputs) {
    Key {
      inputs = Collections.unmodifiableList(new ArrayList<>(inputs));
    }
  }

  /**
   * {@return an input}
   *
   * @param index its position in ONNX's order
   * @throws IllegalStateException if it is left out
   */
  public Value input(int index) {
    Value value = optionalInput(index);
    if (value == null) {
      throw new IllegalStateException("Input %d of %s is missing.".formatted(index, this));
    }
    return value;
  }

  /**
   * {@return an input, or null where it is left out}
   *
   * @param index its position in ONNX's order
   */
  public @Nullable Value optionalInput(int index) {
    return index < inputs.size() ? inputs.get(index) : null;
  }

  /** {@return the first output} */
  public Value output() {
    return outputs.get(0);
  }

  /** {@return the operator, the names and shapes of its inputs, and its attributes} */
  @Override
  public String toString() {
    return inputs.stream()
        .map(value -> value == null ? "-" : value.toString())
        .collect(Collectors.joining(", ", op.onnxName() + "(", ") " + attributes));
  }
}
