package dev.keralens.picture.draw;

/**
 * Finds the largest connected part of a plane that reaches a level, by flooding part after part.
 */
final class LargestPart {
  private final int height;
  private final int width;

  /** Pixels that reach the level and belong to no part yet. */
  private final boolean[] free;

  private final int[] stack;
  private int waiting;

  LargestPart(MapValues plane, double level) {
    height = plane.height();
    width = plane.width();
    float[] values = plane.values();
    free = new boolean[values.length];
    for (int i = 0; i < values.length; i++) {
      free[i] = values[i] >= level;
    }
    stack = new int[values.length];
  }

  /** The box around the part; of equal parts the first, row by row. */
  BoundingBox box() {
    Part largest = new Part();
    for (int start = 0; start < free.length; start++) {
      if (free[start]) {
        Part part = flood(start);
        largest = part.area > largest.area ? part : largest;
      }
    }
    if (largest.area == 0) {
      throw new IllegalStateException("No pixel reaches the level.");
    }
    return largest.box();
  }

  private Part flood(int start) {
    Part part = new Part();
    push(start);
    while (waiting > 0) {
      int at = stack[--waiting];
      int row = at / width;
      int column = at % width;
      part.add(row, column);
      for (int r = Math.max(0, row - 1); r <= Math.min(height - 1, row + 1); r++) {
        for (int c = Math.max(0, column - 1); c <= Math.min(width - 1, column + 1); c++) {
          if (free[r * width + c]) {
            push(r * width + c);
          }
        }
      }
    }
    return part;
  }

  private void push(int pixel) {
    free[pixel] = false;
    stack[waiting++] = pixel;
  }

  /** How far a part reaches, and how many pixels it has. */
  private static final class Part {
    private int area;
    private int top = Integer.MAX_VALUE;
    private int bottom = -1;
    private int left = Integer.MAX_VALUE;
    private int right = -1;

    void add(int row, int column) {
      area++;
      top = Math.min(top, row);
      bottom = Math.max(bottom, row);
      left = Math.min(left, column);
      right = Math.max(right, column);
    }

    BoundingBox box() {
      return new BoundingBox(top, left, bottom - top + 1, right - left + 1);
    }
  }
}
