package dev.keralens.method.numeric;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Masks of RISE (Petsiuk et al., 2018, section 3.2): a grid of cells, each 1 with a probability and
 * else 0, enlarged linearly to (s + 1) / s times the size of the input and cut out at a random
 * place. Each mask depends on the seed and its own number only.
 */
public final class RandomMasks {
  private final int cells;
  private final double probability;
  private final long seed;
  private final int[] places;

  /**
   * Masks.
   *
   * @param cells along each axis
   * @param probability with which a cell is left
   * @param places the size of each axis of the input
   */
  public RandomMasks(int cells, double probability, long seed, int... places) {
    this.cells = cells;
    this.probability = probability;
    this.seed = seed;
    this.places = places;
  }

  /** Writes a mask from a position on, the last axis varying fastest. */
  public void write(int index, float[] out, int at) {
    Mask mask = mask(index);
    int area = Arrays.stream(places).reduce(1, (a, b) -> a * b);
    for (int place = 0; place < area; place++) {
      out[at + place] = mask.at(places, place);
    }
  }

  /** {@return a mask before it is enlarged} */
  public Mask mask(int index) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003L + index);
    int axes = places.length;
    float[] grid = new float[Math.toIntExact(Math.round(Math.pow(cells, axes)))];
    for (int i = 0; i < grid.length; i++) {
      grid[i] = random.nextDouble() < probability ? 1 : 0;
    }
    Line[] lines = new Line[axes];
    for (int axis = 0; axis < axes; axis++) {
      int cell = (places[axis] + cells - 1) / cells;
      lines[axis] = Line.of(places[axis], cells, cell, random.nextInt(cell));
    }
    return new Mask(cells, grid, lines);
  }

  /** A mask: the cells that are left, and where the places lie among them along each axis. */
  public static final class Mask {
    private final int cells;
    private final float[] grid;
    private final Line[] lines;

    private Mask(int cells, float[] grid, Line[] lines) {
      this.cells = cells;
      this.grid = grid;
      this.lines = lines;
    }

    /** The sum over the 2^axes cells around a place. */
    private float at(int[] places, int place) {
      float sum = 0;
      for (int corner = 0; corner < 1 << lines.length; corner++) {
        float weight = 1;
        int cell = 0;
        int step = 1;
        int rest = place;
        for (int axis = lines.length - 1; axis >= 0; axis--) {
          int i = rest % places[axis];
          rest /= places[axis];
          boolean upper = (corner >> axis & 1) == 1;
          weight *= upper ? lines[axis].share[i] : 1 - lines[axis].share[i];
          cell += step * (upper ? lines[axis].above[i] : lines[axis].below[i]);
          step *= cells;
        }
        sum += weight * grid[cell];
      }
      return sum;
    }

    /**
     * Writes a mask of two axes as a product of two matrices, of which this is the first: (height,
     * cells).
     */
    public void writeDown(float[] out, int at) {
      Line line = lines[0];
      for (int y = 0; y < line.share.length; y++) {
        for (int cell = 0; cell < cells; cell++) {
          out[at + y * cells + cell] =
              (1 - line.share[y]) * grid[line.below[y] * cells + cell]
                  + line.share[y] * grid[line.above[y] * cells + cell];
        }
      }
    }

    /** The second matrix: (cells, width), into zeros. */
    public void writeAcross(float[] out, int at) {
      Line line = lines[1];
      int width = line.share.length;
      for (int x = 0; x < width; x++) {
        out[at + line.below[x] * width + x] += 1 - line.share[x];
        out[at + line.above[x] * width + x] += line.share[x];
      }
    }
  }

  /** Along one axis: the cells before and after each place, and the share of the one after. */
  private static final class Line {
    private final int[] below;
    private final int[] above;
    private final float[] share;

    private Line(int[] below, int[] above, float[] share) {
      this.below = below;
      this.above = above;
      this.share = share;
    }

    static Line of(int places, int cells, int cell, int shift) {
      int[] below = new int[places];
      int[] above = new int[places];
      float[] share = new float[places];
      double enlarged = (double) (cells + 1) * cell;
      for (int i = 0; i < places; i++) {
        double at = (i + shift + 0.5) * cells / enlarged - 0.5;
        int cellBelow = (int) Math.floor(at);
        below[i] = Math.max(0, Math.min(cells - 1, cellBelow));
        above[i] = Math.max(0, Math.min(cells - 1, cellBelow + 1));
        share[i] = (float) (at - cellBelow);
      }
      return new Line(below, above, share);
    }
  }
}
