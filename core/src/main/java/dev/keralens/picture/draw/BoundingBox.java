package dev.keralens.picture.draw;

import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.util.Optional;

/**
 * A rectangle of pixels, such as the place of an object that a map points at.
 *
 * @param top its first row
 * @param left its first column
 * @param height the number of rows, at least 1
 * @param width the number of columns, at least 1
 */
public record BoundingBox(int top, int left, int height, int width) {
  /**
   * Checks the sizes.
   *
   * @param top its first row
   * @param left its first column
   * @param height the number of rows, at least 1
   * @param width the number of columns, at least 1
   * @throws IllegalArgumentException if there is no row or no column
   */
  public BoundingBox {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "A box has at least one pixel, got height " + height + " and width " + width + ".");
    }
  }

  /**
   * Finds the object that a map points at: the box around the largest connected part in which the
   * map is at least {@code threshold} times its maximum.
   *
   * <p>The rule of weakly supervised localization with class activation maps: Zhou et al. 2016,
   * "Learning Deep Features for Discriminative Localization", https://arxiv.org/abs/1512.04150,
   * section 3.2, with a threshold of 0.2. Pixels are connected along edges and corners.
   *
   * @param map (height, width) or (height, width, 1)
   * @param threshold above 0, at most 1
   * @return the box; none if no value of the map is above 0
   * @throws IllegalArgumentException if the map's shape is another, a value is NaN or infinite, or
   *     the threshold is outside its range
   */
  public static Optional<BoundingBox> of(Tensor map, double threshold) {
    return of(MapValues.ofMap(map), threshold);
  }

  /**
   * Finds the object that a map points at on a picture of another size: the map is resized
   * (bilinear, half-pixel centres) before {@link #of(Tensor, double)}.
   *
   * @param map (height, width) or (height, width, 1)
   * @param threshold above 0, at most 1
   * @param pictureHeight the picture's number of rows
   * @param pictureWidth the picture's number of columns
   * @return the box, in the picture's pixels; none if no value of the map is above 0
   * @throws IllegalArgumentException if the map's shape is another, a value is NaN or infinite, or
   *     the threshold is outside its range
   */
  public static Optional<BoundingBox> of(
      Tensor map, double threshold, int pictureHeight, int pictureWidth) {
    return of(
        MapValues.ofMap(map).resize(pictureHeight, pictureWidth, Interpolation.BILINEAR),
        threshold);
  }

  private static Optional<BoundingBox> of(MapValues map, double threshold) {
    if (!(threshold > 0 && threshold <= 1)) {
      throw new IllegalArgumentException(
          "The threshold is above 0 and at most 1, got " + threshold + ".");
    }
    float maximum = map.maximum();
    return maximum > 0
        ? Optional.of(new LargestPart(map, threshold * maximum).box())
        : Optional.empty();
  }

  /** {@return the number of pixels} */
  public long area() {
    return (long) height * width;
  }

  /**
   * {@return how far two boxes agree: the area that they share over the area that they cover
   * together, 0 to 1}
   *
   * @param other another box on the same picture
   */
  public double intersectionOverUnion(BoundingBox other) {
    long rows = Math.min(top + height, other.top + other.height) - (long) Math.max(top, other.top);
    long columns =
        Math.min(left + width, other.left + other.width) - (long) Math.max(left, other.left);
    long shared = Math.max(0, rows) * Math.max(0, columns);
    return (double) shared / (area() + other.area() - shared);
  }

  /**
   * {@return a picture with this box drawn on it} The line's outer edge is the box's.
   *
   * @param picture the picture
   * @param color the line's colour, 0xRRGGBB
   * @throws IllegalArgumentException if it is no such colour
   */
  public Picture draw(Picture picture, int color) {
    return Strokes.box(picture, this, Colors.check(color));
  }
}
