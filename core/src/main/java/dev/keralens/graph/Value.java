package dev.keralens.graph;

import dev.keralens.tensor.ElementType;
import dev.keralens.text.Printable;

/**
 * What flows along an edge of a graph: an input, a constant, or one output of a node. Values are
 * compared by identity; graphs that were made from one another share them.
 */
public final class Value {
  private final String name;
  private final ElementType type;
  private final Shape shape;

  public Value(String name, ElementType type, Shape shape) {
    this.name = name;
    this.type = type;
    this.shape = shape;
  }

  /** {@return the name, unique in its graph} */
  public String name() {
    return name;
  }

  /** {@return the type of the elements} */
  public ElementType type() {
    return type;
  }

  /** {@return the size of each axis} */
  public Shape shape() {
    return shape;
  }

  /** {@return the number of axes} */
  public int rank() {
    return shape.rank();
  }

  /** {@return the name, type and shape} */
  @Override
  public String toString() {
    return Printable.name(name) + ": " + type + shape;
  }
}
