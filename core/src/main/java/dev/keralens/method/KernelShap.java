package dev.keralens.method;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Batch;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.FromBaseline;
import dev.keralens.explain.Info;
import dev.keralens.explain.MethodOption;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.explain.Seeded;
import dev.keralens.filter.Filters;
import dev.keralens.method.numeric.LeastSquares;
import dev.keralens.method.pass.Masking;
import dev.keralens.method.pass.PiecePasses;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.CheckReturnValue;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Kernel SHAP (Lundberg and Lee, 2017, <a
 * href="https://arxiv.org/abs/1705.07874">arXiv:1705.07874</a>, theorem 2).
 *
 * <p>The Shapley values of the pieces of an image ({@link Superpixels}): what each adds to the
 * score y of a unit, in the mean over all orders in which pieces may come to the baseline. They are
 * the weights of the linear model over the subsets z of the M pieces that
 *
 * <pre>
 *   phi = argmin sum_z (M - 1) / (binomial(M, |z|) |z| (M - |z|)) (y(x under z) - y(b) - phi z)^2
 *   subject to sum phi = y(x) - y(b);     map_ij = phi of the piece at (i, j)
 * </pre>
 *
 * <p>Where there are no more than n subsets, all are taken, and the values are exact; else n are
 * drawn by the kernel, each with its complement. The same seed draws the same subsets, whatever the
 * image. It needs no gradients.
 *
 * <p>Shapes: the input is (batch, height, width, channels), the maps (batch, height, width, k).
 * Columns of a table, (batch, features), are pieces as well.
 *
 * <p>Differs from the paper: no feature selection.
 */
@CheckReturnValue
public final class KernelShap implements Ensemble, FromBaseline, InPieces, Seeded {
  private final @Nullable Superpixels superpixels;
  private final int samples;
  private final Baseline baseline;
  private final long seed;

  private KernelShap(@Nullable Superpixels superpixels, int samples, Baseline baseline, long seed) {
    this.superpixels = superpixels;
    this.samples = samples;
    this.baseline = baseline;
    this.seed = seed;
  }

  /** {@return the method with 1,000 subsets of about 50 pieces} */
  public static KernelShap create() {
    return new KernelShap(null, 1000, Baseline.ZERO, 0);
  }

  /**
   * {@return a copy with other pieces}
   *
   * @param pieces divides an image; default about 50 by SLIC; of a table or a text, each column and
   *     word
   */
  @Override
  public KernelShap superpixels(Superpixels pieces) {
    return new KernelShap(pieces, samples, baseline, seed);
  }

  /**
   * {@return a copy with another number of subsets}
   *
   * @param count how many at most, at least 2; default 1,000
   */
  public KernelShap samples(int count) {
    if (count < 2) {
      throw new IllegalArgumentException("At least two subsets are needed, got " + count + ".");
    }
    return new KernelShap(superpixels, count, baseline, seed);
  }

  /**
   * {@return a copy with another baseline}
   *
   * @param filling what pieces are replaced by; default zeros
   */
  @Override
  public KernelShap baseline(Baseline filling) {
    return new KernelShap(superpixels, samples, filling, seed);
  }

  /**
   * {@return a copy with other subsets}
   *
   * @param number the seed; default 0
   */
  @Override
  public KernelShap seed(long number) {
    return new KernelShap(superpixels, samples, baseline, number);
  }

  @Override
  public List<MethodOption> options() {
    return List.of(
        MethodOption.samples(
            "Samples",
            "How many pictures with missing pieces are tried.",
            samples,
            2,
            this::samples),
        pieces());
  }

  @Override
  public Info info() {
    return Info.of("kernelshap", "Kernel SHAP")
        .passes(samples)
        .filter(Filters::positiveNormalize)
        .summary("Shapley values of pieces of the input: what each adds to the score; no gradients")
        .paper("Lundberg and Lee, 2017, https://arxiv.org/abs/1705.07874");
  }

  @Override
  public Plan plan(Probes probes) {
    Masking.require(probes, "Kernel SHAP hides pieces of");
    KerasTensor input = probes.input();
    int index = probes.inputIndex();
    Probe scores = Masking.scores(probes, baseline);
    return batch -> {
      int[][] labels = Pieces.labels(superpixels, batch, index, input);
      int most = PiecePasses.most(labels);
      long all = most < 31 ? (1L << most) - 2 : Long.MAX_VALUE;
      int passes = 1 + (int) Math.max(0, Math.min(all, samples));
      return new Subsets(scores, batch, passes, input.places(), labels);
    };
  }

  /** The first pass leaves nothing. */
  private final class Subsets extends PiecePasses {
    Subsets(Probe probe, Batch batch, int passes, int[] places, int[][] labels) {
      super(probe, batch, passes, places, labels);
    }

    private boolean isExact(int pieces) {
      return pieces < 31 && (1L << pieces) - 2 <= samples;
    }

    @Override
    protected boolean[] leaves(int image, int pass) {
      boolean[] left = new boolean[pieces(image)];
      if (pass == 0) {
        return left;
      }
      if (isExact(left.length)) {
        for (int i = 0; i < left.length; i++) {
          left[i] = (pass >> i & 1) == 1;
        }
        return left;
      }
      int pair = (pass - 1) / 2;
      SplittableRandom random = new SplittableRandom(seed * 1_000_003L + pair);
      int size = size(left.length, random.nextDouble());
      for (int i = 0, open = left.length, wanted = size; i < left.length; i++, open--) {
        left[i] = random.nextInt(open) < wanted;
        wanted -= left[i] ? 1 : 0;
      }
      for (int i = 0; i < left.length && pass % 2 == 0; i++) {
        left[i] = !left[i];
      }
      return left;
    }

    /** How many pieces a subset has: s with a probability in proportion to 1 / (s (M - s)). */
    private static int size(int pieces, double random) {
      double total = 0;
      for (int s = 1; s < pieces; s++) {
        total += 1.0 / ((double) s * (pieces - s));
      }
      double rest = random * total;
      for (int s = 1; s < pieces; s++) {
        rest -= 1.0 / ((double) s * (pieces - s));
        if (rest <= 0) {
          return s;
        }
      }
      return pieces - 1;
    }

    /** With the last value as what is left of the whole, the others are plain least squares. */
    @Override
    protected double[] values(int image, int pieces, double[] scores, double plain) {
      double whole = plain - scores[0];
      if (pieces == 1) {
        return new double[] {whole};
      }
      LeastSquares model = new LeastSquares(pieces - 1);
      double[] row = new double[pieces - 1];
      boolean exact = isExact(pieces);
      int last = exact ? (1 << pieces) - 2 : scores.length - 1;
      for (int pass = 1; pass <= last; pass++) {
        boolean[] left = leaves(image, pass);
        double end = left[pieces - 1] ? 1 : 0;
        int size = 0;
        for (int i = 0; i < pieces; i++) {
          size += left[i] ? 1 : 0;
        }
        for (int i = 0; i < row.length; i++) {
          row[i] = (left[i] ? 1 : 0) - end;
        }
        double weight = exact ? weight(pieces, size) : 1;
        model.add(row, scores[pass] - scores[0] - end * whole, weight);
      }
      double[] solved = model.solve();
      double[] values = new double[pieces];
      double rest = whole;
      for (int i = 0; i < solved.length; i++) {
        values[i] = solved[i];
        rest -= solved[i];
      }
      values[pieces - 1] = rest;
      return values;
    }

    private static double weight(int pieces, int size) {
      double binomial = 1;
      for (int i = 1; i <= size; i++) {
        binomial = binomial * (pieces - size + i) / i;
      }
      return (pieces - 1) / (binomial * size * (pieces - size));
    }
  }
}
