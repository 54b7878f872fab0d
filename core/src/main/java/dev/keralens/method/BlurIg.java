package dev.keralens.method;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.MethodOption;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.filter.Filters;
import dev.keralens.method.numeric.GaussianBlur;
import dev.keralens.method.pass.Completeness;
import dev.keralens.method.pass.GradientPasses;
import dev.keralens.method.pass.InputGradients;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Blur integrated gradients (Xu et al., 2020, <a
 * href="https://arxiv.org/abs/2004.03383">arXiv:2004.03383</a>, equations 4 and 5).
 *
 * <p>{@link IntegratedGradients} on the way of the image x from a strong blur to none, so that no
 * baseline has to be chosen. With the blur B(x, d) by a Gaussian of the standard deviation d, the
 * logit y of a unit and n steps of equal width:
 *
 * <pre>
 *   map_ij = - sum_c sum_s (d_{s+1} - d_s) dB(x, d)_ijc/dd (d_s) dy/dx_ijc (B(x, d_s))
 *   d_s = s/n d_max
 * </pre>
 *
 * <p>The sum of a map is y(x) - y(B(x, d_max)), up to the error of the sum over the steps: {@code
 * Explanation.gaps} says how large that is.
 *
 * <p>Shapes: the input is (batch, height, width, channels), the maps (batch, height, width, k).
 *
 * <p>Differs from the paper: as PAIR's saliency, 100 steps up to a standard deviation of 50, the
 * kernel cut off after four of it, zeros beyond the edge, and the derivative of the blur by a
 * difference over 0.01.
 */
@CheckReturnValue
public final class BlurIg implements Ensemble {
  private static final double DIFFERENCE = 0.01;

  private final int steps;
  private final double deviation;

  private BlurIg(int steps, double deviation) {
    this.steps = steps;
    this.deviation = deviation;
  }

  /** {@return the method with 100 steps up to a standard deviation of 50} */
  public static BlurIg create() {
    return new BlurIg(100, 50);
  }

  /**
   * {@return a copy with another number of steps}
   *
   * @param count how many, at least 1; default 100
   */
  public BlurIg steps(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("At least one step is needed, got " + count + ".");
    }
    return new BlurIg(count, deviation);
  }

  /**
   * {@return a copy with another strongest blur}
   *
   * @param largest its standard deviation in pixels, above 0; default 50
   */
  public BlurIg deviation(double largest) {
    if (!(largest > 0) || Double.isInfinite(largest)) {
      throw new IllegalArgumentException("A blur has a deviation above 0, got " + largest + ".");
    }
    return new BlurIg(steps, largest);
  }

  @Override
  public List<MethodOption> options() {
    return List.of(MethodOption.steps(steps, this::steps));
  }

  @Override
  public Info info() {
    return Info.of("blur_ig", "Blur IG")
        .passes(steps)
        .filter(Filters::absoluteNormalize)
        .summary("gradients on the way from a strong blur to the input; sums to the score")
        .paper("Xu et al., 2020, https://arxiv.org/abs/2004.03383");
  }

  @Override
  public Plan plan(Probes probes) {
    probes.requireReal("Blur IG blurs");
    Probe gradients = probes.maps(new InputGradients());
    Probe scores = probes.scores();
    int index = probes.inputIndex();
    KerasTensor input = probes.input();
    int[] axes = Arrays.stream(input.placeAxes()).map(input::axisInGraph).toArray();
    return new Plan() {
      @Override
      public Passes begin(Batch batch) {
        return new Sharpening(gradients, scores, batch, index, axes);
      }

      @Override
      public Joining joining() {
        return Joining.SUM_OF_CHANNELS;
      }
    };
  }

  private final class Sharpening extends GradientPasses {
    private final Probe scores;
    private final Batch batch;
    private final double[] images;
    private final GaussianBlur blur;
    private @Nullable Tensor scoresOfBlurred;

    Sharpening(Probe gradients, Probe scores, Batch batch, int input, int[] axes) {
      super(gradients, batch, input, steps);
      this.scores = scores;
      this.batch = batch;
      Tensor x = batch.inputs().get(input);
      this.blur = new GaussianBlur(x.shape(), axes);
      float[] values = x.toFloatArray();
      this.images = new double[values.length];
      Arrays.setAll(images, i -> values[i]);
    }

    private double at(int step) {
      return step * deviation / steps;
    }

    private float[] blurred(int step) {
      double[] values = blur.apply(images, at(step));
      float[] point = new float[values.length];
      for (int i = 0; i < point.length; i++) {
        point[i] = (float) values[i];
      }
      return point;
    }

    @Override
    protected float[] point(int pass) {
      return blurred(pass);
    }

    @Override
    protected double[] factor(int pass) {
      double[] here = blur.apply(images, at(pass));
      double[] there = blur.apply(images, at(pass) + DIFFERENCE);
      double[] factor = new double[here.length];
      double width = at(pass + 1) - at(pass);
      for (int i = 0; i < factor.length; i++) {
        factor[i] = -width * (there[i] - here[i]) / DIFFERENCE;
      }
      return factor;
    }

    /** After the steps, the scores of the blurred images are asked for. */
    @Override
    public int count() {
      return questions() + 1;
    }

    @Override
    public Question question(int index) {
      return index == questions() ? scores(scores, blurred(steps)) : super.question(index);
    }

    @Override
    public void add(int index, Probe.Answer answer) {
      if (index == questions()) {
        scoresOfBlurred = answer.scores();
      } else {
        super.add(index, answer);
      }
    }

    @Override
    public Tensor gaps() {
      return Completeness.gaps(
          maps(), batch.requireScores(), Objects.requireNonNull(scoresOfBlurred));
    }
  }
}
