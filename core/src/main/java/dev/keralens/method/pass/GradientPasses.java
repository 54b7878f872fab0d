package dev.keralens.method.pass;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Probe;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Gradients at points that the method chooses, several in one question, each times a factor; their
 * sum has the axes of the input.
 */
public abstract class GradientPasses implements Passes {
  private final Probe probe;
  private final Batch batch;
  private final int input;
  private final int passes;
  private final int together;
  private final int[] shape;
  private final int units;
  private final double[] sums;

  /**
   * Passes over a batch.
   *
   * @param probe the gradients of the explained input
   * @param input the position of the explained input
   * @param passes how many points there are
   */
  public GradientPasses(Probe probe, Batch batch, int input, int passes) {
    this.probe = probe;
    this.batch = batch;
    this.input = input;
    this.passes = passes;
    Tensor images = batch.inputs().get(input);
    this.together = Rows.together(images, passes);
    this.shape = images.shape();
    this.units = batch.units().size(-1);
    this.sums = new double[Math.multiplyExact(images.elements(), units)];
  }

  /** {@return the point of a pass: the explained input of all images, one after another} */
  protected abstract float[] point(int pass);

  /** {@return what the gradients of a pass are multiplied with} */
  protected abstract double[] factor(int pass);

  private int passes(int index) {
    return Math.min(together, passes - index * together);
  }

  /** {@return how many questions there are of gradients} */
  public final int questions() {
    return (passes + together - 1) / together;
  }

  @Override
  public int count() {
    return questions();
  }

  @Override
  public Question question(int index) {
    int some = passes(index);
    int size = sums.length / units;
    float[] points = new float[Math.multiplyExact(some, size)];
    for (int pass = 0; pass < some; pass++) {
      System.arraycopy(point(index * together + pass), 0, points, pass * size, size);
    }
    int[] rows = shape.clone();
    rows[0] *= some;
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < batch.inputs().size(); i++) {
      inputs.add(i == input ? Tensor.of(points, rows) : Rows.repeated(batch.inputs().get(i), some));
    }
    return new Question(probe, inputs, Rows.repeated(batch.units(), some));
  }

  @Override
  public void add(int index, Probe.Answer answer) {
    float[] gradients = answer.requireMaps().toFloatArray();
    for (int pass = 0; pass < passes(index); pass++) {
      double[] factor = factor(index * together + pass);
      int from = pass * sums.length;
      for (int i = 0; i < sums.length; i++) {
        sums[i] += factor[i / units] * gradients[from + i];
      }
    }
  }

  /** The sums with the input's channels: (batch, axes..., k). */
  @Override
  public final Tensor maps() {
    float[] maps = new float[sums.length];
    for (int i = 0; i < maps.length; i++) {
      maps[i] = (float) sums[i];
    }
    int[] all = new int[shape.length + 1];
    System.arraycopy(shape, 0, all, 0, shape.length);
    all[shape.length] = units;
    return Tensor.of(maps, all);
  }

  /** A question of the scores of other inputs in the place of the images. */
  public final Question scores(Probe scores, float[] others) {
    List<Tensor> inputs = new ArrayList<>(batch.inputs());
    inputs.set(input, Tensor.of(others, shape));
    return new Question(scores, inputs, batch.units());
  }
}
