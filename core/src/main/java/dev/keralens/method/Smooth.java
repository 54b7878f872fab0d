package dev.keralens.method;

import dev.keralens.filter.Filter;
import dev.keralens.graph.Network;
import dev.keralens.runtime.Ahead;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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
public final class Smooth implements Method {
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

  private static final long ROWS_TOGETHER = 16;
  private static final long BYTES_TOGETHER = 1L << 26;

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
  public String name() {
    return "smooth(" + method.name() + ")";
  }

  @Override
  public String title() {
    return form.title + " of " + method.title();
  }

  @Override
  public Filter usualFilter() {
    return method.usualFilter();
  }

  @Override
  public boolean explainsActivations() {
    return method.explainsActivations();
  }

  @Override
  public Routine prepare(Setting setting) {
    return new SmoothRoutine(setting);
  }

  private final class SmoothRoutine implements Routine {
    private final UnitChoice choice;
    private final Routine routine;
    private final Finish finish;
    private final int input;
    private final Executor helpers;

    SmoothRoutine(Setting setting) {
      this.helpers = setting.runtime().executor();
      this.input = setting.input();
      Network network = setting.network();
      Embedded.requireReal(
          network.graph(), network.inputs().get(input), "SmoothGrad adds noise to");
      this.routine = method.prepare(setting.raw().withUnitsGiven());
      this.choice = new UnitChoice(setting);
      this.finish = new Finish(setting);
    }

    @Override
    public List<BatchMaps> run(List<Tensor> inputs, @Nullable Tensor units) {
      Tensor explained = units == null ? choice.choose(inputs, null).get(0) : units;
      Tensor images = inputs.get(input);
      int rows = images.size(0);
      int together = passesTogether(images);
      Noise drawn = new Noise(images, together, helpers);
      Passes passes = new Passes(form);
      BatchMaps plain = null;
      Ahead<Boolean> summed = null;
      Supplier<Tensor> next = drawn.ahead(0);
      for (int pass = 0; pass < repetitions; pass += together) {
        int count = Math.min(together, repetitions - pass);
        List<Tensor> changed = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
          changed.add(i == input ? next.get() : repeated(inputs.get(i), count));
        }
        next = drawn.ahead(pass + together);
        BatchMaps maps = routine.run(changed, repeated(explained, count)).get(0);
        plain = plain == null ? maps : plain;
        if (summed != null) {
          summed.get();
        }
        summed = Ahead.of(helpers, () -> passes.add(maps.maps(), count));
      }
      Objects.requireNonNull(summed).get();
      Tensor scores = Objects.requireNonNull(plain).scores().rows(0, rows);
      Tensor outputs = plain.outputs().rows(0, rows);
      List<Tensor> out = finish.run(passes.result());
      return List.of(new BatchMaps(out.get(0), scores, outputs, explained, out.get(1), out.get(2)));
    }

    /**
     * How many passes are rows of one run: threads then wait for one another once for all of them.
     * A graph needs memory for the inputs of all rows, but computes few of them at a time.
     */
    private int passesTogether(Tensor images) {
      if (!(method instanceof GraphMethod)) {
        return 1;
      }
      long bytes = Math.max(1, images.bytes().remaining());
      long most = Math.min(ROWS_TOGETHER / images.size(0), BYTES_TOGETHER / bytes);
      return (int) Math.max(1, Math.min(repetitions, most));
    }

    private static Tensor repeated(Tensor tensor, int count) {
      return count == 1 ? tensor : Tensor.concat(Collections.nCopies(count, tensor));
    }

    @Override
    public void close() {
      routine.close();
      choice.close();
      finish.close();
    }
  }

  /**
   * Images with noise; that of the next passes is drawn while the network runs, into the buffer
   * that it does not read.
   */
  private final class Noise {
    private final int[] shape;
    private final float[] images;
    private final float[] scales;
    private final int size;
    private final int together;
    private final Executor helpers;
    private final @Nullable ByteBuffer[] buffers = new ByteBuffer[2];

    Noise(Tensor images, int together, Executor helpers) {
      this.helpers = helpers;
      this.together = together;
      this.shape = images.shape();
      this.images = images.toFloatArray();
      this.scales = new float[shape[0]];
      this.size = this.images.length / shape[0];
      Arrays.fill(scales, 1);
      for (int image = 0; relative && image < scales.length; image++) {
        scales[image] = range(image * size);
      }
    }

    /**
     * What the input of some passes will be, one after another; nothing is drawn for those after
     * the last.
     */
    Supplier<Tensor> ahead(int from) {
      int count = Math.min(together, repetitions - from);
      if (count <= 0) {
        return () -> {
          throw new IllegalStateException("There are no more passes.");
        };
      }
      int length = Math.multiplyExact(Math.multiplyExact(images.length, count), Float.BYTES);
      ByteBuffer bytes = buffers[from / together % 2];
      if (bytes == null) {
        bytes = ByteBuffer.allocate(length);
        buffers[from / together % 2] = bytes;
      }
      ByteBuffer filled = bytes.slice(0, length).order(ByteOrder.LITTLE_ENDIAN);
      FloatBuffer all = filled.asFloatBuffer();
      List<Ahead<Boolean>> passes =
          IntStream.range(0, count)
              .mapToObj(
                  i ->
                      Ahead.of(
                          helpers,
                          () -> noisy(from + i, all.slice(i * images.length, images.length))))
              .toList();
      return () -> {
        passes.forEach(Ahead::get);
        return Tensor.wrap(ElementType.FLOAT32, filled, rows(count));
      };
    }

    private int[] rows(int count) {
      int[] rows = shape.clone();
      rows[0] *= count;
      return rows;
    }

    private void noisy(int pass, FloatBuffer out) {
      if (pass == 0) {
        out.put(images);
        return;
      }
      SplittableRandom random = new SplittableRandom(seed * 1_000_003L + pass);
      float[] drawn = new float[size];
      for (int i = 0; i < size; i++) {
        drawn[i] = (float) (random.nextGaussian() * noise);
      }
      float[] row = new float[size];
      for (int image = 0; image < scales.length; image++) {
        float scale = scales[image];
        int at = image * size;
        for (int i = 0; i < size; i++) {
          row[i] = images[at + i] + scale * drawn[i];
        }
        out.put(row);
      }
    }

    /** The maximum of an image minus its minimum. */
    private float range(int from) {
      float low = Float.POSITIVE_INFINITY;
      float high = Float.NEGATIVE_INFINITY;
      for (int i = from; i < from + size; i++) {
        low = Math.min(low, images[i]);
        high = Math.max(high, images[i]);
      }
      return high - low;
    }
  }
}
