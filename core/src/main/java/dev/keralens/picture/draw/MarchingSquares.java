package dev.keralens.picture.draw;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the contours of a plane at one level.
 *
 * <p>Every square of four neighbouring pixels gives directed segments from one of its edges to
 * another, the high side on the left. An edge is left by one segment at most and reached by one at
 * most, so following them gives the lines.
 */
final class MarchingSquares {
  private final MapValues plane;
  private final double level;

  /** Edge to the edge that the segment from it leads to. */
  private final Map<Integer, Integer> next = new LinkedHashMap<>();

  private final Map<Integer, Integer> previous = new LinkedHashMap<>();

  MarchingSquares(MapValues plane, double level) {
    this.plane = plane;
    this.level = level;
  }

  List<Contour> contours() {
    for (int row = 0; row + 1 < plane.height(); row++) {
      for (int column = 0; column + 1 < plane.width(); column++) {
        addSegments(row, column);
      }
    }
    List<Contour> contours = new ArrayList<>();
    while (!next.isEmpty()) {
      contours.add(follow(next.keySet().iterator().next()));
    }
    return contours;
  }

  private Contour follow(int start) {
    Deque<Integer> edges = new ArrayDeque<>(List.of(start));
    Integer forward = step(start, next, previous);
    while (forward != null && forward != start) {
      edges.addLast(forward);
      forward = step(forward, next, previous);
    }
    if (forward != null) {
      edges.addLast(start);
      return contour(edges, true);
    }
    for (Integer back = step(start, previous, next);
        back != null;
        back = step(back, previous, next)) {
      edges.addFirst(back);
    }
    return contour(edges, false);
  }

  /** Takes the segment at an edge away and gives its other edge. */
  private static @Nullable Integer step(
      int edge, Map<Integer, Integer> way, Map<Integer, Integer> opposite) {
    Integer other = way.remove(edge);
    if (other != null) {
      opposite.remove(other);
    }
    return other;
  }

  private Contour contour(Deque<Integer> edges, boolean closed) {
    List<Contour.Point> points = new ArrayList<>();
    for (int edge : edges) {
      points.add(point(edge));
    }
    return new Contour(level, closed, points);
  }

  // An edge is twice the index of its first pixel; odd where it goes down from there, even where it
  // goes right.

  private int right(int row, int column) {
    return 2 * (row * plane.width() + column);
  }

  private int down(int row, int column) {
    return right(row, column) + 1;
  }

  private Contour.Point point(int edge) {
    int row = edge / 2 / plane.width();
    int column = edge / 2 % plane.width();
    boolean goesDown = edge % 2 == 1;
    double first = plane.at(row, column);
    double second = goesDown ? plane.at(row + 1, column) : plane.at(row, column + 1);
    double share = (level - first) / (second - first);
    return goesDown
        ? new Contour.Point(column + 0.5, row + 0.5 + share)
        : new Contour.Point(column + 0.5 + share, row + 0.5);
  }

  private void addSegments(int row, int column) {
    int top = right(row, column);
    int bottom = right(row + 1, column);
    int left = down(row, column);
    int rightSide = down(row, column + 1);
    int corners = corners(row, column);
    switch (corners) {
      case 1 -> add(bottom, left);
      case 2 -> add(rightSide, bottom);
      case 3 -> add(rightSide, left);
      case 4 -> add(top, rightSide);
      case 6 -> add(top, bottom);
      case 7 -> add(top, left);
      case 8 -> add(left, top);
      case 9 -> add(bottom, top);
      case 11 -> add(rightSide, top);
      case 12 -> add(left, rightSide);
      case 13 -> add(bottom, rightSide);
      case 14 -> add(left, bottom);
      case 5, 10 ->
          addSaddle(corners == 5, mean(row, column) >= level, top, rightSide, bottom, left);
      default -> {}
    }
  }

  /** Which corners are high, a bit each: clockwise from 8 for the upper left. */
  private int corners(int row, int column) {
    boolean upperLeft = plane.at(row, column) >= level;
    boolean upperRight = plane.at(row, column + 1) >= level;
    boolean lowerRight = plane.at(row + 1, column + 1) >= level;
    boolean lowerLeft = plane.at(row + 1, column) >= level;
    return (upperLeft ? 8 : 0) | (upperRight ? 4 : 0) | (lowerRight ? 2 : 0) | (lowerLeft ? 1 : 0);
  }

  /** A saddle is high at two opposite corners; a high middle joins them. */
  private void addSaddle(
      boolean highUpperRight, boolean highMiddle, int top, int right, int bottom, int left) {
    if (highUpperRight) {
      add(top, highMiddle ? left : right);
      add(bottom, highMiddle ? right : left);
    } else {
      add(left, highMiddle ? bottom : top);
      add(right, highMiddle ? top : bottom);
    }
  }

  private double mean(int row, int column) {
    double sum = (double) plane.at(row, column) + plane.at(row, column + 1);
    return (sum + plane.at(row + 1, column) + plane.at(row + 1, column + 1)) / 4;
  }

  private void add(int from, int to) {
    next.put(from, to);
    previous.put(to, from);
  }
}
