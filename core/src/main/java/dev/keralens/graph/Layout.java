package dev.keralens.graph;

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
  CHANNELS_FIRST;

  /** {@return whether axis 1 of the value in the graph holds the channels} */
  public boolean isChannelsFirst() {
    return this != PLAIN;
  }
}
