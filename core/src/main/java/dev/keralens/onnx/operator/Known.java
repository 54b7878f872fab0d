package dev.keralens.onnx.operator;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;

/** What is known of a value of the file while its graph is built. */
public sealed interface Known {
  /** {@return the type of the elements} */
  ElementType type();

  /** {@return the size of each axis} */
  Shape shape();

  /**
   * What the graph computes.
   *
   * @param value where
   */
  record Computed(Value value) implements Known {
    @Override
    public ElementType type() {
      return value.type();
    }

    @Override
    public Shape shape() {
      return value.shape();
    }
  }

  /**
   * What stands in the file, or follows from that alone.
   *
   * @param name its name in the file
   * @param constant the elements
   */
  record Weight(String name, Constant constant) implements Known {
    @Override
    public ElementType type() {
      return constant.type();
    }

    @Override
    public Shape shape() {
      return Shape.of(constant.shape());
    }
  }

  /**
   * The same number everywhere, in a shape that may depend on the batch.
   *
   * @param type the type of the elements
   * @param shape the shape
   * @param number the number
   */
  record Uniform(ElementType type, Shape shape, double number) implements Known {}

  /**
   * A few numbers, each of which may depend on the batch: sizes, and what is computed from them.
   *
   * @param numbers the numbers
   */
  record Folded(Numbers numbers) implements Known {
    @Override
    public ElementType type() {
      return numbers.type();
    }

    @Override
    public Shape shape() {
      return Shape.of(numbers.shape());
    }
  }

  /**
   * What the graph computes, with the batch hidden behind other rows.
   *
   * @param value (places, batch, features...) in the graph
   * @param shape how the file shows it: (places * batch, features...); without the batch where the
   *     file fixes it to one
   */
  record Merged(Value value, Shape shape) implements Known {
    @Override
    public ElementType type() {
      return value.type();
    }
  }

  /**
   * What is not to be had.
   *
   * @param why the reason, for the message where it is used
   */
  record Missing(String why) implements Known {
    @Override
    public ElementType type() {
      throw new IllegalArgumentException(why);
    }

    @Override
    public Shape shape() {
      throw new IllegalArgumentException(why);
    }
  }
}
