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
import dev.keralens.explain.Unrolling;
import dev.keralens.filter.Filters;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.method.pass.Baselines;
import dev.keralens.method.pass.Completeness;
import dev.keralens.method.pass.InputGradients;
import dev.keralens.method.pass.Rows;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntToDoubleFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Integrated gradients (Sundararajan et al., 2017, <a
 * href="https://arxiv.org/abs/1703.01365">arXiv:1703.01365</a>, equation 1).
 *
 * <p>The gradient of a unit's logit y, averaged over the straight way from a baseline b to the
 * input x, times their difference, summed over the channels:
 *
 * <pre>
 *   map_ij = sum_c (x_ijc - b_ijc) integral_0^1 dy/dx_ijc (b + a (x - b)) da
 *          ~ sum_c (x_ijc - b_ijc) sum_s w_s dy/dx_ijc (b + a_s (x - b))
 * </pre>
 *
 * <p>The sum of a map is y(x) - y(b) (completeness, proposition 1), up to the error of the sum over
 * the steps: {@code Explanation.gaps} says how large that is.
 *
 * <p>Shapes: the input is (batch, height, width, channels), the maps (batch, height, width, k).
 *
 * <p>Differs from the paper: 50 steps of Gauss and Legendre's rule by default, which need fewer
 * than a Riemann sum for the same error; {@link Rule} has others.
 */
@CheckReturnValue
public final class IntegratedGradients implements Ensemble, FromBaseline, Gradual {
  /** How the integral is approximated: where the steps lie in [0, 1], and what they weigh. */
  public enum Rule {
    /** Gauss and Legendre's: exact for polynomials of a degree below twice the number of steps. */
    GAUSS,
    /** The middle of n pieces of equal length, with equal weights. */
    RIEMANN_MIDDLE,
    /** The n ends of n - 1 pieces of equal length; the first and the last weigh half. */
    TRAPEZOID
  }

  private final int steps;
  private final Rule rule;
  private final Baseline baseline;

  private IntegratedGradients(int steps, Rule rule, Baseline baseline) {
    this.steps = steps;
    this.rule = rule;
    this.baseline = baseline;
  }

  /** {@return the method with 50 steps of Gauss and Legendre's rule, from a baseline of zeros} */
  public static IntegratedGradients create() {
    return new IntegratedGradients(50, Rule.GAUSS, Baseline.ZERO);
  }

  /**
   * {@return a copy with another number of steps}
   *
   * @param count how many, at least 1, of the trapezoid rule at least 2; default 50
   */
  public IntegratedGradients steps(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("At least one step is needed, got " + count + ".");
    }
    return new IntegratedGradients(count, rule, baseline);
  }

  /**
   * {@return a copy with another rule}
   *
   * @param newRule how the integral is approximated; default Gauss and Legendre's
   */
  public IntegratedGradients rule(Rule newRule) {
    return new IntegratedGradients(steps, newRule, baseline);
  }

  /**
   * {@return a copy with another baseline, the same everywhere}
   *
   * @param number in units of the input, after preprocessing; default 0
   */
  public IntegratedGradients baseline(float number) {
    return baseline(Baseline.of(number));
  }

  /**
   * {@return a copy with another baseline}
   *
   * @param image in units of the input, after preprocessing: one row of the input's shape, the same
   *     for all images
   */
  public IntegratedGradients baseline(Tensor image) {
    return baseline(Baseline.of(image));
  }

  /**
   * {@return a copy with another baseline}
   *
   * @param from where the way begins; default zeros
   */
  @Override
  public IntegratedGradients baseline(Baseline from) {
    return new IntegratedGradients(steps, rule, from);
  }

  @Override
  public List<MethodOption> options() {
    return List.of(
        MethodOption.steps(steps, this::steps),
        MethodOption.choice(
            "rule", "Rule", "How the steps are placed and weighed.", rule, this::rule));
  }

  @Override
  public Info info() {
    return Info.of("integrated_gradients", "Integrated Gradients")
        .passes(steps)
        .filter(Filters::absoluteNormalize)
        .summary(
            "gradients from a baseline to the input, times their difference; sums to the score")
        .paper("Sundararajan et al., 2017, https://arxiv.org/abs/1703.01365");
  }

  @Override
  public Plan plan(Probes probes) {
    requireApplies(probes::requireReal);
    return plan(probes, probes.maps(new InputGradients()));
  }

  /**
   * The plan.
   *
   * @param gradients the gradients of the explained input
   */
  Plan plan(Probes probes, Probe gradients) {
    Probe scores = probes.scores();
    UnaryOperator<Tensor> baselines = Baselines.of(baseline, probes);
    int input = probes.inputIndex();
    return new Plan() {
      @Override
      public Passes begin(Batch batch) {
        return new PathPasses(gradients, scores, batch, input, baselines);
      }

      @Override
      public Joining joining() {
        return Joining.SUM_OF_CHANNELS;
      }
    };
  }

  @Override
  public Unrolling.Maps unroll(Unrolling rows) {
    requireApplies(rows::requireReal);
    rows.requireRows(steps, "--steps");
    GraphBuilder b = rows.builder();
    Value x = rows.input().value();
    Value from = baseline.add(b, rows.input(), x);
    Value difference = b.unsqueeze(b.sub(x, from), 1);
    Quadrature way = Quadrature.of(rule, steps);
    Value points = b.constant(column(way::point, x.rank() + 1));
    Value start = from.rank() < 2 ? from : b.unsqueeze(from, 1);
    Value onTheWay = b.add(start, b.mul(difference, points));
    Value gradients = rows.maps(new InputGradients(), rows.together(onTheWay), steps);
    Value weights = b.constant(column(way::weight, gradients.rank()));
    Value mean = b.reduceSum(b.mul(gradients, weights), false, 1);
    Value factor = b.unsqueeze(b.sub(x, from), x.rank());
    return new Unrolling.Maps(b.mul(mean, factor), Plan.Joining.SUM_OF_CHANNELS);
  }

  /** A number for each step, along axis 1. */
  private Tensor column(IntToDoubleFunction number, int rank) {
    float[] numbers = new float[steps];
    for (int i = 0; i < steps; i++) {
      numbers[i] = (float) number.applyAsDouble(i);
    }
    int[] shape = new int[rank];
    Arrays.fill(shape, 1);
    shape[1] = steps;
    return Tensor.of(numbers, shape);
  }

  private void requireApplies(Consumer<String> requireReal) {
    requireReal.accept("Integrated gradients go from a baseline to");
    if (rule == Rule.TRAPEZOID && steps < 2) {
      throw new IllegalArgumentException("The trapezoid rule needs at least two steps.");
    }
  }

  /** The steps on the way from the baseline to the images, several in one question. */
  private final class PathPasses implements Passes {
    private final Probe probe;
    private final Probe scores;
    private final Batch batch;
    private final int input;
    private final int together;
    private final Quadrature way;
    private final float[] from;
    private final float[] difference;
    private double @Nullable [] sums;
    private int[] shape = {};
    private @Nullable Tensor scoresOfBaselines;

    PathPasses(Probe probe, Probe scores, Batch batch, int input, UnaryOperator<Tensor> baselines) {
      this.probe = probe;
      this.scores = scores;
      this.batch = batch;
      this.input = input;
      Tensor images = batch.inputs().get(input);
      this.together = Rows.together(images, steps);
      this.way = Quadrature.of(rule, steps);
      this.from = baselines.apply(images).toFloatArray();
      this.difference = images.toFloatArray();
      for (int i = 0; i < difference.length; i++) {
        difference[i] -= from[i];
      }
    }

    private int passes(int index) {
      return Math.min(together, steps - index * together);
    }

    private int questions() {
      return (steps + together - 1) / together;
    }

    /** After the steps, the scores of the baselines are asked for. */
    @Override
    public int count() {
      return questions() + 1;
    }

    @Override
    public Question question(int index) {
      if (index == questions()) {
        Tensor images = batch.inputs().get(input);
        List<Tensor> inputs = new ArrayList<>(batch.inputs());
        inputs.set(input, Tensor.of(from, images.shape()));
        return new Question(scores, inputs, batch.units());
      }
      int passes = passes(index);
      List<Tensor> inputs = new ArrayList<>();
      for (int i = 0; i < batch.inputs().size(); i++) {
        Tensor given = batch.inputs().get(i);
        inputs.add(i == input ? onTheWay(given, index, passes) : Rows.repeated(given, passes));
      }
      return new Question(probe, inputs, Rows.repeated(batch.units(), passes));
    }

    private Tensor onTheWay(Tensor images, int index, int passes) {
      float[] points = new float[Math.multiplyExact(passes, from.length)];
      for (int pass = 0; pass < passes; pass++) {
        float at = (float) way.point(index * together + pass);
        for (int i = 0; i < from.length; i++) {
          points[pass * from.length + i] = from[i] + at * difference[i];
        }
      }
      int[] rows = images.shape();
      rows[0] *= passes;
      return Tensor.of(points, rows);
    }

    @Override
    public void add(int index, Probe.Answer answer) {
      if (index == questions()) {
        scoresOfBaselines = answer.scores();
        return;
      }
      float[] gradients = answer.requireMaps().toFloatArray();
      int passes = passes(index);
      int size = gradients.length / passes;
      double[] total = sums;
      if (total == null) {
        total = new double[size];
        sums = total;
        shape = answer.requireMaps().shape();
        shape[0] /= passes;
      }
      for (int pass = 0; pass < passes; pass++) {
        double weight = way.weight(index * together + pass);
        for (int i = 0; i < size; i++) {
          total[i] += weight * gradients[pass * size + i];
        }
      }
    }

    /** The mean gradients times the difference, with the input's channels: (batch, axes..., k). */
    @Override
    public Tensor maps() {
      double[] total = sums;
      if (total == null) {
        throw new IllegalStateException("There was no pass.");
      }
      int units = total.length / difference.length;
      float[] maps = new float[total.length];
      for (int i = 0; i < maps.length; i++) {
        maps[i] = (float) (total[i] * difference[i / units]);
      }
      return Tensor.of(maps, shape);
    }

    /** How far the sum of each map is from the rise of the score, as a part of it. */
    @Override
    public @Nullable Tensor gaps() {
      return Completeness.gaps(
          maps(), batch.requireScores(), Objects.requireNonNull(scoresOfBaselines));
    }
  }
}
