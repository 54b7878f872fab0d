package dev.keralens.method;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.MethodOption;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.explain.Seeded;
import dev.keralens.filter.Filters;
import dev.keralens.method.pass.GradientPasses;
import dev.keralens.method.pass.InputGradients;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Expected gradients (Erion et al., 2019, <a
 * href="https://arxiv.org/abs/1906.10670">arXiv:1906.10670</a>, equation 3), which GradientSHAP
 * computes, too.
 *
 * <p>{@link IntegratedGradients} with many baselines b: the mean over n of them, each at one random
 * place a of the way to the input x, summed over the channels. With the logit y of a unit:
 *
 * <pre>
 *   map_ij = sum_c 1/n sum_s (x_ijc - b_sijc) dy/dx_ijc (b_s + a_s (x - b_s))
 * </pre>
 *
 * <p>The places are one in each of n equal parts of [0, 1], in random order. Baselines and places
 * are the same for every image and in every call with the same seed. In the mean, a map sums to
 * y(x) less the mean of y(b).
 *
 * <p>Shapes: the input is (batch, height, width, channels), the maps (batch, height, width, k).
 *
 * <p>Differs from the paper: without given baselines, each is noise, even between the lowest and
 * the highest value of the image, where the paper takes images of the training data.
 */
@CheckReturnValue
public final class ExpectedGradients implements Ensemble, Seeded {
  private final int samples;
  private final @Nullable Tensor baselines;
  private final float[] places;
  private final long seed;

  private ExpectedGradients(int samples, @Nullable Tensor baselines, float[] places, long seed) {
    this.samples = samples;
    this.baselines = baselines;
    this.places = places;
    this.seed = seed;
  }

  /** {@return the method with 100 samples of noise} */
  public static ExpectedGradients create() {
    return new ExpectedGradients(100, null, new float[0], 0);
  }

  /**
   * {@return a copy with another number of samples}
   *
   * @param count how many, at least 1; default 100
   */
  public ExpectedGradients samples(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("At least one sample is needed, got " + count + ".");
    }
    return new ExpectedGradients(count, baselines, places, seed);
  }

  /**
   * {@return a copy with given baselines, which are taken in turn}
   *
   * @param rows in units of the input, after preprocessing: (count, axes of the input...)
   */
  public ExpectedGradients baselines(Tensor rows) {
    if (rows.rank() < 1 || rows.size(0) < 1) {
      throw new IllegalArgumentException(
          "At least one baseline is needed, got " + rows.typeAndShape() + ".");
    }
    return new ExpectedGradients(samples, rows, places, seed);
  }

  /**
   * {@return a copy with given places on the way in place of random ones, for each sample in turn}
   *
   * @param parts from 0 at the baseline to 1 at the input
   */
  public ExpectedGradients places(float... parts) {
    return new ExpectedGradients(samples, baselines, parts.clone(), seed);
  }

  /**
   * {@return a copy with other samples}
   *
   * @param number the seed; default 0
   */
  @Override
  public ExpectedGradients seed(long number) {
    return new ExpectedGradients(samples, baselines, places, number);
  }

  @Override
  public List<MethodOption> options() {
    return List.of(
        MethodOption.samples(
            "Samples", "How many baselines are drawn.", samples, 1, this::samples));
  }

  @Override
  public Info info() {
    return Info.of("expected_gradients", "Expected Gradients")
        .passes(samples)
        .filter(Filters::absoluteNormalize)
        .summary("integrated gradients in the mean over many baselines, by default noise")
        .paper("Erion et al., 2019, https://arxiv.org/abs/1906.10670");
  }

  @Override
  public Plan plan(Probes probes) {
    probes.requireReal("Expected gradients go from baselines to");
    check(probes);
    Probe gradients = probes.maps(new InputGradients());
    int input = probes.inputIndex();
    int channelAxis = probes.input().channelAxis();
    return new Plan() {
      @Override
      public Passes begin(Batch batch) {
        return new Samples(gradients, batch, input, channelAxis);
      }

      @Override
      public Joining joining() {
        return Joining.SUM_OF_CHANNELS;
      }
    };
  }

  private void check(Probes probes) {
    if (baselines == null) {
      return;
    }
    int[] given = baselines.shape();
    int[] wanted = probes.input().value().shape().sizes();
    if (given.length != wanted.length
        || !Arrays.equals(given, 1, given.length, wanted, 1, wanted.length)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Baselines are rows of the input %s, got %s.",
              probes.input().shape(),
              baselines));
    }
  }

  private final class Samples extends GradientPasses {
    private final float[] images;
    private final int size;
    private final double[] ways;
    private final float[] lowest;
    private final float[] highest;
    private final float[] given;
    private final int[] shape;
    private final int channelAxis;

    Samples(Probe probe, Batch batch, int input, int channelAxis) {
      super(probe, batch, input, samples);
      this.shape = batch.inputs().get(input).shape();
      this.channelAxis = channelAxis;
      this.images = batch.inputs().get(input).toFloatArray();
      this.size = images.length / batch.images();
      this.ways = ways();
      this.lowest = new float[batch.images()];
      this.highest = new float[batch.images()];
      for (int i = 0; i < images.length; i++) {
        int image = i / size;
        lowest[image] = i % size == 0 ? images[i] : Math.min(lowest[image], images[i]);
        highest[image] = i % size == 0 ? images[i] : Math.max(highest[image], images[i]);
      }
      this.given = baselines == null ? new float[0] : baselines.toFloatArray();
    }

    private double[] ways() {
      double[] ways = new double[samples];
      SplittableRandom random = new SplittableRandom(seed);
      for (int i = 0; i < samples; i++) {
        ways[i] = (i + random.nextDouble()) / samples;
      }
      for (int i = samples - 1; i > 0; i--) {
        int other = random.nextInt(i + 1);
        double way = ways[i];
        ways[i] = ways[other];
        ways[other] = way;
      }
      for (int i = 0; i < samples && places.length > 0; i++) {
        ways[i] = places[i % places.length];
      }
      return ways;
    }

    private float[] baseline(int sample) {
      float[] all = new float[images.length];
      if (given.length > 0) {
        int from = sample % (given.length / size) * size;
        for (int i = 0; i < all.length; i++) {
          all[i] = given[from + i % size];
        }
        return all;
      }
      SplittableRandom random = new SplittableRandom(seed * 1_000_003L + sample);
      float[] drawn = new float[size];
      for (int i = 0; i < size; i++) {
        drawn[i] = (float) random.nextDouble();
      }
      float[] noise = Noise.ordered(drawn, shape, channelAxis);
      for (int i = 0; i < all.length; i++) {
        int image = i / size;
        all[i] = lowest[image] + noise[i % size] * (highest[image] - lowest[image]);
      }
      return all;
    }

    @Override
    protected float[] point(int pass) {
      float[] point = baseline(pass);
      for (int i = 0; i < point.length; i++) {
        point[i] += (float) ways[pass] * (images[i] - point[i]);
      }
      return point;
    }

    @Override
    protected double[] factor(int pass) {
      float[] from = baseline(pass);
      double[] factor = new double[from.length];
      for (int i = 0; i < factor.length; i++) {
        factor[i] = ((double) images[i] - from[i]) / samples;
      }
      return factor;
    }
  }
}
