package dev.keralens.network;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One layer of a network, with every place where it is called. */
public final class Layer {
  private final String name;
  private final String className;
  private final List<Call> calls;
  private final Map<String, Constant> weights;

  /**
   * Takes unmodifiable copies.
   *
   * @param name the name
   * @param className Keras' name of its class
   * @param calls its calls
   * @param weights its own weights
   */
  public Layer(String name, String className, List<Call> calls, Map<String, Constant> weights) {
    this.name = name;
    this.className = className;
    this.calls = List.copyOf(calls);
    this.weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
  }

  /** {@return the name; inside nested models the path, such as {@code backbone/conv5}} */
  public String name() {
    return name;
  }

  /** {@return Keras' name of its class, such as {@code Conv2D}; the operator for ONNX models} */
  public String className() {
    return className;
  }

  /** {@return what goes in and comes out at each call, in order; a shared layer has several} */
  public List<Call> calls() {
    return calls;
  }

  /** {@return its own weights by Keras' name of them, such as {@code kernel}} */
  public Map<String, Constant> weights() {
    return weights;
  }

  /** One call of a layer. */
  public static final class Call {
    private final List<KerasTensor> inputs;
    private final List<KerasTensor> outputs;

    /**
     * Takes unmodifiable copies.
     *
     * @param inputs what goes in
     * @param outputs what comes out
     */
    public Call(List<KerasTensor> inputs, List<KerasTensor> outputs) {
      this.inputs = List.copyOf(inputs);
      this.outputs = List.copyOf(outputs);
    }

    /** {@return what it reads} */
    public List<KerasTensor> inputs() {
      return inputs;
    }

    /** {@return what it gives} */
    public List<KerasTensor> outputs() {
      return outputs;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Call that
          && inputs.equals(that.inputs)
          && outputs.equals(that.outputs);
    }

    @Override
    public int hashCode() {
      return Objects.hash(inputs, outputs);
    }

    @Override
    public String toString() {
      return "Call[inputs=%s, outputs=%s]".formatted(inputs, outputs);
    }
  }

  /** {@return the number of elements of all its own weights, trainable or not} */
  public long parameters() {
    return weights.values().stream().mapToLong(weight -> Shape.of(weight.shape()).elements()).sum();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Layer that
        && name.equals(that.name)
        && className.equals(that.className)
        && calls.equals(that.calls)
        && weights.equals(that.weights);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, className, calls, weights);
  }

  @Override
  public String toString() {
    return "Layer[name=%s, className=%s, calls=%s, weights=%s]"
        .formatted(name, className, calls, weights);
  }
}
