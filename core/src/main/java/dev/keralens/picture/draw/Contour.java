package dev.keralens.picture.draw;

import dev.keralens.tensor.Tensor;
import java.util.List;

/**
 * A line along which a map has one value.
 *
 * <p>It is found by marching squares: between neighbouring pixels' centres the map is taken to be
 * linear; where a square is a saddle, its mean decides which corners belong together.
 *
 * @param level the value
 * @param closed whether the line ends where it begins; others end at the map's border
 * @param points its points, with the values above the level on the left of the way (as seen on the
 *     picture)
 */
record Contour(double level, boolean closed, List<Point> points) {
  /**
   * A place on a map, in pixels; the centre of the upper left pixel is (0.5, 0.5).
   *
   * @param x from the left
   * @param y from the top
   */
  public record Point(double x, double y) {}

  /**
   * Copies the points.
   *
   * @param level the value
   * @param closed whether the line ends where it begins
   * @param points its points
   */
  public Contour {
    points = List.copyOf(points);
  }

  /**
   * {@return all lines of a map at a level}
   *
   * @param map (height, width) or (height, width, 1)
   * @param level the value
   * @throws IllegalArgumentException if the map's shape is another, or a value or the level is NaN
   *     or infinite
   */
  public static List<Contour> of(Tensor map, double level) {
    if (!Double.isFinite(level)) {
      throw new IllegalArgumentException("A contour's level is a number, got " + level + ".");
    }
    return new MarchingSquares(MapValues.ofMap(map), level).contours();
  }
}
