package dev.keralens.network.search;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import java.util.stream.IntStream;

/** Brings channels to axis 1, where the methods compute with them, and back. */
public final class Channels {
  private Channels() {}

  /**
   * {@return a value as (rows, channels, places...); one without channels as (rows, 1, places...)}
   *
   * @param b where it is added
   * @param value (rows, ...), of any order of axes
   * @param layout where its channels are
   */
  public static Value first(GraphBuilder b, Value value, Layout layout) {
    int channels = value.rank() < 3 ? -1 : layout.channelAxis(value.rank());
    if (channels < 0) {
      return b.unsqueeze(value, 1);
    }
    return channels == 1 ? value : b.transpose(value, order(value.rank(), channels));
  }

  /**
   * {@return (rows, channels, places...) in the order of axes that {@link #first} was given}
   *
   * @param b where it is added
   * @param value (rows, channels, places...)
   * @param layout where the channels were
   */
  public static Value back(GraphBuilder b, Value value, Layout layout) {
    int rank = layout == Layout.NO_CHANNELS ? value.rank() - 1 : value.rank();
    int channels = layout.channelAxis(rank);
    if (channels < 0) {
      return b.squeeze(value, 1);
    }
    int[] order = order(rank, channels);
    int[] back = new int[rank];
    IntStream.range(0, rank).forEach(axis -> back[order[axis]] = axis);
    return channels == 1 ? value : b.transpose(value, back);
  }

  /**
   * {@return masks (rows, places...) as they are multiplied with an input: with its axis of
   * channels, where it has one}
   *
   * @param b the graph's builder
   * @param masks the masks, of the input's places
   * @param input the input
   */
  public static Value over(GraphBuilder b, Value masks, KerasTensor input) {
    int rank = input.value().rank();
    return rank <= masks.rank() ? masks : b.unsqueeze(masks, input.layout().channelAxis(rank));
  }

  private static int[] order(int rank, int channels) {
    return IntStream.range(0, rank)
        .map(axis -> axis == 0 ? 0 : axis == 1 ? channels : axis <= channels ? axis - 1 : axis)
        .toArray();
  }
}
