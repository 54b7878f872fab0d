package dev.keralens.explain.patch;

import dev.keralens.graph.Value;

/**
 * What windows reach of a value with four axes.
 *
 * @param down the axis of the height
 * @param across the axis of the width, the one after it
 */
record Area(int down, int across, Reach y, Reach x) {
  /** Whether a value has its places where this says. */
  boolean fits(Value value) {
    return value.rank() == 4
        && value.shape().size(down) == y.size()
        && value.shape().size(across) == x.size();
  }

  boolean isChannelsFirst() {
    return down == 2;
  }

  /** How many channels a value has. */
  int channels(Value value) {
    return value.shape().size(isChannelsFirst() ? 1 : 3);
  }

  boolean sameAxes(Area other) {
    return down == other.down && y.size() == other.y.size() && x.size() == other.x.size();
  }

  /** The part of the places that the window with the most reaches. */
  double part() {
    return (double) y.widest() * x.widest() / ((double) y.size() * x.size());
  }
}
