package dev.keralens.method;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Batch;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.FromBaseline;
import dev.keralens.explain.Gradual;
import dev.keralens.explain.Info;
import dev.keralens.explain.MethodOption;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.filter.Filters;
import dev.keralens.method.numeric.GuidedWalk;
import dev.keralens.method.pass.Baselines;
import dev.keralens.method.pass.Completeness;
import dev.keralens.method.pass.InputGradients;
import dev.keralens.method.pass.UnitMaps;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Guided integrated gradients (Kapishnikov et al., 2021, <a
 * href="https://arxiv.org/abs/2106.09788">arXiv:2106.09788</a>, section 3 and algorithm 1).
 *
 * <p>{@link IntegratedGradients} on a way from the baseline b to the input x that avoids steep
 * places: in each of n steps, the pixels with the smallest gradients go first, a quarter of them at
 * a time, until the way that is left has shrunk by 1/n. No pixel is ahead of the straight way, or
 * behind it, by more than a part m of the whole (anchor corridor):
 *
 * <pre>
 *   map_ij = sum_c sum_s (x_{s+1} - x_s)_ijc dy/dx_ijc (x_s)
 * </pre>
 *
 * <p>The sum of a map is y(x) - y(b), up to the error of the sum over the steps: {@code
 * Explanation.gaps} says how large that is. Each unit of an image has a way of its own.
 *
 * <p>Shapes: the input is (batch, height, width, channels), the maps (batch, height, width, k).
 *
 * <p>Differs from the paper: as PAIR's saliency, 200 steps, a quarter, and m = 0.02.
 */
@CheckReturnValue
public final class GuidedIg implements Ensemble, FromBaseline, Gradual {
  private final int steps;
  private final double fraction;
  private final double corridor;
  private final Baseline baseline;

  private GuidedIg(int steps, double fraction, double corridor, Baseline baseline) {
    this.steps = steps;
    this.fraction = fraction;
    this.corridor = corridor;
    this.baseline = baseline;
  }

  /** {@return the method with 200 steps from a baseline of zeros} */
  public static GuidedIg create() {
    return new GuidedIg(200, 0.25, 0.02, Baseline.ZERO);
  }

  /**
   * {@return a copy with another number of steps}
   *
   * @param count how many, at least 1; default 200
   */
  public GuidedIg steps(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("At least one step is needed, got " + count + ".");
    }
    return new GuidedIg(count, fraction, corridor, baseline);
  }

  /**
   * {@return a copy that moves another part of the pixels at a time}
   *
   * @param part above 0 and up to 1; default 0.25
   */
  public GuidedIg fraction(double part) {
    return new GuidedIg(steps, part(part), corridor, baseline);
  }

  /**
   * {@return a copy with another corridor around the straight way}
   *
   * @param part how far a pixel may be from it, as a part of its whole way, above 0 and up to 1,
   *     which stands for no corridor; default 0.02
   */
  public GuidedIg corridor(double part) {
    return new GuidedIg(steps, fraction, part(part), baseline);
  }

  private static double part(double part) {
    if (!(part > 0 && part <= 1)) {
      throw new IllegalArgumentException("A part lies above 0 and up to 1, got " + part + ".");
    }
    return part;
  }

  /**
   * {@return a copy with another baseline}
   *
   * @param from where the way begins; default zeros
   */
  @Override
  public GuidedIg baseline(Baseline from) {
    return new GuidedIg(steps, fraction, corridor, from);
  }

  @Override
  public List<MethodOption> options() {
    return List.of(MethodOption.steps(steps, this::steps));
  }

  @Override
  public Info info() {
    return Info.of("guided_ig", "Guided IG")
        .passes(steps)
        .filter(Filters::absoluteNormalize)
        .summary("as integrated_gradients, on a way that avoids steep places; sums to the score")
        .paper("Kapishnikov et al., 2021, https://arxiv.org/abs/2106.09788");
  }

  @Override
  public Plan plan(Probes probes) {
    probes.requireReal("Guided IG goes from a baseline to");
    Probe gradients = probes.maps(new InputGradients(), 1);
    Probe scores = probes.scores();
    UnaryOperator<Tensor> baselines = Baselines.of(baseline, probes);
    int input = probes.inputIndex();
    return new Plan() {
      @Override
      public Passes begin(Batch batch) {
        return new Walk(gradients, scores, batch, input, baselines);
      }

      @Override
      public Joining joining() {
        return Joining.SUM_OF_CHANNELS;
      }
    };
  }

  /** The walks of all images and units, side by side; each step waits for the gradients there. */
  private final class Walk implements Passes {
    private final Probe probe;
    private final Probe scores;
    private final Batch batch;
    private final int input;
    private final int units;
    private final float[] baselines;
    private final GuidedWalk[] walks;
    private final List<Tensor> others = new ArrayList<>();
    private @Nullable Tensor scoresOfBaselines;

    Walk(Probe probe, Probe scores, Batch batch, int input, UnaryOperator<Tensor> from) {
      this.probe = probe;
      this.scores = scores;
      this.batch = batch;
      this.input = input;
      this.units = batch.units().size(-1);
      Tensor images = batch.inputs().get(input);
      this.baselines = from.apply(images).toFloatArray();
      float[] values = images.toFloatArray();
      int size = values.length / batch.images();
      this.walks = new GuidedWalk[batch.images() * units];
      for (int i = 0; i < walks.length; i++) {
        int at = i / units * size;
        walks[i] = new GuidedWalk(values, baselines, at, size, steps, fraction, corridor);
      }
      for (Tensor given : batch.inputs()) {
        List<Tensor> rows = new ArrayList<>();
        for (int i = 0; i < walks.length; i++) {
          rows.add(given.rows(i / units, i / units + 1));
        }
        others.add(Tensor.concat(rows));
      }
    }

    @Override
    public boolean oneAfterAnother() {
      return true;
    }

    @Override
    public int count() {
      return steps + 1;
    }

    @Override
    public Question question(int index) {
      if (index == steps) {
        List<Tensor> inputs = new ArrayList<>(batch.inputs());
        inputs.set(input, Tensor.of(baselines, inputs.get(input).shape()));
        return new Question(scores, inputs, batch.units());
      }
      List<Tensor> inputs = new ArrayList<>(others);
      int[] shape = inputs.get(input).shape();
      float[] points = new float[inputs.get(input).elements()];
      for (int i = 0; i < walks.length; i++) {
        walks[i].writePoint(points, i * (points.length / walks.length));
      }
      inputs.set(input, Tensor.of(points, shape));
      Tensor each = Tensor.of(batch.units().toLongArray(), walks.length, 1);
      return new Question(probe, inputs, each);
    }

    @Override
    public void add(int index, Probe.Answer answer) {
      if (index == steps) {
        scoresOfBaselines = answer.scores();
        return;
      }
      float[] gradients = answer.requireMaps().toFloatArray();
      int size = gradients.length / walks.length;
      for (int i = 0; i < walks.length; i++) {
        walks[i].step(index, gradients, i * size);
      }
    }

    @Override
    public Tensor maps() {
      int[] shape = batch.inputs().get(input).shape();
      int[] axes = new int[shape.length - 1];
      System.arraycopy(shape, 1, axes, 0, axes.length);
      return UnitMaps.of(
          shape[0], units, axes, (image, unit) -> walks[image * units + unit].attributions());
    }

    @Override
    public Tensor gaps() {
      return Completeness.gaps(
          maps(), batch.requireScores(), Objects.requireNonNull(scoresOfBaselines));
    }
  }
}
