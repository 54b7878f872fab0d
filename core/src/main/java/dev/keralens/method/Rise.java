package dev.keralens.method;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.FromBaseline;
import dev.keralens.explain.Info;
import dev.keralens.explain.MethodOption;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.explain.Seeded;
import dev.keralens.explain.Unrolling;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.method.numeric.RandomMasks;
import dev.keralens.method.numeric.WeightedMasks;
import dev.keralens.method.pass.MaskSums;
import dev.keralens.method.pass.Masking;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

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
 * <p>The columns of a table and the words of a text, (batch, columns), are left or replaced each by
 * itself; words by others, whose numbers the baseline has.
 *
 * <p>Shapes: the input is (batch, height, width, channels), the maps (batch, height, width, k).
 *
 * <p>Differs from the paper: the score is what is explained, by default the logit; {@code ofOutput}
 * has the probability of the paper.
 */
@CheckReturnValue
public final class Rise implements Ensemble, FromBaseline, Seeded {
  private final WeightedMasks masks;
  private final Baseline baseline;

  private Rise(WeightedMasks masks, Baseline baseline) {
    this.masks = masks;
    this.baseline = baseline;
  }

  /** {@return the method with 4,000 masks of 7 cells a side, each left with probability 0.5} */
  public static Rise create() {
    return new Rise(WeightedMasks.random(4000, 7, 0.5), Baseline.ZERO);
  }

  /**
   * {@return a copy with another number of masks}
   *
   * @param number how many, at least 1; default 4,000
   */
  public Rise masks(int number) {
    return new Rise(masks.count(number), baseline);
  }

  /**
   * {@return a copy with given masks in place of random ones}
   *
   * @param given (masks, height, width), or the other places of the input: 1 where the image is
   *     left, 0 where it is replaced. The sum is divided by their number times the {@linkplain
   *     #probability probability}
   */
  public Rise masks(Tensor given) {
    return new Rise(masks.given(given), baseline);
  }

  /**
   * {@return a copy with other cells}
   *
   * @param perSide how many cells a mask has along each axis, at least 1; default 7
   */
  public Rise cells(int perSide) {
    return new Rise(masks.cells(perSide), baseline);
  }

  /**
   * {@return a copy with another probability}
   *
   * @param left with which a cell is left, above 0 and at most 1; default 0.5
   */
  public Rise probability(double left) {
    return new Rise(masks.probability(left), baseline);
  }

  /**
   * {@return a copy with another baseline}
   *
   * @param value what masked places are replaced by, in units of the input; default 0
   */
  public Rise baseline(float value) {
    return baseline(Baseline.of(value));
  }

  /**
   * {@return a copy with another baseline}
   *
   * @param filling what masked places are replaced by; default zeros
   */
  @Override
  public Rise baseline(Baseline filling) {
    return new Rise(masks, filling);
  }

  /**
   * {@return a copy with other masks}
   *
   * @param number the seed; default 0
   */
  @Override
  public Rise seed(long number) {
    return new Rise(masks.seed(number), baseline);
  }

  @Override
  public List<MethodOption> options() {
    return List.of(
        MethodOption.samples(
            "Masks",
            "How many random masks are tried: fewer are faster and noisier.",
            masks.count(),
            1,
            this::masks));
  }

  @Override
  public Info info() {
    return Info.of("rise", "RISE")
        .passes(masks.count())
        .summary("random masks of the input, weighted by the score under them; no gradients")
        .paper("Petsiuk et al., 2018, https://arxiv.org/abs/1806.07421");
  }

  @Override
  public Plan plan(Probes probes) {
    Masking.require(probes, "RISE masks");
    int[] places = probes.input().places();
    WeightedMasks.Writer writer =
        probes.isInColumns() ? masks.ofColumns(places[0]) : masks.writer(places);
    Probe scores = Masking.scores(probes, baseline);
    return batch -> new MaskSums(scores, batch, List.of(), masks, writer, places);
  }

  @Override
  public Unrolling.Maps unroll(Unrolling rows) {
    rows.requireReal("RISE masks");
    rows.requireRows(masks.count(), "--samples");
    GraphBuilder b = rows.builder();
    Value all = masks(rows, rows.input().places());
    Value weighted = Masking.sum(b, Masking.scores(rows, all, baseline), all);
    return Unrolling.Maps.of(b.mul(weighted, 1 / masks.divisor()));
  }

  /**
   * The masks: (masks, places...). Of two axes, each is a product of what lies along the one, the
   * grid and what lies along the other, so that the file holds lines and not pictures.
   */
  private Value masks(Unrolling rows, int[] places) {
    GraphBuilder b = rows.builder();
    int count = masks.count();
    int cells = masks.cells();
    int area = Arrays.stream(places).reduce(1, Math::multiplyExact);
    if (places.length != 2 || !masks.isRandom()) {
      rows.requireRoom("masks", (double) count * area, "--samples");
      float[] all = new float[Math.multiplyExact(count, area)];
      boolean columns = rows.input().value().rank() == 2;
      WeightedMasks.Writer writer = columns ? masks.ofColumns(places[0]) : masks.writer(places);
      for (int i = 0; i < count; i++) {
        writer.write(i, all, i * area);
      }
      int[] shape = new int[places.length + 1];
      shape[0] = count;
      System.arraycopy(places, 0, shape, 1, places.length);
      return b.constant(Tensor.of(all, shape));
    }
    float[] down = new float[Math.multiplyExact(count, places[0] * cells)];
    float[] across = new float[Math.multiplyExact(count, cells * places[1])];
    RandomMasks drawn = masks.drawn(places);
    for (int i = 0; i < count; i++) {
      RandomMasks.Mask mask = drawn.mask(i);
      mask.writeDown(down, i * places[0] * cells);
      mask.writeAcross(across, i * cells * places[1]);
    }
    return b.matMul(
        b.constant(Tensor.of(down, count, places[0], cells)),
        b.constant(Tensor.of(across, count, cells, places[1])));
  }
}
