package dev.keralens.explain.patch;

import dev.keralens.explain.patch.Reach.Span;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * For each window, where what is cut out of a value comes from: the part that was computed, or the
 * value without a window. Numbers of all cuts one after another, of each window a row.
 */
final class Geometry {
  private static final int NONE = -1;

  private final int across;
  private final Map<Cut, Integer> offsets = new LinkedHashMap<>();
  private int length;

  /**
   * Of windows in rows.
   *
   * @param across how many windows there are along a row
   */
  Geometry(int across) {
    this.across = across;
  }

  /**
   * A cut: places of a value, of which a part was computed.
   *
   * @param partY the part that was computed, and its neighbour
   * @param y the places that are cut
   * @param lowest whether what lies outside is the lowest number, not zero
   */
  record Cut(Span partY, Span partX, Span y, Span x, boolean lowest) {
    int area() {
      return y.length() * x.length();
    }

    boolean isPart() {
      return partY.equals(y) && partX.equals(x);
    }
  }

  /** Where a cut's numbers begin: those in the part, then those in the value. */
  int offset(Cut cut) {
    return offsets.computeIfAbsent(
        cut,
        unused -> {
          int at = length;
          length += 2 * cut.area();
          return at;
        });
  }

  /** How many numbers a window has. */
  int length() {
    return length;
  }

  /** Writes the numbers of a window. */
  void write(int window, float[] out, int at) {
    int row = window / across;
    int column = window % across;
    offsets.forEach((cut, offset) -> write(cut, row, column, out, at + offset));
  }

  private static void write(Cut cut, int row, int column, float[] out, int at) {
    int top = cut.y.starts().get(row);
    int left = cut.x.starts().get(column);
    int partTop = cut.partY.starts().get(row);
    int partLeft = cut.partX.starts().get(column);
    int height = cut.y.size();
    int width = cut.x.size();
    int area = cut.area();
    int i = at;
    for (int y = top; y < top + cut.y.length(); y++) {
      boolean inY = y >= partTop && y < partTop + cut.partY.length();
      for (int x = left; x < left + cut.x.length(); x++, i++) {
        boolean in = inY && x >= partLeft && x < partLeft + cut.partX.length();
        boolean outside = y < 0 || y >= height || x < 0 || x >= width;
        out[i] = in ? (y - partTop) * cut.partX.length() + x - partLeft : NONE;
        out[area + i] = outside ? height * width + (cut.lowest ? 1 : 0) : y * width + x;
      }
    }
  }
}
