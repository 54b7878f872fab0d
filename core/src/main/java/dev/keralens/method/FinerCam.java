package dev.keralens.method;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.method.pass.OneQuestion;
import dev.keralens.method.pass.UnitMaps;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Finer-CAM (Zhang et al., 2025, <a href="https://arxiv.org/abs/2501.11309">arXiv:2501.11309</a>,
 * equations 4 to 6).
 *
 * <p>{@link GradCam} of how a unit differs from those that are most similar to it, so that what all
 * of them share is left out. With the logits y, the unit u and the n units S whose logits are
 * closest to that of u:
 *
 * <pre>
 *   r_i = exp(y_i) / sum over j in S of exp(y_j)
 *   z   = sum over i in S of r_i (y_u - a y_i)
 *   map = Grad-CAM of z
 * </pre>
 *
 * <p>Grad-CAM is linear in the gradient, so that the map is the sum of those of the units, weighted
 * by dz/dy.
 *
 * <p>Shapes: the activation is (batch, height, width, channels), the maps (batch, height, width, k)
 * of the same height and width.
 *
 * <p>Differs from the paper: none; a is 1 and n is 3, or as many others as there are.
 */
@CheckReturnValue
public final class FinerCam implements Ensemble {
  private final int similar;
  private final double strength;

  private FinerCam(int similar, double strength) {
    this.similar = similar;
    this.strength = strength;
  }

  /** {@return the method with three similar units, and a = 1} */
  public static FinerCam create() {
    return new FinerCam(3, 1);
  }

  /**
   * {@return a copy with another number of similar units}
   *
   * @param count how many, at least 1; default 3
   */
  public FinerCam similar(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("At least one similar unit is needed, got " + count + ".");
    }
    return new FinerCam(count, strength);
  }

  /**
   * {@return a copy with another strength of the comparison}
   *
   * @param a what the logits of similar units are multiplied with; default 1
   */
  public FinerCam strength(double a) {
    return new FinerCam(similar, a);
  }

  @Override
  public Info info() {
    return Info.of("finercam", "Finer-CAM")
        .ofActivations()
        .summary("as gradcam, of how the unit differs from the most similar ones")
        .paper("Zhang et al., 2025, https://arxiv.org/abs/2501.11309");
  }

  @Override
  public Plan plan(Probes probes) {
    if (probes.byPlace()) {
      throw new UnsupportedModelException(
          "Finer-CAM takes units for each image, not for each place of an output that is a map.");
    }
    Value sums = probes.scoresOfAllUnits();
    int others = Math.min(similar, sums.shape().size(1) - 1);
    if (others < 1) {
      throw new UnsupportedModelException(
          "Finer-CAM compares a unit with similar ones, and the model has one unit only; gradcam explains it.");
    }
    int observed = probes.observe(sums);
    int units = probes.units();
    Probe maps = probes.maps(GradCam.create(), Math.multiplyExact(units, others + 1));
    return batch -> compared(maps, batch, batch.observed().get(observed), others);
  }

  private Passes compared(Probe probe, Batch batch, Tensor scores, int others) {
    int units = batch.units().size(1);
    int together = others + 1;
    long[] asked = new long[batch.images() * units * together];
    double[] weights = new double[asked.length];
    for (int image = 0; image < batch.images(); image++) {
      float[] all = scores.row(image).toFloatArray();
      for (int unit = 0; unit < units; unit++) {
        int own = Math.toIntExact(batch.units().getLong(image, unit));
        int at = (image * units + unit) * together;
        compare(all, own, others, asked, weights, at);
      }
    }
    Tensor wanted = Tensor.of(asked, batch.images(), units * together);
    return new OneQuestion(probe, batch, wanted, maps -> summed(maps, weights, units));
  }

  /** Writes the unit and the similar ones, and what the map of each counts. */
  private void compare(
      float[] scores, int own, int others, long[] asked, double[] weights, int at) {
    int[] closest =
        IntStream.range(0, scores.length)
            .filter(i -> i != own)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> Math.abs((double) scores[i] - scores[own])))
            .limit(others)
            .mapToInt(Integer::intValue)
            .toArray();
    double highest = Arrays.stream(closest).mapToDouble(i -> scores[i]).max().orElse(0);
    double[] shares =
        Arrays.stream(closest).mapToDouble(i -> Math.exp(scores[i] - highest)).toArray();
    double sum = Arrays.stream(shares).sum();
    double mean = 0;
    for (int i = 0; i < others; i++) {
      shares[i] /= sum;
      mean += shares[i] * scores[closest[i]];
    }
    asked[at] = own;
    weights[at] = 1;
    for (int i = 0; i < others; i++) {
      asked[at + 1 + i] = closest[i];
      weights[at + 1 + i] = -strength * shares[i] * (1 + scores[closest[i]] - mean);
    }
  }

  /** From (batch, places..., k * together) to (batch, places..., k). */
  private static Tensor summed(Tensor maps, double[] weights, int units) {
    int[] shape = maps.shape();
    int columns = shape[shape.length - 1];
    int together = columns / units;
    int area = maps.elements() / shape[0] / columns;
    float[] all = maps.toFloatArray();
    return UnitMaps.of(
        shape[0],
        units,
        Arrays.copyOfRange(shape, 1, shape.length - 1),
        (image, unit) -> {
          float[] map = new float[area];
          for (int place = 0; place < area; place++) {
            double sum = 0;
            for (int i = 0; i < together; i++) {
              int column = unit * together + i;
              sum +=
                  weights[image * columns + column]
                      * all[(image * area + place) * columns + column];
            }
            map[place] = (float) sum;
          }
          return map;
        });
  }
}
