package dev.keralens.explain;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What stands for nothing: where a path to the input begins, what a hidden part of it is replaced
 * by. In units of the input, after preprocessing; it means the same for every method.
 */
public sealed interface Baseline {
  /** Zeros. */
  Baseline ZERO = of(0);

  /**
   * {@return the same number everywhere}
   *
   * @param value the number
   */
  static Baseline of(float value) {
    return new Uniform(value);
  }

  /**
   * {@return the same image for all images}
   *
   * @param row one row of the input's shape
   */
  static Baseline of(Tensor row) {
    return new Image(row);
  }

  /**
   * {@return of each image, the mean of each of its channels over all places. Of columns, which are
   * unlike, it is refused; of a table, the baseline is a row, such as the mean of other rows}
   */
  static Baseline mean() {
    return new Mean();
  }

  /** {@return of each image, its lowest value everywhere} */
  static Baseline lowest() {
    return new Extreme(Op.REDUCE_MIN);
  }

  /** {@return of each image, its highest value everywhere} */
  static Baseline highest() {
    return new Extreme(Op.REDUCE_MAX);
  }

  /**
   * {@return each image, blurred by a Gaussian whose standard deviation is a twentieth of each
   * side; columns are refused, as by {@link #mean}}
   */
  static Baseline blur() {
    return blur(1.0 / 20);
  }

  /**
   * {@return each image, blurred by a Gaussian}
   *
   * @param part its standard deviation along each axis, as a part of the number of places there;
   *     above 0
   */
  static Baseline blur(double part) {
    if (!(part > 0 && part <= 1)) {
      throw new IllegalArgumentException(
          "A blur is a part of the sides, above 0 and up to 1, got " + part + ".");
    }
    return new Blur(part);
  }

  /**
   * Adds the baseline to a graph.
   *
   * @param b the graph
   * @param input the input as the model has it, of which {@code image} has the axes
   * @param image the images: (rows, axes...)
   * @return what broadcasts to them
   * @throws IllegalArgumentException if an image was given that does not fit the input
   * @throws UnsupportedModelException if the input has columns, which have no mean and no blur
   */
  Value add(GraphBuilder b, KerasTensor input, Value image);

  /** The axes of the input's places, as the graph has them. */
  private static int[] places(KerasTensor input) {
    return Arrays.stream(input.placeAxes()).map(input::axisInGraph).toArray();
  }

  /** Refuses columns, of which no number stands for the one beside it. */
  private static void requireNeighbours(String name, KerasTensor input, Value image) {
    if (image.rank() == 2) {
      throw new UnsupportedModelException(
          String.format(
              Locale.ROOT,
              "A baseline of %s is of places that are alike, and the input %s has columns; take a"
                  + " number, or a row of them, such as the mean of each column of a background"
                  + " (--baseline FILE).",
              name,
              input.shape()));
    }
  }

  /** {@return whether it depends on the image} */
  default boolean ofImage() {
    return false;
  }

  /**
   * The same number everywhere.
   *
   * @param value the number
   */
  record Uniform(float value) implements Baseline {
    @Override
    public Value add(GraphBuilder b, KerasTensor input, Value image) {
      return b.scalar(value, image.type());
    }
  }

  /**
   * One image for all.
   *
   * @param row one row of the input's shape
   */
  record Image(Tensor row) implements Baseline {
    @Override
    public Value add(GraphBuilder b, KerasTensor input, Value image) {
      int[] shape = image.shape().sizes();
      int[] given = row.shape();
      boolean fits =
          given.length == shape.length
              && Arrays.equals(given, 1, given.length, shape, 1, shape.length)
              && given[0] == 1;
      if (!fits) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT, "A baseline is one row of the input %s, got %s.", input.shape(), row));
      }
      return b.cast(b.constant(row), image.type());
    }
  }

  /** The mean of each channel. */
  record Mean() implements Baseline {
    @Override
    public Value add(GraphBuilder b, KerasTensor input, Value image) {
      requireNeighbours("the mean", input, image);
      return b.reduceMean(image, true, places(input));
    }

    @Override
    public boolean ofImage() {
      return true;
    }
  }

  /**
   * One value of the image.
   *
   * @param reduction which
   */
  record Extreme(Op reduction) implements Baseline {
    @Override
    public Value add(GraphBuilder b, KerasTensor input, Value image) {
      return b.reduce(reduction, image, true, IntStream.range(1, image.rank()).toArray());
    }

    @Override
    public boolean ofImage() {
      return true;
    }
  }

  /**
   * The image, blurred along each axis of its places; what lies beyond the edge does not count.
   *
   * @param part the standard deviation as a part of the number of places
   */
  record Blur(double part) implements Baseline {
    @Override
    public Value add(GraphBuilder b, KerasTensor input, Value image) {
      requireNeighbours("a blur", input, image);
      Value blurred = image;
      int last = image.rank() - 1;
      for (int axis : places(input)) {
        int swapped = axis;
        int[] order =
            IntStream.rangeClosed(0, last)
                .map(i -> i == last ? swapped : i == swapped ? last : i)
                .toArray();
        Value rows = b.transpose(blurred, order);
        Value kernel = b.constant(kernel(image.shape().size(axis)));
        blurred = b.transpose(b.matMul(rows, b.cast(kernel, image.type())), order);
      }
      return b.reshape(blurred, image.shape());
    }

    private Tensor kernel(int places) {
      float[] weights = new float[Math.multiplyExact(places, places)];
      double deviation = part * places;
      for (int to = 0; to < places; to++) {
        double sum = 0;
        for (int from = 0; from < places; from++) {
          sum += gaussian((from - to) / deviation);
        }
        for (int from = 0; from < places; from++) {
          weights[from * places + to] = (float) (gaussian((from - to) / deviation) / sum);
        }
      }
      return Tensor.of(weights, places, places);
    }

    private static double gaussian(double x) {
      return Math.exp(-x * x / 2);
    }

    @Override
    public boolean ofImage() {
      return true;
    }
  }
}
