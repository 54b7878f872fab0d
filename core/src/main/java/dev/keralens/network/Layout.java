package dev.keralens.network;

import java.util.Optional;

/**
 * Where the channels of a value lie: in the shape that Keras shows, and in the graph.
 *
 * <p>Graphs compute with channels first, (batch, channels, height, width), whatever order Keras
 * shows.
 */
public enum Layout {
  /** The graph holds the value in the order of axes that Keras shows, channels (features) last. */
  PLAIN,
  /**
   * Keras shows (batch, height, width, channels); the graph holds (batch, channels, height, width).
   */
  CHANNELS_MOVED,
  /** Keras shows (batch, channels, height, width), and so the graph holds it. */
  CHANNELS_FIRST,
  /**
   * Keras shows (batch, time, channels, height, width), and so the graph holds it: frames with
   * their channels first.
   */
  CHANNELS_ON_AXIS_2,
  /** As {@link #CHANNELS_ON_AXIS_2}, with one more axis before the channels. */
  CHANNELS_ON_AXIS_3,
  /**
   * Keras shows (batch, height, width), and so the graph holds it: all axes but the batch's are
   * places, and there are no channels.
   */
  NO_CHANNELS;

  /** {@return whether axis 1 of the value in the graph holds the channels} */
  public boolean isChannelsFirst() {
    return this == CHANNELS_MOVED || this == CHANNELS_FIRST;
  }

  /**
   * {@return the axis of the value in the graph that holds its channels; -1 for none}
   *
   * @param rank the number of its axes
   */
  public int channelAxis(int rank) {
    return switch (this) {
      case PLAIN -> rank - 1;
      case CHANNELS_MOVED, CHANNELS_FIRST -> 1;
      case CHANNELS_ON_AXIS_2 -> 2;
      case CHANNELS_ON_AXIS_3 -> 3;
      case NO_CHANNELS -> -1;
    };
  }

  /**
   * {@return the layout of a value that the graph holds as Keras shows it; nothing where there is
   * no word for it}
   *
   * @param channelAxis the axis of its channels
   * @param rank the number of its axes
   */
  public static Optional<Layout> of(int channelAxis, int rank) {
    if (channelAxis == rank - 1) {
      return Optional.of(PLAIN);
    }
    return switch (channelAxis) {
      case 1 -> Optional.of(CHANNELS_FIRST);
      case 2 -> Optional.of(CHANNELS_ON_AXIS_2);
      case 3 -> Optional.of(CHANNELS_ON_AXIS_3);
      default -> Optional.empty();
    };
  }
}
