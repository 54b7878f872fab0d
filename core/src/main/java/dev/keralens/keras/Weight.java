package dev.keralens.keras;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A weight of a layer, as the file stores it or rearranged. Nothing is read until the graph that
 * uses it is compiled.
 *
 * <pre>{@code
 * Value kernel = layer.weight("kernel").transpose(1, 0).value();
 * }</pre>
 */
public final class Weight {
  private final String name;
  private final String form;
  private final ElementType type;
  private final int[] shape;
  private final Constant.Source source;
  private final Function<Weight, Value> values;

  /**
   * Makes a weight.
   *
   * @param name Keras' name of it
   * @param form what was done to it, which tells its forms apart
   * @param type the type of its elements
   * @param shape the size of each axis
   * @param source gives its elements
   * @param values makes it a value of the graph
   */
  public Weight(
      String name,
      String form,
      ElementType type,
      int[] shape,
      Constant.Source source,
      Function<Weight, Value> values) {
    this.name = name;
    this.form = form;
    this.type = type;
    this.shape = shape;
    this.source = source;
    this.values = values;
  }

  /** {@return Keras' name of it, such as {@code kernel}} */
  public String name() {
    return name;
  }

  /** {@return the size of each axis} */
  public int[] shape() {
    return shape.clone();
  }

  /** {@return the number of axes} */
  public int rank() {
    return shape.length;
  }

  /**
   * {@return this weight with its axes in another order}
   *
   * @param axes the axis of this weight that each axis of the result is
   */
  public Weight transpose(int... axes) {
    int[] sizes = Arrays.stream(axes).map(axis -> shape[axis]).toArray();
    return map("transpose" + Arrays.toString(axes), sizes, tensor -> tensor.transpose(axes));
  }

  /**
   * {@return this weight in another shape}
   *
   * @param sizes the size of each axis
   * @throws IllegalArgumentException if the number of elements differs
   */
  public Weight reshape(int... sizes) {
    if (Tensor.elements(sizes) != Tensor.elements(shape)) {
      throw new IllegalArgumentException(
          "%s has the shape %s, which cannot become %s."
              .formatted(name, Tensor.describe(shape), Tensor.describe(sizes)));
    }
    return map("reshape" + Arrays.toString(sizes), sizes, tensor -> tensor.reshape(sizes));
  }

  /**
   * {@return a weight that is computed from this one}
   *
   * @param how what is computed, different for each different function: weights of the same name
   *     and form are one constant of the graph
   * @param sizes the shape of the result
   * @param function computes it; called whenever a graph is compiled, from any thread
   */
  public Weight map(String how, int[] sizes, UnaryOperator<Tensor> function) {
    return new Weight(
        name, form + "." + how, type, sizes.clone(), () -> function.apply(source.read()), values);
  }

  /** {@return the constant of the graph, named after the layer and the weight} */
  public Value value() {
    return values.apply(this);
  }

  /** {@return what tells it from other forms of the same weight} */
  public String form() {
    return form;
  }

  /** {@return its elements, which are read when they are needed} */
  public Constant constant() {
    return Constant.deferred(type, shape, source);
  }

  /** {@return the name and the shape} */
  @Override
  public String toString() {
    return name + Tensor.describe(shape);
  }
}
