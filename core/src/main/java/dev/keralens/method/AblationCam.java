package dev.keralens.method;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probes;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.method.pass.GivenPasses;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Ablation-CAM (Desai and Ramaswamy, 2020, <a
 * href="https://openaccess.thecvf.com/content_WACV_2020/papers/Desai_Ablation-CAM_Visual_Explanations_for_Deep_Convolutional_Network_via_Gradient-free_Localization_WACV_2020_paper.pdf">WACV
 * 2020</a>, equations 4 and 5).
 *
 * <p>The channels of the explained activation A, weighted by how much the score y of a unit drops
 * without them. It needs no gradients:
 *
 * <pre>
 *   w_c    = (y(A) - y(A without channel c)) / |y(A)|
 *   map_ij = sum_c w_c A_cij
 * </pre>
 *
 * <p>Shapes: A is (batch, height, width, channels), the maps (batch, height, width, k) of the same
 * height and width. The network runs once for every channel of every image, from the activation on
 * only.
 *
 * <p>Differs from the paper: the drop is divided by |y|, not by y, so that a score below zero does
 * not turn the map round. Where a score is zero, the drop itself is the weight.
 */
public final class AblationCam implements Ensemble {
  private AblationCam() {}

  /** {@return the method} */
  public static AblationCam create() {
    return new AblationCam();
  }

  @Override
  public Info info() {
    return Info.of("ablationcam", "Ablation-CAM")
        .ofActivations()
        .summary("channels, weighted by how much the score drops without them; no gradients")
        .paper("Desai and Ramaswamy, 2020, https://doi.org/10.1109/WACV45572.2020.9093360");
  }

  @Override
  public Plan plan(Probes probes) {
    if (probes.byPlace()) {
      throw new UnsupportedModelException(
          "Ablation-CAM takes units for each image, not for each place of an output that is a"
              + " map.");
    }
    KerasTensor activation = probes.activationTensor();
    Value channelsFirst = probes.activation();
    int laid = probes.observe(channelsFirst);
    int own = probes.observe(activation.value());
    int rank = activation.value().rank();
    int axis = activation.layout().channelAxis(rank);
    Probes.ChannelProbe tail = probes.withoutChannels(activation, axis);
    return batch ->
        new Channelwise(tail, batch, batch.observed().get(own), batch.observed().get(laid));
  }

  private static final class Channelwise extends GivenPasses {
    private final Tensor activations;
    private final int channels;

    Channelwise(Probes.ChannelProbe tail, Batch batch, Tensor own, Tensor activations) {
      super(tail.probe(), batch, List.of(own), activations.size(1), activations.size(1));
      this.activations = activations;
      this.channels = activations.size(1);
      eachMakes(tail.size());
    }

    @Override
    protected void give(int image, int pass, float[] out, int at) {
      Arrays.fill(out, at, at + channels, 1);
      out[at + pass] = 0;
    }

    @Override
    protected int[] places() {
      return Arrays.copyOfRange(activations.shape(), 2, activations.rank());
    }

    @Override
    protected float[] map(int image, double[] scores, double plain) {
      float[] values = activations.row(image).toFloatArray();
      int area = values.length / channels;
      double divisor = plain == 0 ? 1 : Math.abs(plain);
      double[] sums = new double[area];
      for (int c = 0; c < channels; c++) {
        double weight = (plain - scores[c]) / divisor;
        for (int i = 0; i < area; i++) {
          sums[i] += weight * values[c * area + i];
        }
      }
      float[] map = new float[area];
      for (int i = 0; i < area; i++) {
        map[i] = (float) sums[i];
      }
      return map;
    }
  }
}
