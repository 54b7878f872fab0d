package dev.keralens.method;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.explain.Unrolling;
import dev.keralens.filter.Filters;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;

/**
 * Occlusion (Zeiler and Fergus, 2014, <a
 * href="https://arxiv.org/abs/1311.2901">arXiv:1311.2901</a>, section 4.2).
 *
 * <p>A window slides over the image and replaces what lies under it by a baseline. A place of the
 * map is how much the score y of a unit drops, as the mean over the windows W that cover it:
 *
 * <pre>
 *   map_p = 1/|{W: p in W}| sum over W with p in W of (y(x) - y(x without W))
 * </pre>
 *
 * <p>Windows begin at the multiples of the stride, until one reaches the end of an axis; there they
 * are cut off. Shapes: the input is (batch, height, width, channels), the maps (batch, height,
 * width, k).
 *
 * <p>Differs from the paper: the drop of the score in place of the score, and the mean over all
 * windows that cover a place.
 */
@CheckReturnValue
public final class Occlusion implements Ensemble {
  private static final int WINDOWS_PER_SIDE = 7;

  private final int window;
  private final int stride;
  private final float baseline;

  private Occlusion(int window, int stride, float baseline) {
    this.window = window;
    this.stride = stride;
    this.baseline = baseline;
  }

  /**
   * {@return the method with windows of a seventh of each side, which overlap by half, and a
   * baseline of zero}
   */
  public static Occlusion create() {
    return new Occlusion(0, 0, 0);
  }

  /**
   * {@return a copy with other windows}
   *
   * @param size the side of a window, in places of the input, at least 1
   */
  public Occlusion window(int size) {
    return new Occlusion(positive("window", size), stride, baseline);
  }

  /**
   * {@return a copy whose windows lie at other distances}
   *
   * @param distance from the beginning of one window to that of the next, at least 1; half of a
   *     window by default
   */
  public Occlusion stride(int distance) {
    return new Occlusion(window, positive("stride", distance), baseline);
  }

  /**
   * {@return a copy with another baseline}
   *
   * @param value what windows are filled with, in units of the input, after preprocessing; default
   *     0
   */
  public Occlusion baseline(float value) {
    return new Occlusion(window, stride, value);
  }

  private static int positive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("The %s is at least 1, got %d.".formatted(what, value));
    }
    return value;
  }

  @Override
  public Info info() {
    return Info.of("occlusion", "Occlusion")
        .filter(Filters::positiveNormalize)
        .summary("how much the score drops where a window hides the input; no gradients")
        .paper("Zeiler and Fergus, 2014, https://arxiv.org/abs/1311.2901");
  }

  @Override
  public Plan plan(Probes probes) {
    Masking.require(probes, "Occlusion hides windows of");
    Grid grid = grid(probes.input());
    Probe scores = Masking.scores(probes, baseline);
    return batch ->
        new Windows(scores, batch, grid.places, grid.windows, grid.strides, grid.counts);
  }

  @Override
  public Unrolling.Maps unroll(Unrolling rows) {
    rows.requireReal("Occlusion hides windows of");
    Grid grid = grid(rows.input());
    int windows = Arrays.stream(grid.counts).reduce(1, Math::multiplyExact);
    rows.requireRows(windows, "a larger --window or --stride");
    GraphBuilder b = rows.builder();
    Value hidden = grid.hidden(b);
    Value scores = Masking.scores(rows, b.sub(b.scalar(1), hidden), baseline);
    Value drops = b.sub(b.unsqueeze(rows.scores(), 1), scores);
    Value covering = b.unsqueeze(b.reduceSum(hidden, false, 0), grid.places.length);
    return Unrolling.Maps.of(b.div(Masking.sum(b, drops, hidden), covering));
  }

  /** The windows over an input: along each axis their size, distance and number. */
  private static final class Grid {
    private final int[] places;
    private final int[] windows;
    private final int[] strides;
    private final int[] counts;

    Grid(int[] places, int[] windows, int[] strides, int[] counts) {
      this.places = places;
      this.windows = windows;
      this.strides = strides;
      this.counts = counts;
    }

    /** Each window, 1 where it hides the input: (windows, places...). */
    Value hidden(GraphBuilder b) {
      Value all = b.scalar(1);
      for (int axis = 0; axis < places.length; axis++) {
        float[] along = new float[counts[axis] * places[axis]];
        for (int i = 0; i < along.length; i++) {
          int from = i / places[axis] * strides[axis];
          int place = i % places[axis];
          along[i] = place >= from && place < from + windows[axis] ? 1 : 0;
        }
        int[] shape = new int[2 * places.length];
        Arrays.fill(shape, 1);
        shape[axis] = counts[axis];
        shape[places.length + axis] = places[axis];
        all = b.mul(all, b.constant(Tensor.of(along, shape)));
      }
      int[] sizes = new int[places.length + 1];
      sizes[0] = Arrays.stream(counts).reduce(1, Math::multiplyExact);
      System.arraycopy(places, 0, sizes, 1, places.length);
      return b.reshape(all, Shape.of(sizes));
    }
  }

  private Grid grid(KerasTensor input) {
    int[] places = input.places();
    int[] windows = new int[places.length];
    int[] strides = new int[places.length];
    int[] counts = new int[places.length];
    for (int axis = 0; axis < places.length; axis++) {
      int side =
          window > 0 ? window : Math.max(1, Math.round((float) places[axis] / WINDOWS_PER_SIDE));
      windows[axis] = Math.min(side, places[axis]);
      strides[axis] = stride > 0 ? stride : Math.max(1, windows[axis] / 2);
      if (windows[axis] < places[axis] && strides[axis] > windows[axis]) {
        throw new UnsupportedModelException(
            "Occlusion with a stride of %d and windows of %d would leave places of the input %s that no window covers."
                .formatted(strides[axis], windows[axis], input.shape()));
      }
      counts[axis] = 1 + (places[axis] - windows[axis] + strides[axis] - 1) / strides[axis];
    }
    return new Grid(places, windows, strides, counts);
  }

  private static final class Windows extends MaskedPasses {
    private final int[] places;
    private final int[] windows;
    private final int[] strides;
    private final int[] counts;
    private final int[] covering;

    Windows(Probe probe, Batch batch, int[] places, int[] windows, int[] strides, int[] counts) {
      super(probe, batch, Arrays.stream(counts).reduce(1, Math::multiplyExact), places);
      this.places = places;
      this.windows = windows;
      this.strides = strides;
      this.counts = counts;
      this.covering = new int[Arrays.stream(places).reduce(1, Math::multiplyExact)];
      float[] mask = new float[covering.length];
      for (int i = 0; i < Arrays.stream(counts).reduce(1, (a, b) -> a * b); i++) {
        mask(i, mask, 0);
        for (int place = 0; place < mask.length; place++) {
          covering[place] += mask[place] == 0 ? 1 : 0;
        }
      }
    }

    @Override
    void mask(int index, float[] out, int at) {
      int[] from = new int[places.length];
      int rest = index;
      for (int axis = places.length - 1; axis >= 0; axis--) {
        from[axis] = rest % counts[axis] * strides[axis];
        rest /= counts[axis];
      }
      for (int place = 0; place < covering.length; place++) {
        int left = place;
        boolean hidden = true;
        for (int axis = places.length - 1; axis >= 0; axis--) {
          int i = left % places[axis];
          hidden &= i >= from[axis] && i < from[axis] + windows[axis];
          left /= places[axis];
        }
        out[at + place] = hidden ? 0 : 1;
      }
    }

    @Override
    double share(float left, double score, double plain) {
      return left == 0 ? plain - score : 0;
    }

    @Override
    double divisor(int place) {
      return covering[place];
    }
  }
}
