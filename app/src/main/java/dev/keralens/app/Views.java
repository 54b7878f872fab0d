package dev.keralens.app;

import dev.keralens.network.KerasTensor;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.picture.draw.BarChart;
import dev.keralens.picture.draw.SignalOverlay;
import dev.keralens.picture.draw.VolumeOverlay;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How inputs that are no pictures are drawn with a map: a signal as its curve, a volume as slices,
 * a row of a table as bars, planes of many channels by their mean.
 *
 * @param input the input
 * @param labels what channels or features are called; empty where nobody said
 * @param rate the steps of a second; 0 where nobody said
 */
record Views(Kind kind, KerasTensor input, List<String> labels, double rate) {
  private static final int PLANE_WIDTH = 448;

  /** What an input is seen as. */
  enum Kind {
    SIGNAL(2),
    VOLUME(2),
    FEATURES(3),
    PLANES(4);

    private final int columns;

    Kind(int columns) {
      this.columns = columns;
    }

    /** How many stand side by side. */
    int columns() {
      return columns;
    }
  }

  /** How the explained input of a model is drawn; null where that is not known. */
  static @Nullable Views of(Subject subject, List<String> labels) {
    return of(subject.explainedInput(), subject.inputs().explained(), labels);
  }

  /**
   * How an input is drawn; null where that is not known.
   *
   * @param given what it gets
   */
  static @Nullable Views of(KerasTensor input, Inputs given, List<String> labels) {
    int rank = input.shape().rank();
    Kind kind =
        switch (input.places().length) {
          case 1 -> rank == 2 ? Kind.FEATURES : Kind.SIGNAL;
          case 2 -> Kind.PLANES;
          case 3 -> Kind.VOLUME;
          default -> null;
        };
    DataFile data = given instanceof ArrayInput array ? array.data() : null;
    List<String> names = labels.isEmpty() && data != null ? data.labels() : labels;
    return kind == null ? null : new Views(kind, input, names, data == null ? 0 : data.rate());
  }

  /** How many names the channels or features have room for. */
  int channels() {
    return kind == Kind.FEATURES
        ? input.places()[0]
        : input.channelAxis() < 0 ? 1 : input.shape().size(input.channelAxis());
  }

  /**
   * A row of the input with a map.
   *
   * @param row the row, as the model takes it
   * @param map of the size of the row's places, or another; null for none
   */
  Picture draw(Tensor row, @Nullable Tensor map, Rendering rendering) {
    Tensor last = channelsLast(row);
    return switch (kind) {
      case SIGNAL ->
          SignalOverlay.create()
              .overlay(rendering.overlay())
              .labels(labels)
              .rate(rate)
              .draw(last, map);
      case VOLUME -> VolumeOverlay.create().overlay(rendering.overlay()).draw(last, map);
      case FEATURES -> BarChart.create().labels(labels).draw(last, map);
      case PLANES -> {
        Picture picture = mean(last);
        yield map == null ? picture : rendering.overlay().draw(picture, map);
      }
    };
  }

  private Tensor channelsLast(Tensor row) {
    int axis = input.channelAxis() - 1;
    if (row.rank() < 2 || axis < 0 || axis == row.rank() - 1) {
      return row;
    }
    IntStream others = IntStream.range(0, row.rank()).filter(a -> a != axis);
    return row.transpose(IntStream.concat(others, IntStream.of(axis)).toArray());
  }

  /** The mean of many channels as grey, over its own range. */
  private static Picture mean(Tensor planes) {
    int channels = planes.rank() == 2 ? 1 : planes.size(2);
    float[] all = planes.toFloatArray();
    float[] means = new float[all.length / channels];
    for (int i = 0; i < all.length; i++) {
      means[i / channels] += all[i] / channels;
    }
    Picture picture = Picture.ofScaledTensor(Tensor.of(means, planes.size(0), planes.size(1), 1));
    int height = Math.max(1, Math.round((float) PLANE_WIDTH * planes.size(0) / planes.size(1)));
    boolean small = PLANE_WIDTH >= 3 * planes.size(1);
    return picture.resize(
        height, PLANE_WIDTH, small ? Interpolation.NEAREST : Interpolation.BICUBIC);
  }
}
