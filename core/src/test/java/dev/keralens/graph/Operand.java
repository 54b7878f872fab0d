package dev.keralens.graph;

import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.Random;

/** What a specification row gives to its operator. */
public sealed interface Operand {
  /** A computed operand: an input of the test's graph. */
  record Fed(Shape shape, ElementType type, Sampler sampler, boolean differentiated)
      implements Operand {
    /** {@return this operand, not to be differentiated} */
    public Fed still() {
      return new Fed(shape, type, sampler, false);
    }

    /** {@return this operand with elements of another type} */
    public Fed as(ElementType other) {
      return new Fed(shape, other, sampler, differentiated && other.isFloating());
    }
  }

  /** An operand that is known when the graph is built. */
  record Known(Tensor tensor) implements Operand {}

  /** An optional operand that is left out. */
  record Missing() implements Operand {}

  /** {@return a differentiated operand with elements between -2 and 2} */
  static Fed x(int... shape) {
    return x(Sampler.between(-2, 2), shape);
  }

  /** {@return a differentiated operand} */
  static Fed x(Sampler sampler, int... shape) {
    return new Fed(Shape.of(shape), ElementType.FLOAT32, sampler, true);
  }

  /** {@return a constant with elements between -1 and 1} */
  static Known weights(int... shape) {
    return weights(Sampler.between(-1, 1), shape);
  }

  /** {@return a constant with sampled elements, the same for the same shape} */
  static Known weights(Sampler sampler, int... shape) {
    int count = (int) Tensor.elements(shape);
    return new Known(Tensor.of(sampler.sample(new Random(Arrays.hashCode(shape)), count), shape));
  }

  /** {@return a constant list of floats} */
  static Known floats(double... values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return new Known(Tensor.of(floats, values.length));
  }

  /** {@return a constant float of rank 0} */
  static Known scalar(double value) {
    return new Known(Tensor.scalar((float) value));
  }

  /** {@return a constant list of integers} */
  static Known ints(long... values) {
    return new Known(Tensor.of(values, values.length));
  }

  /** {@return constant integers of some shape} */
  static Known indices(int[] shape, long... values) {
    return new Known(Tensor.of(values, shape));
  }

  /** {@return an optional operand that is left out} */
  static Missing none() {
    return new Missing();
  }
}
