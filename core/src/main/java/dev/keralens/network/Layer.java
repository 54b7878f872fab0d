package dev.keralens.network;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One layer of a network, with every place where it is called.
 *
 * @param name the name; inside nested models the path, such as {@code backbone/conv5}
 * @param className Keras' name of its class, such as {@code Conv2D}; the operator for ONNX models
 * @param calls what goes in and comes out at each call, in order; a shared layer has several
 * @param weights its own weights by Keras' name of them, such as {@code kernel}
 */
public record Layer(
    String name, String className, List<Call> calls, Map<String, Constant> weights) {
  /**
   * Takes unmodifiable copies.
   *
   * @param name the name
   * @param className Keras' name of its class
   * @param calls its calls
   * @param weights its own weights
   */
  public Layer {
    calls = List.copyOf(calls);
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
  }

  /**
   * One call of a layer.
   *
   * @param inputs what it reads
   * @param outputs what it gives
   */
  public record Call(List<KerasTensor> inputs, List<KerasTensor> outputs) {
    /**
     * Takes unmodifiable copies.
     *
     * @param inputs what goes in
     * @param outputs what comes out
     */
    public Call {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
    }
  }

  /** {@return the number of elements of all its own weights, trainable or not} */
  public long parameters() {
    return weights.values().stream().mapToLong(weight -> Shape.of(weight.shape()).elements()).sum();
  }
}
