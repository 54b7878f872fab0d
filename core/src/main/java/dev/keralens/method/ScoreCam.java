package dev.keralens.method;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.filter.Filters;
import dev.keralens.filter.Resizing;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.CheckReturnValue;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Score-CAM (Wang et al., 2020, <a href="https://arxiv.org/abs/1910.01279">arXiv:1910.01279</a>).
 *
 * <p>Each channel of the explained activation A is a mask of the input x; the score of a unit for
 * the masked input weights the mask. It needs no gradients. With n(.) the scaling of a map to [0,
 * 1] and up(.) the resizing to the input:
 *
 * <pre>
 *   {@link #create}: map = sum_c s(x * up(n(A_c))) up(n(A_c))
 *   {@link #paper}:  map = sum_c softmax_c(s(x * n(up(A_c))) - s(0)) up(A_c)
 * </pre>
 *
 * <p>Shapes: A is (batch, height, width, channels), the maps have the height and width of the
 * input. The network runs once for every channel of every image; channels that are constant add
 * nothing and are left out. Of a network with several inputs, the explained one is masked.
 *
 * <p>Differs from the paper: {@link #create} as keras-explainable, see there; {@link #paper}: none
 * (definition 3 and equations 5 to 7; the baseline is the zero input), but that the map is not cut
 * at zero here; its usual filter does that. Differs from keras-explainable: {@link #create}: none.
 */
@CheckReturnValue
public final class ScoreCam implements Ensemble {
  private final boolean paper;
  private final int maxChannels;

  private ScoreCam(boolean paper, int maxChannels) {
    this.paper = paper;
    this.maxChannels = maxChannels;
  }

  /** {@return the method as keras-explainable computes it} */
  public static ScoreCam create() {
    return new ScoreCam(false, Integer.MAX_VALUE);
  }

  /** {@return the method as the paper defines it} */
  public static ScoreCam paper() {
    return new ScoreCam(true, Integer.MAX_VALUE);
  }

  /**
   * {@return the method with the channels of the highest variance only, as Faster Score-CAM}
   *
   * @param count how many channels of each image, at least 1; by default all
   */
  public ScoreCam maxChannels(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("At least one channel is needed, got " + count + ".");
    }
    return new ScoreCam(paper, count);
  }

  @Override
  public Info info() {
    Info info =
        Info.of("scorecam", "Score-CAM")
            .ofActivations()
            .summary("channels as masks of the input, weighted by the score; no gradients")
            .paper("Wang et al., 2020, https://arxiv.org/abs/1910.01279");
    return paper
        ? info.named("scorecam:paper", "Score-CAM (paper)")
            .summary("as the paper defines it: softmax of the increase over a baseline")
        : info;
  }

  @Override
  public Plan plan(Probes probes) {
    if (probes.byPlace()) {
      throw new UnsupportedModelException(
          "Score-CAM takes units for each image, not for each place of an output that is a map.");
    }
    probes.requireReal("Score-CAM masks");
    GraphBuilder b = probes.builder();
    Value channels = probes.activation();
    int[] places = probes.input().places();
    int[] spatial = Arrays.copyOfRange(channels.shape().sizes(), 2, channels.rank());
    if (spatial.length != places.length) {
      KerasTensor activation = probes.activationTensor();
      throw new UnsupportedModelException(
          "Score-CAM lays the explained activation over the input as masks, but '%s' %s has not the spatial axes of the input %s."
              .formatted(activation.value().name(), activation.shape(), probes.input().shape()));
    }
    Value masks =
        paper
            ? channels
            : Filters.normalize(b, channels, IntStream.range(2, channels.rank()).toArray());
    int observed = probes.observe(masks);
    Probe scores =
        probes.changed(spatial, (graph, image, small) -> masked(probes, graph, image, small));
    return new Plan() {
      @Override
      public Passes begin(Batch batch) {
        return new ScoreCamPasses(
            scores, batch, batch.observed().get(observed), paper, maxChannels);
      }

      @Override
      public Joining joining() {
        return Joining.resized(places);
      }
    };
  }

  /** The image under each mask: small masks are resized in the graph. */
  private Value masked(Probes probes, GraphBuilder b, Value image, Value masks) {
    Value resized = Resizing.linear(b, masks, probes.input().places());
    if (paper) {
      resized = Filters.normalize(b, resized, IntStream.range(1, resized.rank()).toArray());
    }
    return b.mul(image, probes.overChannels(b, resized));
  }
}
