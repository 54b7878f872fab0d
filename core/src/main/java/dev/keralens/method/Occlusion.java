package dev.keralens.method;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.FromBaseline;
import dev.keralens.explain.Info;
import dev.keralens.explain.MethodOption;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.explain.Unrolling;
import dev.keralens.filter.Filters;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.method.pass.Masking;
import dev.keralens.method.pass.WindowGrid;
import dev.keralens.method.pass.WindowMasks;
import dev.keralens.method.pass.WindowPasses;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.CheckReturnValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
 * <p>Of a text, words are replaced by others, whose numbers the baseline has.
 *
 * <p>Windows begin at the multiples of the stride, until one reaches the end of an axis; there they
 * are cut off. Shapes: the input is (batch, height, width, channels), the maps (batch, height,
 * width, k).
 *
 * <p>What a window cannot reach is not computed anew (Nakandala et al., 2019, <a
 * href="https://arxiv.org/abs/1912.01242">arXiv:1912.01242</a>): of convolutions and poolings, only
 * the places around it, as long as these are the smaller part. The scores are those of full passes
 * but for the order of sums. Where that does not pay, or cannot be done, as with attention or
 * squeeze-and-excite early in the network, passes are full.
 *
 * <p>Differs from the paper: the drop of the score in place of the score, and the mean over all
 * windows that cover a place.
 */
@CheckReturnValue
public final class Occlusion implements Ensemble, FromBaseline {
  private static final int WINDOWS_PER_SIDE = 7;

  /** How much of a network is computed for a window. */
  private enum Work {
    FULL,
    PARTIAL,
    LEAST
  }

  private final int window;
  private final int stride;
  private final Baseline baseline;
  private final Work work;

  private Occlusion(int window, int stride, Baseline baseline, Work work) {
    this.work = work;
    this.window = window;
    this.stride = stride;
    this.baseline = baseline;
  }

  /**
   * {@return the method with windows of a seventh of each side, which overlap by half, and a
   * baseline of zero. A window is one column of a table, and one word of a text}
   */
  public static Occlusion create() {
    return new Occlusion(0, 0, Baseline.ZERO, Work.LEAST);
  }

  /**
   * {@return a copy with other windows}
   *
   * @param size the side of a window, in places of the input, at least 1
   */
  public Occlusion window(int size) {
    return new Occlusion(positive("window", size), stride, baseline, work);
  }

  /**
   * {@return a copy whose windows lie at other distances}
   *
   * @param distance from the beginning of one window to that of the next, at least 1; half of a
   *     window by default
   */
  public Occlusion stride(int distance) {
    return new Occlusion(window, positive("stride", distance), baseline, work);
  }

  /**
   * {@return a copy with another baseline}
   *
   * @param value what windows are filled with, in units of the input, after preprocessing; default
   *     0
   */
  public Occlusion baseline(float value) {
    return baseline(Baseline.of(value));
  }

  /**
   * {@return a copy with another baseline}
   *
   * @param filling what windows are filled with; default zeros
   */
  @Override
  public Occlusion baseline(Baseline filling) {
    return new Occlusion(window, stride, filling, work);
  }

  /**
   * {@return a copy that computes the whole network for each window; by default only what a window
   * reaches is computed, where that pays}
   */
  public Occlusion fullPasses() {
    return new Occlusion(window, stride, baseline, Work.FULL);
  }

  /** {@return a copy that computes only what a window reaches, also where that takes longer} */
  public Occlusion partialPasses() {
    return new Occlusion(window, stride, baseline, Work.PARTIAL);
  }

  private static int positive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("The %s is at least 1, got %d.".formatted(what, value));
    }
    return value;
  }

  @Override
  public List<MethodOption> options() {
    return List.of(
        MethodOption.count(
            "window",
            "Window",
            "The side of the window that is hidden, in pixels of the input; empty for a seventh.",
            window,
            1,
            10_000,
            this::window),
        MethodOption.count(
            "stride",
            "Stride",
            "How far apart windows begin, in pixels; empty for half a window.",
            stride,
            1,
            10_000,
            this::stride));
  }

  @Override
  public Info info() {
    int usual = window == 0 && stride == 0 ? 169 : 1;
    return Info.of("occlusion", "Occlusion")
        .passes(usual)
        .filter(Filters::positiveNormalize)
        .summary("how much the score drops where a window hides the input; no gradients")
        .paper("Zeiler and Fergus, 2014, https://arxiv.org/abs/1311.2901");
  }

  @Override
  public Plan plan(Probes probes) {
    Masking.require(probes, "Occlusion hides windows of");
    WindowGrid grid = grid(probes.input());
    Probes.Windows parts = work == Work.FULL ? null : parts(probes, grid, work == Work.PARTIAL);
    if (parts != null) {
      return batch -> new WindowPasses(parts, batch, grid);
    }
    Probe scores = Masking.scores(probes, baseline);
    return batch -> new WindowMasks(scores, batch, grid);
  }

  private Probes.@Nullable Windows parts(Probes probes, WindowGrid grid, boolean always) {
    return probes
        .windows(baseline, grid.windows(), grid.strides(), grid.counts(), always)
        .orElse(null);
  }

  @Override
  public Unrolling.Maps unroll(Unrolling rows) {
    rows.requireReal("Occlusion hides windows of");
    WindowGrid grid = grid(rows.input());
    rows.requireRows(grid.count(), "a larger --window or --stride");
    GraphBuilder b = rows.builder();
    Value hidden = grid.hidden(b);
    Value scores = Masking.scores(rows, b.sub(b.scalar(1), hidden), baseline);
    Value drops = b.sub(b.unsqueeze(rows.scores(), 1), scores);
    Value covering = b.unsqueeze(b.reduceSum(hidden, false, 0), grid.places().length);
    return Unrolling.Maps.of(b.div(Masking.sum(b, drops, hidden), covering));
  }

  private WindowGrid grid(KerasTensor input) {
    int[] places = input.places();
    boolean columns = input.value().rank() == 2;
    int[] windows = new int[places.length];
    int[] strides = new int[places.length];
    int[] counts = new int[places.length];
    for (int axis = 0; axis < places.length; axis++) {
      int side =
          window > 0
              ? window
              : columns ? 1 : Math.max(1, Math.round((float) places[axis] / WINDOWS_PER_SIDE));
      windows[axis] = Math.min(side, places[axis]);
      strides[axis] = stride > 0 ? stride : Math.max(1, windows[axis] / 2);
      if (windows[axis] < places[axis] && strides[axis] > windows[axis]) {
        throw new UnsupportedModelException(
            "Occlusion with a stride of %d and windows of %d would leave places of the input %s that no window covers."
                .formatted(strides[axis], windows[axis], input.shape()));
      }
      counts[axis] = 1 + (places[axis] - windows[axis] + strides[axis] - 1) / strides[axis];
    }
    return new WindowGrid(places, windows, strides, counts);
  }
}
