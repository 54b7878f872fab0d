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
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * LIME, local interpretable model-agnostic explanations (Ribeiro et al., 2016, <a
 * href="https://arxiv.org/abs/1602.04938">arXiv:1602.04938</a>, equations 1 and 2 and section 3.4).
 *
 * <p>The image is divided into pieces ({@link Superpixels}); in each of n samples z, a piece is
 * left with the probability one half, else replaced by the baseline. The map is the weights g of
 * the linear model that tells the score y of a unit from which pieces are left:
 *
 * <pre>
 *   g   = argmin sum_z pi_z (y(x under z) - g_0 - g z)^2 + ridge |g|^2
 *   pi_z = exp(-d_z^2 / width^2),  d_z = 1 - sqrt(part of the pieces that z leaves)
 *   map_ij = g of the piece at (i, j)
 * </pre>
 *
 * <p>d is the cosine distance of z to all ones. The samples are the same for every image and in
 * every call with the same seed. It needs no gradients.
 *
 * <p>Shapes: the input is (batch, height, width, channels), the maps (batch, height, width, k).
 * Columns of a table, (batch, features), are pieces as well.
 *
 * <p>Differs from the paper: as the authors' library for pictures, a ridge of 1 in place of the
 * choice of K features, and the width 0.25; pieces by SLIC, replaced by the baseline, not by their
 * mean.
 */
@CheckReturnValue
public final class Lime implements Ensemble, FromBaseline, InPieces, Seeded {
  private final @Nullable Superpixels superpixels;
  private final int samples;
  private final double width;
  private final double ridge;
  private final Baseline baseline;
  private final long seed;

  private Lime(
      @Nullable Superpixels superpixels,
      int samples,
      double width,
      double ridge,
      Baseline baseline,
      long seed) {
    this.superpixels = superpixels;
    this.samples = samples;
    this.width = width;
    this.ridge = ridge;
    this.baseline = baseline;
    this.seed = seed;
  }

  /** {@return the method with 1,000 samples over about 50 pieces} */
  public static Lime create() {
    return new Lime(null, 1000, 0.25, 1, Baseline.ZERO, 0);
  }

  /**
   * {@return a copy with other pieces}
   *
   * @param pieces divides an image; default about 50 by SLIC; of a table or a text, each column and
   *     word
   */
  @Override
  public Lime superpixels(Superpixels pieces) {
    return new Lime(pieces, samples, width, ridge, baseline, seed);
  }

  /**
   * {@return a copy with another number of samples}
   *
   * @param count how many, at least 1; default 1,000
   */
  public Lime samples(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("At least one sample is needed, got " + count + ".");
    }
    return new Lime(superpixels, count, width, ridge, baseline, seed);
  }

  /**
   * {@return a copy that weighs samples otherwise}
   *
   * @param distance the width of the kernel, above 0; default 0.25
   */
  public Lime width(double distance) {
    if (!(distance > 0)) {
      throw new IllegalArgumentException("A kernel has a width above 0, got " + distance + ".");
    }
    return new Lime(superpixels, samples, distance, ridge, baseline, seed);
  }

  /**
   * {@return a copy with another ridge}
   *
   * @param penalty what the squares of the weights count, at least 0; default 1
   */
  public Lime ridge(double penalty) {
    if (!(penalty >= 0)) {
      throw new IllegalArgumentException("A ridge is at least 0, got " + penalty + ".");
    }
    return new Lime(superpixels, samples, width, penalty, baseline, seed);
  }

  /**
   * {@return a copy with another baseline}
   *
   * @param filling what pieces are replaced by; default zeros
   */
  @Override
  public Lime baseline(Baseline filling) {
    return new Lime(superpixels, samples, width, ridge, filling, seed);
  }

  /**
   * {@return a copy with other samples}
   *
   * @param number the seed; default 0
   */
  @Override
  public Lime seed(long number) {
    return new Lime(superpixels, samples, width, ridge, baseline, number);
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
    return Info.of("lime", "LIME")
        .passes(samples)
        .filter(Filters::positiveNormalize)
        .summary("weights of a linear model of which pieces of the input are left; no gradients")
        .paper("Ribeiro et al., 2016, https://arxiv.org/abs/1602.04938");
  }

  @Override
  public Plan plan(Probes probes) {
    Masking.require(probes, "LIME hides pieces of");
    KerasTensor input = probes.input();
    int index = probes.inputIndex();
    Probe scores = Masking.scores(probes, baseline);
    return batch ->
        new Samples(scores, batch, input.places(), Pieces.labels(superpixels, batch, index, input));
  }

  private final class Samples extends PiecePasses {
    Samples(Probe probe, Batch batch, int[] places, int[][] labels) {
      super(probe, batch, samples, places, labels);
    }

    @Override
    protected boolean[] leaves(int image, int pass) {
      boolean[] left = new boolean[pieces(image)];
      SplittableRandom random = new SplittableRandom(seed * 1_000_003L + pass);
      for (int i = 0; i < left.length; i++) {
        left[i] = random.nextBoolean();
      }
      return left;
    }

    @Override
    protected double[] values(int image, int pieces, double[] scores, double plain) {
      LeastSquares model = new LeastSquares(pieces + 1);
      double[] row = new double[pieces + 1];
      row[pieces] = 1;
      for (int pass = 0; pass < scores.length; pass++) {
        boolean[] left = leaves(image, pass);
        int count = 0;
        for (int i = 0; i < pieces; i++) {
          row[i] = left[i] ? 1 : 0;
          count += left[i] ? 1 : 0;
        }
        double distance = 1 - Math.sqrt((double) count / pieces);
        model.add(row, scores[pass], Math.exp(-distance * distance / (width * width)));
      }
      for (int i = 0; i < pieces; i++) {
        model.ridge(i, ridge);
      }
      return Arrays.copyOf(model.solve(), pieces);
    }
  }
}
