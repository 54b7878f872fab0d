package dev.keralens.method;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Probe;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The passes of {@link ScoreCam}: one image after another, some of its masks in each question. */
final class ScoreCamPasses implements Passes {
  /*
   * The masks have the activation's size; they are resized and multiplied with the image in the graph.
   * Scores weight the small masks here, which are summed: resizing is linear, so that the sum is resized
   * once, afterwards. Memory does not grow with the number of channels.
   */
  private static final int MASKS_AT_ONCE = 32;

  private final Probe probe;
  private final Batch batch;
  private final boolean paper;
  private final int maxChannels;
  private final int[] spatial;
  private final int area;
  private final int units;
  private final List<Image> images = new ArrayList<>();
  private final List<Some> questions = new ArrayList<>();

  /**
   * An image's masks, the channels that are used, and the scores of each as far as they are known.
   */
  private static final class Image {
    private final int row;
    private final float[] masks;
    private final int[] channels;
    private final float[][] scores;

    Image(int row, float[] masks, int[] channels) {
      this.row = row;
      this.masks = masks;
      this.channels = channels;
      this.scores = new float[channels.length][];
    }
  }

  /** Some masks of an image. */
  private record Some(Image image, int from, int count) {}

  ScoreCamPasses(Probe probe, Batch batch, Tensor masks, boolean paper, int maxChannels) {
    this.probe = probe;
    this.batch = batch;
    this.paper = paper;
    this.maxChannels = maxChannels;
    this.spatial = Arrays.copyOfRange(masks.shape(), 2, masks.shape().length);
    this.area = Arrays.stream(spatial).reduce(1, (a, b) -> a * b);
    this.units = batch.units().size(-1);
    for (int row = 0; row < batch.images(); row++) {
      add(row, masks.row(row).toFloatArray());
    }
  }

  private void add(int row, float[] masks) {
    int[] channels = channels(masks, area);
    Image image = new Image(row, masks, channels);
    images.add(image);
    for (int from = 0; from < channels.length; from += MASKS_AT_ONCE) {
      questions.add(new Some(image, from, Math.min(MASKS_AT_ONCE, channels.length - from)));
    }
  }

  @Override
  public int count() {
    return questions.size();
  }

  @Override
  public Question question(int index) {
    Some some = questions.get(index);
    int row = some.image().row;
    List<Tensor> inputs = new ArrayList<>();
    batch.inputs().forEach(input -> inputs.add(input.rows(row, row + 1)));
    float[] masks = new float[some.count() * area];
    for (int i = 0; i < some.count(); i++) {
      int channel = some.image().channels[some.from() + i];
      System.arraycopy(some.image().masks, channel * area, masks, i * area, area);
    }
    int[] shape = new int[spatial.length + 1];
    shape[0] = some.count();
    System.arraycopy(spatial, 0, shape, 1, spatial.length);
    inputs.add(Tensor.of(masks, shape));
    return new Question(probe, inputs, batch.units().row(row));
  }

  @Override
  public void add(int index, Probe.Answer answer) {
    Some some = questions.get(index);
    float[] scores = answer.scores().toFloatArray();
    for (int i = 0; i < some.count(); i++) {
      some.image().scores[some.from() + i] = Arrays.copyOfRange(scores, i * units, (i + 1) * units);
    }
  }

  @Override
  public Tensor maps() {
    float[] maps = new float[images.size() * area * units];
    for (Image image : images) {
      double[] sums = sums(image);
      for (int unit = 0; unit < units; unit++) {
        for (int i = 0; i < area; i++) {
          maps[(image.row * area + i) * units + unit] = (float) sums[unit * area + i];
        }
      }
    }
    int[] shape = new int[spatial.length + 2];
    shape[0] = images.size();
    System.arraycopy(spatial, 0, shape, 1, spatial.length);
    shape[spatial.length + 1] = units;
    return Tensor.of(maps, shape);
  }

  /** The weighted sum of an image's masks for each unit: (k, places). */
  private double[] sums(Image image) {
    double[] sums = new double[units * area];
    for (int unit = 0; unit < units; unit++) {
      double[] weights = weights(image.scores, unit);
      for (int c = 0; c < weights.length; c++) {
        for (int i = 0; i < area; i++) {
          sums[unit * area + i] += weights[c] * image.masks[image.channels[c] * area + i];
        }
      }
    }
    return sums;
  }

  /**
   * The scores of a unit; in the paper's form, their softmax (the baseline's score cancels in it).
   */
  private double[] weights(float[][] scores, int unit) {
    double[] weights = new double[scores.length];
    Arrays.setAll(weights, c -> scores[c][unit]);
    if (paper && weights.length > 0) {
      double highest = Arrays.stream(weights).max().getAsDouble();
      Arrays.setAll(weights, c -> Math.exp(weights[c] - highest));
      double sum = Arrays.stream(weights).sum();
      Arrays.setAll(weights, c -> weights[c] / sum);
    }
    return weights;
  }

  /**
   * The channels that are not constant, at most so many as wanted, those of the highest variance.
   */
  private int[] channels(float[] masks, int area) {
    int count = masks.length / area;
    double[] variances = new double[count];
    for (int c = 0; c < count; c++) {
      double mean = 0;
      double square = 0;
      for (int i = 0; i < area; i++) {
        double value = masks[c * area + i];
        mean += value / area;
        square += value * value / area;
      }
      float first = masks[c * area];
      int from = c * area;
      boolean constant = IntStream.range(from, from + area).allMatch(i -> masks[i] == first);
      variances[c] = constant ? -1 : Math.max(0, square - mean * mean);
    }
    return IntStream.range(0, count)
        .filter(c -> variances[c] >= 0)
        .boxed()
        .sorted(Comparator.comparingDouble(c -> -variances[c]))
        .limit(maxChannels)
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
