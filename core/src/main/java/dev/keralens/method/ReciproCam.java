package dev.keralens.method;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.filter.Filters;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.method.pass.GivenPasses;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Recipro-CAM (Byun and Lee, 2022, <a href="https://arxiv.org/abs/2209.14074">arXiv:2209.14074</a>,
 * equations 1 to 3).
 *
 * <p>The score y of a unit where only one place of the explained activation A is left. It needs no
 * gradients:
 *
 * <pre>
 *   map_ij = y(A * M_ij)        M_ij is 1 at (i, j) and else 0
 * </pre>
 *
 * <p>Shapes: A is (batch, height, width, channels), the maps (batch, height, width, k) of the same
 * height and width. The network runs once for every place of every image, from the activation on
 * only. Of tokens that are laid over a picture, those before them, such as a class token, stay.
 *
 * <p>Differs from the paper: the score is what is explained, by default the logit; {@code ofOutput}
 * has the probability of the paper. Masks are of one place, without the Gaussian around it.
 */
public final class ReciproCam implements Ensemble {
  private ReciproCam() {}

  /** {@return the method} */
  public static ReciproCam create() {
    return new ReciproCam();
  }

  @Override
  public Info info() {
    return Info.of("reciprocam", "Recipro-CAM")
        .ofActivations()
        .filter(Filters::normalize)
        .summary("the score where one place of the activation is left; no gradients")
        .paper("Byun and Lee, 2022, https://arxiv.org/abs/2209.14074");
  }

  @Override
  public Plan plan(Probes probes) {
    if (probes.byPlace()) {
      throw new UnsupportedModelException(
          "Recipro-CAM takes units for each image, not for each place of an output that is a map.");
    }
    KerasTensor activation = probes.activationTensor();
    int[] shape = probes.activation().shape().sizes();
    int[] places = Arrays.copyOfRange(shape, 2, shape.length);
    int area = Arrays.stream(places).reduce(1, Math::multiplyExact);
    int own = probes.observe(activation.value());
    Probe tail =
        probes.behind(
            activation,
            new int[] {area},
            (b, image, given) -> b.mul(image, masks(b, activation, image, given)));
    return batch -> new Placewise(tail, batch, batch.observed().get(own), places, area);
  }

  /**
   * Masks of the places of an activation.
   *
   * @param image the activation of one image
   * @param given (passes, area), 1 for places that are left
   * @return masks that broadcast to (passes, axes of the activation...)
   */
  static Value masks(GraphBuilder b, KerasTensor activation, Value image, Value given) {
    int rank = image.rank();
    int channels = rank < 3 ? -1 : activation.layout().channelAxis(rank);
    int[] sizes = IntStream.range(0, rank).map(i -> image.shape().size(i)).toArray();
    sizes[0] = Shape.BATCH;
    if (channels > 0) {
      sizes[channels] = 1;
    }
    int all = Arrays.stream(sizes).skip(1).reduce(1, Math::multiplyExact);
    int area = given.shape().size(1);
    Value masks = given;
    if (all > area) {
      Value zeros = b.mul(b.slice(given, new int[] {1}, new int[] {0}, new int[] {1}), 0);
      float[] ones = new float[all - area];
      Arrays.fill(ones, 1);
      Value before = b.add(zeros, b.constant(Tensor.of(ones, 1, ones.length)));
      masks = b.concat(1, List.of(before, given));
    }
    return b.reshape(masks, Shape.of(sizes));
  }

  /** The passes of a batch, each with one place left. */
  static Passes passes(Probe probe, Batch batch, Tensor own, int[] places, int area) {
    return new Placewise(probe, batch, own, places, area);
  }

  private static final class Placewise extends GivenPasses {
    private final int[] places;

    Placewise(Probe probe, Batch batch, Tensor own, int[] places, int area) {
      super(probe, batch, List.of(own), area, area);
      this.places = places;
    }

    @Override
    protected void give(int image, int pass, float[] out, int at) {
      out[at + pass] = 1;
    }

    @Override
    protected int[] places() {
      return places;
    }

    @Override
    protected float[] map(int image, double[] scores, double plain) {
      float[] map = new float[scores.length];
      for (int i = 0; i < map.length; i++) {
        map[i] = (float) scores[i];
      }
      return map;
    }
  }
}
