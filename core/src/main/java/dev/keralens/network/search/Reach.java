package dev.keralens.network.search;

import java.util.Locale;

/**
 * The stretch of an input's axis that an axis of a value covers. Cutting and padding change it.
 * Convolutions and poolings are taken to cover what they read, as where maps are laid over the
 * input: of what was padded they eat what they leave out.
 *
 * @param from where it begins, in places of the input; negative for padding
 * @param to where it ends
 * @param whole how many places the input's axis has
 */
record Reach(double from, double to, int whole) {
  static final Reach NONE = new Reach(0, 0, 0);

  /** What may be missing or too much at an end, as a part of the axis. */
  private static final double SLACK = 0.15;

  /** What may be so in any case: the margin of a window of five places. */
  private static final int MARGIN = 2;

  static Reach all(int size) {
    return new Reach(0, size, size);
  }

  double length() {
    return to - from;
  }

  /** Whether much of the axis is missing at an end, or much is padding there. */
  boolean isOfPart() {
    double slack = Math.max(MARGIN, SLACK * whole);
    return Math.abs(from) > slack || Math.abs(to - whole) > slack;
  }

  /**
   * The stretch after places were left out, or added where {@code start} is negative or {@code
   * count} reaches beyond the end.
   *
   * @param start the first place
   * @param count how many there are then
   * @param size how many there were before
   */
  Reach cut(double start, double count, int size) {
    double step = (to - from) / size;
    double begin = from + start * step;
    return new Reach(begin, begin + count * step, whole);
  }

  /**
   * The stretch after an operator with a window.
   *
   * @param before how many places it leaves out at the beginning, as the window has no centre there
   * @param after how many at the end
   * @param size how many places there were before
   */
  Reach windowed(double before, double after, int size) {
    double step = (to - from) / size;
    double begin = from < 0 ? Math.min(0, from + Math.max(0, before) * step) : from;
    double end = to > whole ? Math.max(whole, to - Math.max(0, after) * step) : to;
    return new Reach(begin, end, whole);
  }

  /** {@return the places, such as "100 to 200 of 400"} */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%d to %d of %d", Math.round(from), Math.round(to), whole);
  }

  /** What both cover together. */
  Reach with(Reach other) {
    return new Reach(Math.min(from, other.from), Math.max(to, other.to), whole);
  }
}
