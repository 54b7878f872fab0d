package dev.keralens;

import dev.keralens.tensor.Tensor;
import java.util.Arrays;

/** Which units of a model's output are explained: classes, for a classifier. */
public sealed interface Units {
  /**
   * The units with the highest scores, each image its own.
   *
   * @param count how many of each image, at least 1
   */
  record Top(int count) implements Units {
    /**
     * Checks the count.
     *
     * @param count how many of each image, at least 1
     */
    public Top {
      if (count < 1) {
        throw new IllegalArgumentException("At least one unit is explained, got " + count + ".");
      }
    }
  }

  /** Every unit, in order. */
  record All() implements Units {}

  /**
   * Given units.
   *
   * @param indices int64 (images, k), or (1, k) for the same ones of every image; with the other
   *     axes of the output between them, units for each place of it
   */
  record Given(Tensor indices) implements Units {
    /**
     * Checks the shape.
     *
     * @param indices int64 (images, k), or (1, k) for the same ones of every image; with the other
     *     axes of the output between them, units for each place of it
     */
    public Given {
      if (indices.rank() < 2 || indices.type().isFloating() || indices.size(-1) < 1) {
        throw new IllegalArgumentException(
            "Units are int64 of shape (images, k), got %s.".formatted(indices.typeAndShape()));
      }
    }
  }

  /**
   * {@return how many images these are the units of}
   *
   * @param images how many there are, where the units are the same for each
   */
  default int images(int images) {
    return this instanceof Given given && given.indices().size(0) > 1
        ? given.indices().size(0)
        : images;
  }

  /**
   * {@return the units with the highest scores of each image}
   *
   * @param count how many, at least 1
   */
  static Units top(int count) {
    return new Top(count);
  }

  /** {@return every unit of the output} */
  static Units all() {
    return new All();
  }

  /**
   * {@return the same units for every image}
   *
   * @param indices their places in the output, from 0
   */
  static Units of(int... indices) {
    long[] values = Arrays.stream(indices).asLongStream().toArray();
    return new Given(Tensor.of(values, 1, values.length));
  }

  /**
   * {@return units for each image, or for each place of an output that is a map}
   *
   * @param indices integers (images, k): their places in the output, from 0. Or, as
   *     keras-explainable's {@code indices_batch_dims} allows, (images, height, width, k): what is
   *     explained is the sum over the places, each with units of its own, such as the predicted
   *     class of each pixel
   */
  static Units each(Tensor indices) {
    return new Given(indices);
  }
}
