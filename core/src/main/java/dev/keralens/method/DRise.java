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
import dev.keralens.method.numeric.WeightedMasks;
import dev.keralens.method.pass.MaskSums;
import dev.keralens.method.pass.Masking;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
import java.util.List;

/**
 * D-RISE, which explains one box of a detector (Petsiuk et al., 2021, <a
 * href="https://arxiv.org/abs/2006.03204">arXiv:2006.03204</a>, equations 2 to 6).
 *
 * <p>N masks M_i as those of {@link Rise} leave a random part of the image. Under each, the
 * detector predicts boxes B_j, probabilities of classes P_j, and O_j that there is an object. The
 * map is the mean of the masks, each weighted by how well the best of these agrees with the
 * explained box B and class u:
 *
 * <pre>
 *   map = 1 / (p N) sum_i w_i M_i
 *   w_i = max_j IoU(B, B_j) * P_ju / |P_j| * O_j,  of the image x * M_i + (1 - M_i) baseline
 * </pre>
 *
 * <p>P_ju / |P_j| is the cosine of P_j and the class u alone. The box is that of the prediction
 * that the objective takes of the image as it is: {@link dev.keralens.objective.Objective#box} or
 * {@link dev.keralens.objective.Objective#strongestBox}; units are classes. Other objectives are
 * refused. It needs no gradients. The same seed gives the same maps, however images are batched.
 *
 * <p>Shapes: the input is (batch, height, width, channels), the maps (batch, height, width, k).
 *
 * <p>Differs from the paper: of a detector that does not predict whether there is an object, O is
 * the highest probability of a class; the paper leaves it out, with which a box of any class counts
 * however unlikely it is. The sum is divided by p N. Scores have to be probabilities: what
 * RetinaNet of KerasHub gives goes through a sigmoid first, those of others end in a sigmoid or
 * softmax, or {@link dev.keralens.objective.Objective#withBoxScores} says what makes probabilities
 * of them; scores outside 0..1 are refused.
 */
@CheckReturnValue
public final class DRise implements Ensemble, FromBaseline, Seeded {
  private final WeightedMasks masks;
  private final Baseline baseline;

  private DRise(WeightedMasks masks, Baseline baseline) {
    this.masks = masks;
    this.baseline = baseline;
  }

  /** {@return the method with 5,000 masks of 16 cells a side, each left with probability 0.5} */
  public static DRise create() {
    return new DRise(WeightedMasks.random(5000, 16, 0.5), Baseline.ZERO);
  }

  /**
   * {@return a copy with another number of masks}
   *
   * @param number how many, at least 1; default 5,000
   */
  public DRise masks(int number) {
    return new DRise(masks.count(number), baseline);
  }

  /**
   * {@return a copy with given masks in place of random ones}
   *
   * @param given (masks, height, width): 1 where the image is left, 0 where it is replaced. The sum
   *     is divided by their number times the {@linkplain #probability probability}
   */
  public DRise masks(Tensor given) {
    return new DRise(masks.given(given), baseline);
  }

  /**
   * {@return a copy with other cells}
   *
   * @param perSide how many cells a mask has along each axis, at least 1; default 16
   */
  public DRise cells(int perSide) {
    return new DRise(masks.cells(perSide), baseline);
  }

  /**
   * {@return a copy with another probability}
   *
   * @param left with which a cell is left, above 0 and at most 1; default 0.5
   */
  public DRise probability(double left) {
    return new DRise(masks.probability(left), baseline);
  }

  /**
   * {@return a copy with another baseline}
   *
   * @param filling what masked places are replaced by; default zeros
   */
  @Override
  public DRise baseline(Baseline filling) {
    return new DRise(masks, filling);
  }

  /**
   * {@return a copy with other masks}
   *
   * @param number the seed; default 0
   */
  @Override
  public DRise seed(long number) {
    return new DRise(masks.seed(number), baseline);
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
    return Info.of("drise", "D-RISE")
        .passes(masks.count())
        .ofBoxes()
        .summary("random masks, weighted by how well what a detector finds agrees with a box")
        .paper("Petsiuk et al., 2021, https://arxiv.org/abs/2006.03204");
  }

  @Override
  public Plan plan(Probes probes) {
    Masking.require(probes, "D-RISE masks");
    int[] places = probes.input().places();
    WeightedMasks.Writer writer = masks.writer(places);
    Probes.Detections detections = probes.detections();
    int box = probes.observe(detections.box());
    int range = probes.observe(detections.range());
    Probe scores = detections.agreement(places, Masking.change(probes, baseline));
    return batch -> {
      detections.requireProbabilities(batch.observed().get(range));
      return new MaskSums(scores, batch, List.of(batch.observed().get(box)), masks, writer, places);
    };
  }
}
