package dev.keralens.spark;

import dev.keralens.Explainer;
import dev.keralens.Units;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** What a model gives while places of a row's first input are taken away, or put back. */
final class RemovalCurve {
  private final Explainer explainer;
  private final List<Tensor> inputs;
  private final float[] values;
  private final float[] without;
  private final int places;

  /** How far the values of a channel lie apart, from place to place. */
  private final int stride;

  private final int channels;

  /** How far the channels of a place lie apart. */
  private final int channelStride;

  /**
   * Reads the first input by the size of the maps.
   *
   * @param inputs of the row, without the batch
   * @param mean whether a place that is taken away has the mean of each channel, else zero
   * @throws IllegalArgumentException if the maps are not of the input's places
   */
  RemovalCurve(Explainer explainer, List<Tensor> inputs, int height, int width, boolean mean) {
    this.explainer = explainer;
    this.inputs = inputs;
    Tensor first = inputs.get(0);
    this.values = first.toFloatArray();
    this.places = height * width;
    boolean last = isPlaces(first, 0, height, width);
    boolean front = isPlaces(first, 1, height, width) && first.rank() > 1;
    if (last == front || values.length % places != 0) {
      throw new IllegalArgumentException(
          "The maps are of %d x %d places, and the input is %s: explain with maps of the input's size."
              .formatted(height, width, Tensor.describe(first.shape())));
    }
    this.channels = values.length / places;
    this.stride = last ? channels : 1;
    this.channelStride = last ? 1 : places;
    this.without = new float[values.length];
    for (int channel = 0; mean && channel < channels; channel++) {
      double sum = 0;
      for (int place = 0; place < places; place++) {
        sum += values[at(place, channel)];
      }
      for (int place = 0; place < places; place++) {
        without[at(place, channel)] = (float) (sum / places);
      }
    }
  }

  /** Whether places stand from an axis on; at most one axis, that of channels, is beside them. */
  private static boolean isPlaces(Tensor x, int from, int height, int width) {
    int[] shape = x.shape();
    int rest = shape.length - from;
    if (height == 1 && rest >= 1 && shape.length <= 2 && shape[from] == width) {
      return true;
    }
    return rest >= 2 && shape.length <= 3 && shape[from] == height && shape[from + 1] == width;
  }

  private int at(int place, int channel) {
    return place * stride + channel * channelStride;
  }

  /**
   * {@return the area below the curve of the model's output}
   *
   * @param map how important each place is, row by row
   * @param unit whose output
   * @param steps in how many equal parts places change
   * @param insertion whether places are put back, the most important first; else taken away
   */
  double area(float[] map, int unit, int steps, boolean insertion) {
    if (map.length != places) {
      throw new IllegalArgumentException(
          "A map has %d values for %d places.".formatted(map.length, places));
    }
    int[] order =
        IntStream.range(0, places)
            .boxed()
            .sorted(Comparator.comparing(place -> -map[place]))
            .mapToInt(place -> place)
            .toArray();
    int count = steps + 1;
    float[] rows = new float[Math.multiplyExact(count, values.length)];
    for (int step = 0; step < count; step++) {
      System.arraycopy(insertion ? without : values, 0, rows, step * values.length, values.length);
      int changed = (int) ((long) places * step / steps);
      for (int i = 0; i < changed; i++) {
        for (int channel = 0; channel < channels; channel++) {
          int index = at(order[i], channel);
          rows[step * values.length + index] = insertion ? values[index] : without[index];
        }
      }
    }
    float[] outputs =
        explainer.scores(batch(rows, count), Units.of(unit)).outputs().toFloatArray();
    double area = 0;
    for (int step = 0; step < steps; step++) {
      area += (outputs[step] + (double) outputs[step + 1]) / 2 / steps;
    }
    return area;
  }

  private List<Tensor> batch(float[] rows, int count) {
    List<Tensor> batch = new ArrayList<>();
    for (Tensor input : inputs) {
      int[] shape = IntStream.concat(IntStream.of(count), IntStream.of(input.shape())).toArray();
      if (batch.isEmpty()) {
        batch.add(Tensor.of(rows, shape).to(input.type()));
      } else {
        shape[0] = 1;
        Tensor one = input.reshape(shape);
        batch.add(Tensor.concat(IntStream.range(0, count).mapToObj(i -> one).toList()));
      }
    }
    return batch;
  }
}
