package dev.keralens.picture.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.Picture;
import dev.keralens.picture.draw.Contour.Point;
import dev.keralens.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContourTest {
  /** A cone: 10 at the middle, one less for each pixel of distance. */
  private static Tensor cone(int size) {
    float[] values = new float[size * size];
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        values[row * size + column] =
            (float) (10 - Math.hypot(row + 0.5 - size / 2.0, column + 0.5 - size / 2.0));
      }
    }
    return Tensor.of(values, size, size);
  }

  /** Twice the area inside a closed line, positive where it runs anticlockwise. */
  private static double turn(Contour contour) {
    double sum = 0;
    List<Point> points = contour.points();
    for (int i = 0; i < points.size(); i++) {
      Point a = points.get(i);
      Point b = points.get((i + 1) % points.size());
      sum += b.x() * a.y() - a.x() * b.y();
    }
    return sum;
  }

  @Test
  void of_coneGivesACircle() {
    List<Contour> contours = Contour.of(cone(21), 4);
    assertEquals(1, contours.size());
    Contour circle = contours.get(0);
    assertTrue(circle.closed());
    for (Point point : circle.points()) {
      assertEquals(6, Math.hypot(point.x() - 10.5, point.y() - 10.5), 0.03);
    }
    assertEquals(2 * Math.PI * 36, turn(circle), 3);
  }

  @Test
  void of_lineThatMeetsTheBorderIsOpen() {
    List<Contour> contours = Contour.of(Tensor.of(new float[] {0, 1, 0, 1, 0, 1}, 3, 2), 0.25);
    assertEquals(1, contours.size());
    assertFalse(contours.get(0).closed());
    // The picture's right side is high, and on the left of who goes down.
    assertEquals(
        List.of(new Point(0.75, 0.5), new Point(0.75, 1.5), new Point(0.75, 2.5)),
        contours.get(0).points());
  }

  @Test
  void of_saddleIsJoinedByItsMean() {
    Tensor joined = Tensor.of(new float[] {1, 0.4f, 0.4f, 1}, 2, 2);
    Tensor parted = Tensor.of(new float[] {0.6f, 0, 0, 0.6f}, 2, 2);
    // Joined, the lines cut the low corners off; parted, the high ones.
    assertEquals(Set.of("upper right", "lower left"), corners(Contour.of(joined, 0.5)));
    assertEquals(Set.of("upper left", "lower right"), corners(Contour.of(parted, 0.5)));
  }

  /** The corners of a square of four pixels that lines cut off. */
  private static Set<String> corners(List<Contour> contours) {
    Set<String> corners = new HashSet<>();
    for (Contour contour : contours) {
      Point a = contour.points().get(0);
      Point b = contour.points().get(1);
      corners.add(
          (a.y() + b.y() < 2 ? "upper" : "lower") + (a.x() + b.x() < 2 ? " left" : " right"));
    }
    return corners;
  }

  @Test
  void of_everyPointHasTheLevel() {
    Random random = new Random(5);
    for (int round = 0; round < 20; round++) {
      int height = 2 + random.nextInt(9);
      int width = 2 + random.nextInt(9);
      float[] values = new float[height * width];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextFloat();
      }
      for (Contour contour : Contour.of(Tensor.of(values, height, width), 0.5)) {
        for (Point point : contour.points()) {
          assertEquals(0.5, at(values, width, point), 1e-5);
        }
        if (!contour.closed()) {
          assertOnBorder(contour.points().get(0), height, width);
          assertOnBorder(contour.points().get(contour.points().size() - 1), height, width);
        }
      }
    }
  }

  /** The value between two neighbouring pixels' centres. */
  private static double at(float[] values, int width, Point point) {
    int column = (int) Math.floor(point.x() - 0.5);
    int row = (int) Math.floor(point.y() - 0.5);
    double right = point.x() - 0.5 - column;
    double down = point.y() - 0.5 - row;
    assertTrue(right == 0 || down == 0, point::toString);
    int first = row * width + column;
    int second = right > 0 ? first + 1 : down > 0 ? first + width : first;
    double share = Math.max(right, down);
    return values[first] * (1 - share) + values[second] * share;
  }

  private static void assertOnBorder(Point point, int height, int width) {
    assertTrue(
        point.x() == 0.5
            || point.y() == 0.5
            || point.x() == width - 0.5
            || point.y() == height - 0.5,
        point::toString);
  }

  @Test
  void of_mapBelowTheLevelHasNone() {
    assertEquals(List.of(), Contour.of(cone(5), 11));
    assertEquals(List.of(), Contour.of(Tensor.of(new float[] {1, 1, 1, 1}, 2, 2), 0.5));
    assertThrows(IllegalArgumentException.class, () -> Contour.of(cone(5), Double.NaN));
  }

  @Test
  void contours_areDrawnWhereTheLevelIs() {
    Picture ground = Picture.ofTensor(Tensor.of(new float[63 * 63 * 3], 63, 63, 3));
    Picture drawn = Contours.create().levels(0.5).color(0xFF0000).draw(ground, cone(63));
    // The highest pixel has 10, so half of it lies five pixels from the middle.
    assertTrue(drawn.sample(31, 26, 0) > 100, () -> "got " + drawn.sample(31, 26, 0));
    assertEquals(0, drawn.sample(31, 31, 0));
    assertEquals(0, drawn.sample(5, 5, 0));
    assertEquals(
        ground, Contours.create().draw(ground, Tensor.of(new float[] {0, -1, 0, -1}, 2, 2)));
  }

  @Test
  void contours_badSettingsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Contours.create().levels(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> Contours.create().color(-1));
    assertThrows(IllegalArgumentException.class, () -> Contours.create().lineWidth(-1));
  }
}
