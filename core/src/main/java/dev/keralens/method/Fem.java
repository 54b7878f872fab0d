package dev.keralens.method;

import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probes;
import dev.keralens.method.pass.NoQuestion;
import dev.keralens.tensor.CheckReturnValue;

/**
 * FEM, the feature explanation method (Fuad et al., 2020, <a
 * href="https://doi.org/10.1109/IPTA50016.2020.9286629">IPTA 2020</a>, section III).
 *
 * <p>Where the channels of the explained activation A are unusually strong, by more than s standard
 * deviations above their mean, weighted by the mean of the channel. It needs no gradients, and is
 * the same for all units:
 *
 * <pre>
 *   map_ij = sum_c mean(A_c) [A_cij &gt; mean(A_c) + s std(A_c)]        s = 2
 * </pre>
 *
 * <p>Shapes: A is (batch, height, width, channels), the maps (batch, height, width, k) of the same
 * height and width.
 *
 * <p>Differs from the paper: none.
 */
@CheckReturnValue
public final class Fem implements Ensemble {
  private final double deviations;

  private Fem(double deviations) {
    this.deviations = deviations;
  }

  /** {@return the method with a threshold of two standard deviations} */
  public static Fem create() {
    return new Fem(2);
  }

  /**
   * {@return a copy with another threshold}
   *
   * @param count how many standard deviations above the mean, at least 0; default 2
   */
  public Fem deviations(double count) {
    if (!(count >= 0)) {
      throw new IllegalArgumentException("Deviations are at least 0, got " + count + ".");
    }
    return new Fem(count);
  }

  @Override
  public Info info() {
    return Info.of("fem", "FEM")
        .ofActivations()
        .ofAllUnits()
        .summary("where channels are unusually strong; the same for all units, no gradients")
        .paper("Fuad et al., 2020, https://doi.org/10.1109/IPTA50016.2020.9286629");
  }

  @Override
  public Plan plan(Probes probes) {
    int observed = probes.observe(probes.activation());
    return batch -> new NoQuestion(batch, batch.observed().get(observed), this::map);
  }

  private float[] map(float[] values, int channels) {
    int area = values.length / channels;
    float[] map = new float[area];
    for (int c = 0; c < channels; c++) {
      double mean = 0;
      for (int i = 0; i < area; i++) {
        mean += (double) values[c * area + i] / area;
      }
      double variance = 0;
      for (int i = 0; i < area; i++) {
        variance += Math.pow(values[c * area + i] - mean, 2) / area;
      }
      double threshold = mean + deviations * Math.sqrt(variance);
      for (int i = 0; i < area; i++) {
        map[i] += values[c * area + i] > threshold ? (float) mean : 0;
      }
    }
    return map;
  }
}
