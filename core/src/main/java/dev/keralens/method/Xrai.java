package dev.keralens.method;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.MethodOption;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.method.numeric.Regions;
import dev.keralens.method.pass.InputGradients;
import dev.keralens.method.pass.UnitMaps;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * XRAI (Kapishnikov et al., 2019, <a href="https://arxiv.org/abs/1906.02825">arXiv:1906.02825</a>,
 * algorithm 1).
 *
 * <p>{@link IntegratedGradients} from black and from white, in the mean, brought to regions of the
 * picture: of overlapping regions of several sizes, the one comes first whose new pixels have the
 * highest mean attribution. The map has this mean at the pixels that a region added.
 *
 * <p>Black and white are the lowest and the highest value of the image; an attribution is the
 * largest of its channels. Regions are those of Felzenszwalb and Huttenlocher at six scales, each
 * with a margin of five pixels.
 *
 * <p>Shapes: the input is (batch, height, width, channels), the maps (batch, height, width, k).
 *
 * <p>Differs from the paper: as PAIR's saliency, 100 steps from each baseline and its scales; the
 * picture is resized linearly to 224 x 224 to be divided. A region counts that adds a thousandth of
 * the picture.
 */
@CheckReturnValue
public final class Xrai implements Ensemble {
  private static final double LEAST = 1.0 / 1000;

  private final int steps;

  private Xrai(int steps) {
    this.steps = steps;
  }

  /** {@return the method with 100 steps from each of two baselines} */
  public static Xrai create() {
    return new Xrai(100);
  }

  /**
   * {@return a copy with another number of steps}
   *
   * @param count how many from each baseline, at least 1; default 100
   */
  public Xrai steps(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("At least one step is needed, got " + count + ".");
    }
    return new Xrai(count);
  }

  @Override
  public List<MethodOption> options() {
    return List.of(MethodOption.steps(steps, this::steps));
  }

  @Override
  public Info info() {
    return Info.of("xrai", "XRAI")
        .passes((int) Math.min(Integer.MAX_VALUE, 2L * steps))
        .summary("regions of the picture by the integrated gradients in them")
        .paper("Kapishnikov et al., 2019, https://arxiv.org/abs/1906.02825");
  }

  @Override
  public Plan plan(Probes probes) {
    probes.requireReal("XRAI goes from baselines to");
    KerasTensor input = probes.input();
    int[] places = input.places();
    if (places.length != 2) {
      throw new UnsupportedModelException(
          "XRAI divides pictures into regions, and the input %s is none; integrated_gradients explains it."
              .formatted(input.shape()));
    }
    Probe gradients = probes.maps(new InputGradients());
    IntegratedGradients path = IntegratedGradients.create().steps(steps);
    Plan black = path.baseline(Baseline.lowest()).plan(probes, gradients);
    Plan white = path.baseline(Baseline.highest()).plan(probes, gradients);
    int axis = input.value().rank() < 3 ? -1 : input.layout().channelAxis(input.value().rank());
    int index = probes.inputIndex();
    return batch ->
        new Both(
            black.begin(batch),
            white.begin(batch),
            last(batch.inputs().get(index), axis),
            axis,
            places);
  }

  /** The images, or their attributions, as (batch, height, width, channels, ...). */
  private static Tensor last(Tensor images, int axis) {
    int rank = images.rank();
    if (axis < 0) {
      int[] shape = Arrays.copyOf(images.shape(), rank + 1);
      System.arraycopy(images.shape(), 3, shape, 4, rank - 3);
      shape[3] = 1;
      return images.reshape(shape);
    }
    int[] order = new int[rank];
    Arrays.setAll(order, i -> i < axis || i > 3 ? i : i == 3 ? axis : i + 1);
    return axis == 3 ? images : images.transpose(order);
  }

  /** The passes from both baselines, one after the other. */
  private static final class Both implements Passes {
    private final Passes black;
    private final Passes white;
    private final Tensor images;
    private final int axis;
    private final int[] places;

    Both(Passes black, Passes white, Tensor images, int axis, int[] places) {
      this.black = black;
      this.white = white;
      this.images = images;
      this.axis = axis;
      this.places = places;
    }

    @Override
    public int count() {
      return black.count() + white.count();
    }

    @Override
    public Question question(int index) {
      return index < black.count() ? black.question(index) : white.question(index - black.count());
    }

    @Override
    public void add(int index, Probe.Answer answer) {
      if (index < black.count()) {
        black.add(index, answer);
      } else {
        white.add(index - black.count(), answer);
      }
    }

    @Override
    public Tensor maps() {
      Tensor one = last(black.maps(), axis);
      float[] first = one.toFloatArray();
      float[] second = last(white.maps(), axis).toFloatArray();
      int units = one.size(-1);
      int channels = images.size(3);
      int area = places[0] * places[1];
      int least = Math.max(1, (int) Math.round(LEAST * area));
      return UnitMaps.ofEach(
          images.size(0),
          units,
          places,
          image -> {
            List<int[]> regions =
                Regions.of(images.row(image).toFloatArray(), places[0], places[1], channels);
            return unit -> {
              double[] attributions = new double[area];
              for (int place = 0; place < area; place++) {
                double most = Double.NEGATIVE_INFINITY;
                for (int c = 0; c < channels; c++) {
                  int at = ((image * area + place) * channels + c) * units + unit;
                  most = Math.max(most, ((double) first[at] + second[at]) / 2);
                }
                attributions[place] = most;
              }
              return Regions.ranked(attributions, regions, least);
            };
          });
    }
  }
}
