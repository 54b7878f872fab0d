package dev.keralens.method;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.MethodOption;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.explain.Unrolling;
import dev.keralens.filter.Filters;
import dev.keralens.filter.Resizing;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.method.pass.Masking;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.search.Channels;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.ElementType;
import java.util.Arrays;
import java.util.List;
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
  public boolean laysOverInput() {
    return true;
  }

  @Override
  public List<MethodOption> options() {
    return List.of(
        MethodOption.count(
            "max-channels",
            "Channels",
            "Only so many channels mask the image, those of the highest variance; empty for all.",
            maxChannels == Integer.MAX_VALUE ? 0 : maxChannels,
            1,
            100_000,
            this::maxChannels));
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
    Value channels = probes.activation();
    KerasTensor input = probes.input();
    int[] places = input.places();
    requireSpatial(channels, probes.activationTensor(), input);
    int[] spatial = Arrays.copyOfRange(channels.shape().sizes(), 2, channels.rank());
    int observed = probes.observe(masks(probes.builder(), channels));
    Probe scores =
        probes.changed(
            spatial, (graph, image, small) -> graph.mul(image, over(graph, input, small)));
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

  private static void requireSpatial(Value channels, KerasTensor activation, KerasTensor input) {
    if (channels.rank() - 2 != input.places().length) {
      throw new UnsupportedModelException(
          "Score-CAM lays the explained activation over the input as masks, but '%s' %s has not the spatial axes of the input %s."
              .formatted(activation.value().name(), activation.shape(), input.shape()));
    }
  }

  private Value masks(GraphBuilder b, Value channels) {
    return paper
        ? channels
        : Filters.normalize(b, channels, IntStream.range(2, channels.rank()).toArray());
  }

  /** Small masks (rows, places...), of the size of the input and with its channels. */
  private Value over(GraphBuilder b, KerasTensor input, Value masks) {
    Value resized = Resizing.linear(b, masks, input.places());
    if (paper) {
      resized = Filters.normalize(b, resized, IntStream.range(1, resized.rank()).toArray());
    }
    return Channels.over(b, resized, input);
  }

  @Override
  public Unrolling.Maps unroll(Unrolling rows) {
    rows.requireReal("Score-CAM masks");
    GraphBuilder b = rows.builder();
    KerasTensor input = rows.input();
    Value channels = rows.activation();
    requireSpatial(channels, rows.activationTensor(), input);
    int count = Math.min(maxChannels, channels.shape().size(1));
    rows.requireRows(count, "--max-channels");
    Value masks = highest(b, masks(b, channels), count);
    Value over = rows.apart(over(b, input, rows.together(masks)), count);
    Value images = rows.together(b.mul(b.unsqueeze(input.value(), 1), over));
    Value weights = weights(b, rows.scores(images, count), masks);
    return new Unrolling.Maps(Masking.sum(b, weights, masks), Plan.Joining.resized(input.places()));
  }

  /** The masks of the highest variance: (batch, count, places...). */
  private static Value highest(GraphBuilder b, Value masks, int count) {
    Shape shape = masks.shape();
    if (count == shape.size(1)) {
      return masks;
    }
    int area = Arrays.stream(shape.sizes()).skip(2).reduce(1, Math::multiplyExact);
    Value flat = b.reshape(masks, Shape.of(shape.size(0), shape.size(1), area));
    Value exact = b.cast(flat, ElementType.FLOAT64);
    Value from = b.sub(exact, b.reduceMean(exact, true, 2));
    Value variances = b.reduceMean(b.mul(from, from), false, 2);
    Value ranked =
        b.nodes(Op.TOP_K, Attributes.of("axis", 1), 2, Arrays.asList(variances, b.ints(count)))
            .get(1);
    Value places = b.expand(b.unsqueeze(ranked, 2), Shape.of(shape.size(0), count, area));
    Value chosen = b.node(Op.GATHER_ELEMENTS, Attributes.of("axis", 1), flat, places);
    return b.reshape(chosen, shape.with(1, count));
  }

  /** The weight of each mask for each unit, (batch, masks, k); of masks that are constant, zero. */
  private Value weights(GraphBuilder b, Value scores, Value masks) {
    int[] axes = IntStream.range(2, masks.rank()).toArray();
    Value low = b.reduce(Op.REDUCE_MIN, masks, false, axes);
    Value high = b.reduce(Op.REDUCE_MAX, masks, false, axes);
    Value constant = b.unsqueeze(b.node(Op.EQUAL, low, high), 2);
    if (!paper) {
      return b.where(constant, b.scalar(0), scores);
    }
    Value counted = b.where(constant, b.scalar(-Float.MAX_VALUE), scores);
    return b.where(constant, b.scalar(0), b.node(Op.SOFTMAX, Attributes.of("axis", 1), counted));
  }
}
