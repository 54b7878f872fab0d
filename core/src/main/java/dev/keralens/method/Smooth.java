package dev.keralens.method;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Gradual;
import dev.keralens.explain.Info;
import dev.keralens.explain.Method;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.explain.Seeded;
import dev.keralens.explain.Unrolling;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.method.pass.Rows;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * SmoothGrad around any method (Smilkov et al., 2017, <a
 * href="https://arxiv.org/abs/1706.03825">arXiv:1706.03825</a>), with its squared form (Hooker et
 * al., 2019, <a href="https://arxiv.org/abs/1806.10758">arXiv:1806.10758</a>) and VarGrad (Adebayo
 * et al., 2018, <a href="https://arxiv.org/abs/1810.03307">arXiv:1810.03307</a>).
 *
 * <p>The method M runs n times, on inputs x with Gaussian noise; the first pass has none:
 *
 * <pre>
 *   mean:     1/n sum_i M(x + e_i)            e_1 = 0, e_i from N(0, noise^2)
 *   square:   1/n sum_i M(x + e_i)^2
 *   variance: 1/n sum_i (M(x + e_i) - mean)^2
 * </pre>
 *
 * <p>Filter and resizing follow the average. The noise is the same for every image of a batch and
 * in every call: the same seed gives the same maps, however images are batched.
 *
 * <p>Differs from the paper: the first pass is unperturbed. Differs from keras-explainable: the
 * scores are those of the unperturbed input, not their mean.
 */
@CheckReturnValue
public final class Smooth implements Ensemble, Gradual, Seeded {
  /** What is made of the maps of all passes. */
  public enum Form {
    /** Their mean: SmoothGrad. */
    MEAN("SmoothGrad"),
    /** The mean of their squares: SmoothGrad squared. */
    SQUARE("SmoothGrad squared"),
    /** Their variance: VarGrad. */
    VARIANCE("VarGrad");

    private final String title;

    Form(String title) {
      this.title = title;
    }
  }

  private final Method method;
  private final int repetitions;
  private final double noise;
  private final boolean relative;
  private final long seed;
  private final Form form;

  private Smooth(
      Method method, int repetitions, double noise, boolean relative, long seed, Form form) {
    this.method = method;
    this.repetitions = repetitions;
    this.noise = noise;
    this.relative = relative;
    this.seed = seed;
    this.form = form;
  }

  /**
   * {@return a method, smoothed with 20 repetitions and noise of standard deviation 0.1}
   *
   * @param method the method
   */
  public static Smooth of(Method method) {
    return new Smooth(method, 20, 0.1, false, 0, Form.MEAN);
  }

  /**
   * {@return a copy with another number of passes}
   *
   * @param count how many, the unperturbed one counted; at least 1, default 20
   */
  public Smooth repetitions(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("At least one repetition is needed, got " + count + ".");
    }
    return new Smooth(method, count, noise, relative, seed, form);
  }

  /**
   * {@return a copy with another noise}
   *
   * @param deviation its standard deviation, in units of the input; default 0.1
   */
  public Smooth noise(double deviation) {
    return new Smooth(method, repetitions, checked(deviation), false, seed, form);
  }

  /**
   * {@return a copy whose noise is relative to each image}
   *
   * @param part its standard deviation as a part of the range, maximum minus minimum, of the image;
   *     the paper takes 0.1 to 0.2
   */
  public Smooth relativeNoise(double part) {
    return new Smooth(method, repetitions, checked(part), true, seed, form);
  }

  private static double checked(double noise) {
    if (!(noise >= 0) || Double.isInfinite(noise)) {
      throw new IllegalArgumentException("Noise must be a number of at least 0, got " + noise);
    }
    return noise;
  }

  /**
   * {@return a copy with another seed of the noise}
   *
   * @param number the seed; default 0
   */
  @Override
  public Smooth seed(long number) {
    return new Smooth(method, repetitions, noise, relative, number, form);
  }

  /**
   * {@return a copy in another form}
   *
   * @param newForm what is made of the maps; default their mean
   */
  public Smooth form(Form newForm) {
    return new Smooth(method, repetitions, noise, relative, seed, newForm);
  }

  @Override
  public boolean laysOverInput() {
    return method.laysOverInput();
  }

  @Override
  public Info info() {
    Info info = method.info();
    return info.named("smooth(" + method.name() + ")", form.title + " of " + method.title())
        .passes((int) Math.min(Integer.MAX_VALUE, (long) repetitions * info.passes()));
  }

  @Override
  public Plan plan(Probes probes) {
    probes.requireReal("SmoothGrad adds noise to");
    Probe maps = probes.maps(method);
    int input = probes.inputIndex();
    int channels = probes.input().channelAxis();
    return new Plan() {
      @Override
      public Passes begin(Batch batch) {
        return new SmoothPasses(maps, batch, input, channels);
      }

      @Override
      public boolean beginsWithImages() {
        return true;
      }
    };
  }

  @Override
  public Unrolling.Maps unroll(Unrolling rows) {
    rows.requireReal("SmoothGrad adds noise to");
    rows.requireRows(repetitions, "repetitions");
    GraphBuilder b = rows.builder();
    Value x = rows.input().value();
    int[] shape = x.shape().with(0, 1).sizes();
    rows.requireRoom("noise", (double) repetitions * Tensor.elements(shape), "repetitions");
    Value drawn =
        b.constant(
            Noise.passes(repetitions, shape, noise, seed, rows.input().channelAxis())
                .reshape(x.shape().with(0, repetitions).insert(0, 1).sizes()));
    Value images = b.unsqueeze(x, 1);
    if (relative) {
      int[] axes = IntStream.range(1, images.rank()).toArray();
      Value high = b.reduce(Op.REDUCE_MAX, images, true, axes);
      drawn = b.mul(drawn, b.sub(high, b.reduce(Op.REDUCE_MIN, images, true, axes)));
    }
    Value noisy = rows.together(b.add(images, drawn));
    return Unrolling.Maps.of(form(b, rows.maps(method, noisy, repetitions)));
  }

  /** What is made of (batch, passes, places..., k). */
  private Value form(GraphBuilder b, Value maps) {
    return switch (form) {
      case MEAN -> b.reduceMean(maps, false, 1);
      case SQUARE -> b.reduceMean(b.mul(maps, maps), false, 1);
      case VARIANCE -> {
        Value from = b.sub(maps, b.reduceMean(maps, true, 1));
        yield b.reduceMean(b.mul(from, from), false, 1);
      }
    };
  }

  /** Copies of the images with noise, several passes in one question. */
  private final class SmoothPasses implements Passes {
    private final Probe probe;
    private final Batch batch;
    private final int input;
    private final int together;
    private final Noise noisy;
    private final MapSums sums = new MapSums(form);

    SmoothPasses(Probe probe, Batch batch, int input, int channelAxis) {
      this.probe = probe;
      this.batch = batch;
      this.input = input;
      Tensor images = batch.inputs().get(input);
      this.together = probe.batches() ? Rows.together(images, repetitions) : 1;
      this.noisy = new Noise(images, together, noise, relative, seed, channelAxis);
    }

    private int passes(int index) {
      return Math.min(together, repetitions - index * together);
    }

    @Override
    public int count() {
      return (repetitions + together - 1) / together;
    }

    @Override
    public Question question(int index) {
      int passes = passes(index);
      List<Tensor> inputs = new ArrayList<>();
      for (int i = 0; i < batch.inputs().size(); i++) {
        inputs.add(
            i == input
                ? noisy.draw(index * together, passes)
                : Rows.repeated(batch.inputs().get(i), passes));
      }
      return new Question(probe, inputs, Rows.repeated(batch.units(), passes));
    }

    @Override
    public void add(int index, Probe.Answer answer) {
      sums.add(answer.requireMaps(), passes(index));
    }

    @Override
    public Tensor maps() {
      return sums.result();
    }
  }
}
