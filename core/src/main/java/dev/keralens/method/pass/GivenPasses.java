package dev.keralens.method.pass;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Probe;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Passes over images of which something is given for each pass, one image after another: all scores
 * are kept, and make a map at the end.
 */
public abstract class GivenPasses implements Passes {
  private static final int PASSES_AT_ONCE = 32;
  private static final int MOST_AT_ONCE = 2048;
  private static final long NUMBERS_AT_ONCE = 1L << 22;

  private final Probe probe;
  private final Batch batch;
  private final List<Tensor> beside;
  private final int passes;
  private final int[] shape;
  private final int size;
  private final int units;
  private final float[][] scores;
  private int atOnce = PASSES_AT_ONCE;

  /**
   * Passes over a batch.
   *
   * @param probe is asked with the inputs of an image, the rows of {@code beside}, and what is
   *     given
   * @param beside what is fed beside the inputs, batch first
   * @param passes how many passes there are of each image
   * @param shape the shape of what is given for a pass
   */
  public GivenPasses(Probe probe, Batch batch, List<Tensor> beside, int passes, int... shape) {
    this.probe = probe;
    this.batch = batch;
    this.beside = beside;
    this.passes = passes;
    this.shape = shape;
    this.size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    this.units = batch.units().size(-1);
    this.scores = new float[batch.images()][Math.multiplyExact(passes, units)];
  }

  /**
   * Has more passes run at once where each is small.
   *
   * @param numbers how many numbers a pass makes, about
   */
  protected final void eachMakes(long numbers) {
    atOnce =
        (int)
            Math.min(
                MOST_AT_ONCE, Math.max(PASSES_AT_ONCE, NUMBERS_AT_ONCE / Math.max(1, numbers)));
  }

  /**
   * Writes what is given for a pass.
   *
   * @param image the image, from 0
   * @param pass its position, from 0
   * @param out where it is written, from {@code at}
   */
  protected abstract void give(int image, int pass, float[] out, int at);

  /** {@return the shape of a map} */
  protected abstract int[] places();

  /**
   * {@return the map of a unit}
   *
   * @param image the image, from 0
   * @param scores the score of the unit in each pass
   * @param plain its score for the image as it is
   */
  protected abstract float[] map(int image, double[] scores, double plain);

  private int perImage() {
    return (passes + atOnce - 1) / atOnce;
  }

  private int from(int index) {
    return index % perImage() * atOnce;
  }

  @Override
  public final int count() {
    return Math.multiplyExact(batch.images(), perImage());
  }

  @Override
  public final Question question(int index) {
    int image = index / perImage();
    int from = from(index);
    int count = Math.min(atOnce, passes - from);
    List<Tensor> inputs = new ArrayList<>();
    batch.inputs().forEach(input -> inputs.add(input.rows(image, image + 1)));
    beside.forEach(value -> inputs.add(value.rows(image, image + 1)));
    float[] given = new float[Math.multiplyExact(count, size)];
    for (int i = 0; i < count; i++) {
      give(image, from + i, given, i * size);
    }
    int[] rows = new int[shape.length + 1];
    rows[0] = count;
    System.arraycopy(shape, 0, rows, 1, shape.length);
    inputs.add(Tensor.of(given, rows));
    return new Question(probe, inputs, batch.units().row(image));
  }

  @Override
  public final void add(int index, Probe.Answer answer) {
    float[] some = answer.scores().toFloatArray();
    System.arraycopy(some, 0, scores[index / perImage()], from(index) * units, some.length);
  }

  @Override
  public final Tensor maps() {
    return UnitMaps.of(
        batch.images(),
        units,
        places(),
        (image, unit) -> {
          double[] ofUnit = new double[passes];
          Arrays.setAll(ofUnit, pass -> scores[image][pass * units + unit]);
          return map(image, ofUnit, batch.requireScores().get(image, unit));
        });
  }
}
