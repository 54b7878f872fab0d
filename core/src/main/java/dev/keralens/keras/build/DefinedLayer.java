package dev.keralens.keras.build;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A layer of a {@link ModelDefinition}. */
public final class DefinedLayer {
  private final String name;
  private final String className;
  private final List<Integer> outputShape;
  private final long parameters;

  DefinedLayer(String name, String className, List<Integer> outputShape, long parameters) {
    this.name = name;
    this.className = className;
    this.outputShape = outputShape;
    this.parameters = parameters;
  }

  /** {@return the layer's name} */
  public String name() {
    return name;
  }

  /** {@return Keras' name of its class, such as {@code Conv2D}} */
  public String className() {
    return className;
  }

  /**
   * {@return what its first call gives, without the batch, {@link ModelBuilder#OPEN} where a size
   * is open}
   */
  public List<Integer> outputShape() {
    return outputShape;
  }

  /** {@return the number of elements of its weights and those of the layers inside it} */
  public long parameters() {
    return parameters;
  }

  static DefinedLayer of(Operation operation) {
    int[] shape = operation.calls().get(0).shape();
    return new DefinedLayer(
        operation.name(),
        operation.className(),
        java.util.Arrays.stream(shape).boxed().toList(),
        operation.weights().stream().mapToLong(held -> held.weight().elements()).sum());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DefinedLayer that
        && name.equals(that.name)
        && className.equals(that.className)
        && outputShape.equals(that.outputShape)
        && parameters == that.parameters;
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, className, outputShape, parameters);
  }

  @Override
  public String toString() {
    return "DefinedLayer[name=%s, className=%s, outputShape=%s, parameters=%s]"
        .formatted(name, className, outputShape, parameters);
  }
}
