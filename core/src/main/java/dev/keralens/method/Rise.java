package dev.keralens.method;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.explain.Unrolling;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * RISE, randomized input sampling (Petsiuk et al., 2018, <a
 * href="https://arxiv.org/abs/1806.07421">arXiv:1806.07421</a>, equation 6).
 *
 * <p>N masks M_i leave a random part of the image. The map is their mean, weighted by the score y
 * of the image under each:
 *
 * <pre>
 *   map = 1 / (p N) sum_i y(x * M_i + (1 - M_i) baseline) M_i
 * </pre>
 *
 * <p>A mask is a grid of s x s cells, each 1 with the probability p and else 0, enlarged linearly
 * to (s + 1) / s times the size of the input and cut out of it at a random place (section 3.2). The
 * masks are the same for every image and in every call: the same seed gives the same maps, however
 * images are batched.
 *
 * <p>Shapes: the input is (batch, height, width, channels), the maps (batch, height, width, k).
 *
 * <p>Differs from the paper: the score is what is explained, by default the logit; {@code ofOutput}
 * has the probability of the paper.
 */
@CheckReturnValue
public final class Rise implements Ensemble {
  private final int count;
  private final int cells;
  private final double probability;
  private final float baseline;
  private final long seed;

  private Rise(int count, int cells, double probability, float baseline, long seed) {
    this.count = count;
    this.cells = cells;
    this.probability = probability;
    this.baseline = baseline;
    this.seed = seed;
  }

  /** {@return the method with 4,000 masks of 7 cells a side, each left with probability 0.5} */
  public static Rise create() {
    return new Rise(4000, 7, 0.5, 0, 0);
  }

  /**
   * {@return a copy with another number of masks}
   *
   * @param number how many, at least 1; default 4,000
   */
  public Rise masks(int number) {
    if (number < 1) {
      throw new IllegalArgumentException("At least one mask is needed, got " + number + ".");
    }
    return new Rise(number, cells, probability, baseline, seed);
  }

  /**
   * {@return a copy with other cells}
   *
   * @param perSide how many cells a mask has along each axis, at least 1; default 7
   */
  public Rise cells(int perSide) {
    if (perSide < 1) {
      throw new IllegalArgumentException("At least one cell is needed, got " + perSide + ".");
    }
    return new Rise(count, perSide, probability, baseline, seed);
  }

  /**
   * {@return a copy with another probability}
   *
   * @param left with which a cell is left, above 0 and at most 1; default 0.5
   */
  public Rise probability(double left) {
    if (!(left > 0 && left <= 1)) {
      throw new IllegalArgumentException("A probability lies above 0 and up to 1, got " + left);
    }
    return new Rise(count, cells, left, baseline, seed);
  }

  /**
   * {@return a copy with another baseline}
   *
   * @param value what masked places are replaced by, in units of the input; default 0
   */
  public Rise baseline(float value) {
    return new Rise(count, cells, probability, value, seed);
  }

  /**
   * {@return a copy with other masks}
   *
   * @param number the seed; default 0
   */
  public Rise seed(long number) {
    return new Rise(count, cells, probability, baseline, number);
  }

  @Override
  public Info info() {
    return Info.of("rise", "RISE")
        .passes(count)
        .summary("random masks of the input, weighted by the score under them; no gradients")
        .paper("Petsiuk et al., 2018, https://arxiv.org/abs/1806.07421");
  }

  @Override
  public Plan plan(Probes probes) {
    Masking.require(probes, "RISE masks");
    int[] places = probes.input().places();
    Probe scores = Masking.scores(probes, baseline);
    return batch -> new RandomMasks(scores, batch, places);
  }

  @Override
  public Unrolling.Maps unroll(Unrolling rows) {
    rows.requireReal("RISE masks");
    rows.requireRows(count, "--samples");
    GraphBuilder b = rows.builder();
    Value masks = masks(rows, rows.input().places());
    Value weighted = Masking.sum(b, Masking.scores(rows, masks, baseline), masks);
    return Unrolling.Maps.of(b.mul(weighted, 1 / (probability * count)));
  }

  /**
   * The masks: (masks, places...). Of two axes, each is a product of what lies along the one, the
   * grid and what lies along the other, so that the file holds lines and not pictures.
   */
  private Value masks(Unrolling rows, int[] places) {
    GraphBuilder b = rows.builder();
    int area = Arrays.stream(places).reduce(1, Math::multiplyExact);
    if (places.length != 2) {
      rows.requireRoom("masks", (double) count * area, "--samples");
      float[] all = new float[Math.multiplyExact(count, area)];
      for (int i = 0; i < count; i++) {
        Drawn drawn = drawn(i, places);
        for (int place = 0; place < area; place++) {
          all[i * area + place] = drawn.at(places, place);
        }
      }
      int[] shape = new int[places.length + 1];
      shape[0] = count;
      System.arraycopy(places, 0, shape, 1, places.length);
      return b.constant(Tensor.of(all, shape));
    }
    float[] down = new float[Math.multiplyExact(count, places[0] * cells)];
    float[] across = new float[Math.multiplyExact(count, cells * places[1])];
    for (int i = 0; i < count; i++) {
      Drawn drawn = drawn(i, places);
      Line line = drawn.lines[0];
      for (int y = 0; y < places[0]; y++) {
        for (int cell = 0; cell < cells; cell++) {
          down[(i * places[0] + y) * cells + cell] =
              (1 - line.share[y]) * drawn.grid[line.below[y] * cells + cell]
                  + line.share[y] * drawn.grid[line.above[y] * cells + cell];
        }
      }
      line = drawn.lines[1];
      for (int x = 0; x < places[1]; x++) {
        across[(i * cells + line.below[x]) * places[1] + x] += 1 - line.share[x];
        across[(i * cells + line.above[x]) * places[1] + x] += line.share[x];
      }
    }
    return b.matMul(
        b.constant(Tensor.of(down, count, places[0], cells)),
        b.constant(Tensor.of(across, count, cells, places[1])));
  }

  /** A mask: the cells that are left, and where the places lie among them along each axis. */
  private static final class Drawn {
    private final int cells;
    private final float[] grid;
    private final Line[] lines;

    Drawn(int cells, float[] grid, Line[] lines) {
      this.cells = cells;
      this.grid = grid;
      this.lines = lines;
    }

    /** The sum over the 2^axes cells around a place. */
    float at(int[] places, int place) {
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
  }

  private Drawn drawn(int index, int[] places) {
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
    return new Drawn(cells, grid, lines);
  }

  private final class RandomMasks extends MaskedPasses {
    private final int[] places;

    RandomMasks(Probe probe, Batch batch, int[] places) {
      super(probe, batch, count, places);
      this.places = places;
    }

    @Override
    void mask(int index, float[] out, int at) {
      Drawn drawn = drawn(index, places);
      int size = Arrays.stream(places).reduce(1, (a, b) -> a * b);
      for (int place = 0; place < size; place++) {
        out[at + place] = drawn.at(places, place);
      }
    }

    @Override
    double share(float left, double score, double plain) {
      return left * score;
    }

    @Override
    double divisor(int place) {
      return probability * count;
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
