package dev.keralens.method.pass;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Probe;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** Passes over images of which masks leave a part, one image after another. */
public abstract class MaskedPasses implements Passes {
  private static final int MASKS_AT_ONCE = 32;

  private final Probe probe;
  private final Batch batch;
  private final List<Tensor> beside;
  private final int masks;
  private final int[] places;
  private final int area;
  private final int units;
  private final double[][] sums;

  /** The masks of questions that are not answered yet: two at most. */
  private final Map<Integer, float[]> asked = new ConcurrentHashMap<>();

  /**
   * Passes over a batch.
   *
   * @param probe the scores of images under masks of the size of the input
   * @param masks how many masks there are; each image gets all of them
   * @param places the size of each spatial axis of the input
   */
  public MaskedPasses(Probe probe, Batch batch, int masks, int[] places) {
    this(probe, batch, List.of(), masks, places);
  }

  /**
   * Passes over a batch.
   *
   * @param probe the scores of images under masks of the size of the input
   * @param beside what is fed between the inputs and the masks, batch first
   * @param masks how many masks there are; each image gets all of them
   * @param places the size of each spatial axis of the input
   */
  public MaskedPasses(Probe probe, Batch batch, List<Tensor> beside, int masks, int[] places) {
    this.probe = probe;
    this.batch = batch;
    this.beside = beside;
    this.masks = masks;
    this.places = places;
    this.area = Arrays.stream(places).reduce(1, Math::multiplyExact);
    this.units = batch.units().size(-1);
    this.sums = new double[batch.images()][area * units];
  }

  /**
   * Writes a mask: 1 where the image is left as it is, 0 where it is replaced.
   *
   * @param index its position, from 0
   * @param out where it is written, from {@code at}, the last axis of the input varying fastest
   */
  protected abstract void mask(int index, float[] out, int at);

  /**
   * {@return what a place counts for}
   *
   * @param left how much of it the mask left
   * @param score the score of a unit for the masked image
   * @param plain its score for the image as it is
   */
  protected abstract double share(float left, double score, double plain);

  /** {@return what the sum of a place's shares is divided by} */
  protected abstract double divisor(int place);

  private int perImage() {
    return (masks + MASKS_AT_ONCE - 1) / MASKS_AT_ONCE;
  }

  private int from(int index) {
    return index % perImage() * MASKS_AT_ONCE;
  }

  @Override
  public final int count() {
    return Math.multiplyExact(batch.images(), perImage());
  }

  @Override
  public final Question question(int index) {
    int image = index / perImage();
    List<Tensor> inputs = new ArrayList<>();
    batch.inputs().forEach(input -> inputs.add(input.rows(image, image + 1)));
    beside.forEach(value -> inputs.add(value.rows(image, image + 1)));
    float[] some = masks(from(index));
    asked.put(index, some);
    int[] shape = new int[places.length + 1];
    shape[0] = some.length / area;
    System.arraycopy(places, 0, shape, 1, places.length);
    inputs.add(Tensor.of(some, shape));
    return new Question(probe, inputs, batch.units().row(image));
  }

  private float[] masks(int from) {
    int count = Math.min(MASKS_AT_ONCE, masks - from);
    float[] some = new float[count * area];
    for (int i = 0; i < count; i++) {
      mask(from + i, some, i * area);
    }
    return some;
  }

  @Override
  public final void add(int index, Probe.Answer answer) {
    int image = index / perImage();
    float[] plain = batch.requireScores().row(image).toFloatArray();
    float[] scores = answer.scores().toFloatArray();
    float[] last = Objects.requireNonNull(asked.remove(index));
    for (int mask = 0; mask < last.length / area; mask++) {
      for (int unit = 0; unit < units; unit++) {
        double score = scores[mask * units + unit];
        for (int place = 0; place < area; place++) {
          sums[image][place * units + unit] += share(last[mask * area + place], score, plain[unit]);
        }
      }
    }
  }

  @Override
  public final Tensor maps() {
    float[] maps = new float[Math.multiplyExact(sums.length, area * units)];
    for (int image = 0; image < sums.length; image++) {
      for (int i = 0; i < area * units; i++) {
        maps[image * area * units + i] = (float) (sums[image][i] / divisor(i / units));
      }
    }
    int[] shape = new int[places.length + 2];
    shape[0] = sums.length;
    System.arraycopy(places, 0, shape, 1, places.length);
    shape[places.length + 1] = units;
    return Tensor.of(maps, shape);
  }
}
