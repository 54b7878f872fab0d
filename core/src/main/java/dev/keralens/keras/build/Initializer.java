package dev.keralens.keras.build;

import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;

/** How the elements of a weight are chosen before training. */
public sealed interface Initializer {
  /** Keras' default for kernels: uniform, with the variance 2 / (fan in + fan out). */
  Initializer GLOROT_UNIFORM = new VarianceScaling(1, Fan.AVERAGE, Distribution.UNIFORM);

  /** Truncated normal, with the variance 2 / fan in. */
  Initializer HE_NORMAL = new VarianceScaling(2, Fan.IN, Distribution.TRUNCATED_NORMAL);

  /** Uniform, with the variance 2 / fan in. */
  Initializer HE_UNIFORM = new VarianceScaling(2, Fan.IN, Distribution.UNIFORM);

  /** Keras' default for biases. */
  Initializer ZEROS = new Constant(0);

  /** Keras' default for factors and variances. */
  Initializer ONES = new Constant(1);

  /**
   * {@return the elements of a weight}
   *
   * @param shape the size of each axis; of a kernel, the last two are those of inputs and outputs
   * @param seed the same seed gives the same elements
   */
  Tensor tensor(int[] shape, long seed);

  /** What the variance of {@link VarianceScaling} is divided by. */
  enum Fan {
    /** The number of inputs of one output. */
    IN,
    /** The number of outputs of one input. */
    OUT,
    /** The mean of both. */
    AVERAGE
  }

  /** The distribution that {@link VarianceScaling} draws from. */
  enum Distribution {
    /** Uniform around 0. */
    UNIFORM,
    /** Normal around 0, without what lies more than two standard deviations away. */
    TRUNCATED_NORMAL
  }

  /**
   * All elements alike.
   *
   * @param value the value of each element
   */
  record Constant(double value) implements Initializer {
    @Override
    public Tensor tensor(int[] shape, long seed) {
      float[] values = new float[Math.toIntExact(Tensor.elements(shape))];
      Arrays.fill(values, (float) value);
      return Tensor.of(values, shape);
    }
  }

  /**
   * Random elements around 0 with the variance scale / fan.
   *
   * @param scale above 0
   * @param fan the divisor
   * @param distribution what is drawn from
   */
  record VarianceScaling(double scale, Fan fan, Distribution distribution) implements Initializer {
    /** The standard deviation of a standard normal distribution cut at two deviations. */
    private static final double CUT_DEVIATION = 0.8796256610342398;

    @Override
    public Tensor tensor(int[] shape, long seed) {
      double variance = scale / Math.max(1, fan(shape));
      float[] values = new float[Math.toIntExact(Tensor.elements(shape))];
      SplittableRandom random = new SplittableRandom(seed);
      if (distribution == Distribution.UNIFORM) {
        double limit = Math.sqrt(3 * variance);
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) ((2 * random.nextDouble() - 1) * limit);
        }
      } else {
        double deviation = Math.sqrt(variance) / CUT_DEVIATION;
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (cutNormal(random) * deviation);
        }
      }
      return Tensor.of(values, shape);
    }

    private static double cutNormal(SplittableRandom random) {
      double value = random.nextGaussian();
      while (Math.abs(value) > 2) {
        value = random.nextGaussian();
      }
      return value;
    }

    private double fan(int[] shape) {
      int rank = shape.length;
      double in = rank == 0 ? 1 : rank == 1 ? shape[0] : shape[rank - 2];
      double out = rank == 0 ? 1 : shape[rank - 1];
      for (int axis = 0; axis < rank - 2; axis++) {
        in *= shape[axis];
        out *= shape[axis];
      }
      return switch (fan) {
        case IN -> in;
        case OUT -> out;
        case AVERAGE -> (in + out) / 2;
      };
    }
  }
}
