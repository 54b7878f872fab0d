package dev.keralens.picture;

import dev.keralens.tensor.Tensor;
import dev.keralens.text.Names;

/**
 * How a picture is resized, with the names of Keras' {@code load_img}, which are Pillow's filters.
 *
 * <p>All but {@link #NEAREST} average over the pixels that a target pixel covers when they shrink a
 * picture (the filter's support is scaled), so nothing aliases. TensorFlow's {@code
 * tf.image.resize} does not, unless told to: the two differ.
 */
public enum Interpolation {
  /** The pixel whose area holds the target pixel's centre. */
  NEAREST(0) {
    @Override
    double weight(double x) {
      throw new IllegalStateException("nearest is not a filter");
    }
  },
  /** Each source pixel weighs the same over its area. */
  BOX(0.5) {
    @Override
    double weight(double x) {
      return x > -0.5 && x <= 0.5 ? 1 : 0;
    }
  },
  /** A triangle of support 1. */
  BILINEAR(1) {
    @Override
    double weight(double x) {
      double d = Math.abs(x);
      return d < 1 ? 1 - d : 0;
    }
  },
  /** A sinc of support 1 under a Hamming window. */
  HAMMING(1) {
    @Override
    double weight(double x) {
      double d = Math.abs(x);
      if (d >= 1) {
        return 0;
      }
      // Pillow's window constants are single precision.
      return sinc(d) * (0.54f + 0.46f * Math.cos(Math.PI * d));
    }
  },
  /** Keys' cubic convolution of support 2, with a = -0.5. */
  BICUBIC(2) {
    @Override
    double weight(double x) {
      double d = Math.abs(x);
      if (d < 1) {
        return (1.5 * d - 2.5) * d * d + 1;
      }
      return d < 2 ? (((d - 5) * d + 8) * d - 4) * -0.5 : 0;
    }
  },
  /** A sinc of support 3 under a sinc window. */
  LANCZOS(3) {
    @Override
    double weight(double x) {
      return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0;
    }
  };

  private final double support;

  Interpolation(double support) {
    this.support = support;
  }

  /** Half the filter's width, in pixels of the coarser of source and target. */
  double support() {
    return support;
  }

  /** The filter's value at a distance from its centre. */
  abstract double weight(double x);

  /**
   * {@return the interpolation of a name}
   *
   * @param name the name, in any case
   * @throws IllegalArgumentException if there is none of that name; the message holds the closest
   */
  public static Interpolation of(String name) {
    return Names.constant(Interpolation.class, "interpolation", name);
  }

  /**
   * {@return a map in another size} Sums are made in double precision, and each of the two passes
   * is stored as float, as Pillow does in its mode F.
   *
   * @param map (height, width) or (height, width, 1)
   * @param height the number of rows
   * @param width the number of columns
   * @throws IllegalArgumentException if the map's shape is another or a size is below 1
   */
  public Tensor resize(Tensor map, int height, int width) {
    if (map.rank() != 2 && !(map.rank() == 3 && map.size(2) == 1)) {
      throw new IllegalArgumentException(
          "A map is (height, width) or (height, width, 1), got " + map + ".");
    }
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "A map is at least 1 x 1, got " + height + " x " + width + ".");
    }
    Plane plane = new Plane(map.size(0), map.size(1), map.toFloatArray());
    return Tensor.of(plane.resize(height, width, this).values(), height, width);
  }

  private static double sinc(double x) {
    if (x == 0) {
      return 1;
    }
    double angle = Math.PI * x;
    return Math.sin(angle) / angle;
  }
}
