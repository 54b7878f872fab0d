package dev.keralens.graph;

import java.util.Arrays;
import java.util.Random;

/**
 * Draws the elements of an operand. Numbers lie on a grid of 1/256, so that adding a step to them
 * is exact.
 */
@FunctionalInterface
public interface Sampler {
  /** {@return as many numbers as are asked for} */
  float[] sample(Random random, int count);

  /** {@return numbers between two bounds} */
  static Sampler between(double low, double high) {
    return (random, count) -> {
      float[] out = new float[count];
      for (int i = 0; i < count; i++) {
        out[i] = Math.round((low + (high - low) * random.nextDouble()) * 256) / 256f;
      }
      return out;
    };
  }

  /** {@return numbers between -3 and 3 that stay 1/8 away from given ones} */
  static Sampler awayFrom(double... kinks) {
    return (random, count) -> {
      float[] out = new float[count];
      for (int i = 0; i < count; i++) {
        do {
          out[i] = between(-3, 3).sample(random, 1)[0];
        } while (near(out[i], kinks));
      }
      return out;
    };
  }

  private static boolean near(float x, double... kinks) {
    return Arrays.stream(kinks).anyMatch(kink -> Math.abs(x - kink) < 0.125);
  }

  /** {@return numbers of which each two lie at least 1/4 apart, around zero} */
  static Sampler distinct() {
    return (random, count) -> {
      float[] out = new float[count];
      for (int i = 0; i < count; i++) {
        int j = random.nextInt(i + 1);
        out[i] = out[j];
        out[j] = (i - count / 2) / 4f + 1 / 8f;
      }
      return out;
    };
  }

  /** {@return whole numbers from zero up to, and without, a bound} */
  static Sampler below(int bound) {
    return (random, count) -> {
      float[] out = new float[count];
      for (int i = 0; i < count; i++) {
        out[i] = random.nextInt(bound);
      }
      return out;
    };
  }
}
