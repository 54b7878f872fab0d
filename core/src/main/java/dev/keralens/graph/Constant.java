package dev.keralens.graph;

import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that is known when the graph is built. Weights are deferred: they are read, or derived
 * from other weights, when a graph is compiled, and not kept here.
 */
public final class Constant {
  private final ElementType type;
  private final int[] shape;
  private final @Nullable Tensor tensor;
  private final Supplier<Tensor> source;

  private Constant(
      ElementType type, int[] shape, @Nullable Tensor tensor, Supplier<Tensor> source) {
    this.type = type;
    this.shape = shape;
    this.tensor = tensor;
    this.source = source;
  }

  /**
   * {@return a constant that holds its tensor}
   *
   * @param tensor the elements
   */
  public static Constant of(Tensor tensor) {
    return new Constant(tensor.type(), tensor.shape(), tensor, () -> tensor);
  }

  /**
   * {@return a constant that reads or computes its tensor whenever it is asked}
   *
   * @param type the type of the elements
   * @param shape the size of each axis
   * @param source gives the same elements at each call, and may be called from any thread
   */
  public static Constant deferred(ElementType type, int[] shape, Supplier<Tensor> source) {
    return new Constant(type, shape.clone(), null, source);
  }

  /** {@return the type of the elements} */
  public ElementType type() {
    return type;
  }

  /** {@return the size of each axis} */
  public int[] shape() {
    return shape.clone();
  }

  /** {@return whether the elements are at hand, not to be read or computed first} */
  public boolean isHeld() {
    return tensor != null;
  }

  /**
   * {@return the elements}
   *
   * @throws IllegalStateException if the source gives another type or shape than it was announced
   *     to
   */
  public Tensor tensor() {
    Tensor result = source.get();
    if (result.type() != type || !Shape.of(shape).equals(Shape.of(result.shape()))) {
      throw new IllegalStateException(
          "A constant of type %s and shape %s was read as %s."
              .formatted(type, Tensor.describe(shape), result));
    }
    return result;
  }
}
