package dev.keralens.inspect;

import dev.keralens.applications.Preprocessing;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * scale * pixel + offset, channel by channel: what a network, or the normalization that it begins
 * with, makes of its pixels. What range of pixels it was made for follows from where it takes each:
 * networks learn from numbers near zero, or from bytes less their means.
 */
final class PixelMap {
  private static final double EXACT = 2e-3;

  /** What numbers that networks learn from may reach. */
  private static final double FARTHEST = 20;

  /** What is less than this from end to end is too little to learn from. */
  private static final double NARROWEST = 0.3;

  private final float[] scale;
  private final float[] offset;

  /**
   * Makes a map.
   *
   * @param scale a factor for each channel
   * @param offset what is added, for each channel
   */
  PixelMap(float[] scale, float[] offset) {
    this.scale = scale;
    this.offset = offset;
  }

  /** Fits the answers, if they lie on lines. */
  static Optional<PixelMap> of(PixelProbe.Answers answers) {
    int channels = answers.zero().length;
    float[] scale = new float[channels];
    float[] offset = new float[channels];
    for (int c = 0; c < channels; c++) {
      offset[c] = answers.zero()[c];
      scale[c] = (answers.bytes()[c] - answers.zero()[c]) / 255;
      double expected = offset[c] + scale[c];
      double size = Math.abs(scale[c]) * 255 + Math.abs(offset[c]);
      if (scale[c] == 0 || !(Math.abs(answers.one()[c] - expected) < 1e-4 * size)) {
        return Optional.empty();
      }
    }
    return Optional.of(new PixelMap(scale, offset));
  }

  /** Whether a picture's channels come in the other order. */
  boolean turnsAround(PixelProbe.Answers answers) {
    float[] color = answers.color();
    return color.length == 3
        && all(c -> near((color[c] - offset[c]) / scale[c], PixelProbe.color(2 - c)));
  }

  /** Whether pixels stay what they are. */
  boolean isIdentity() {
    return all(c -> near(scale[c], 1) && Math.abs(offset[c]) < EXACT);
  }

  /** The preprocessing that gives what this takes, if it can be told. */
  Optional<Preprocessing> takes() {
    if (isIdentity()) {
      return Optional.empty();
    } else if (isLearnable(0, 255) || leavesBytesLessMeans(0, 255)) {
      return Optional.of(Preprocessing.NONE);
    } else if (isLearnable(0, 65535) && width(0, 255) < NARROWEST / 5) {
      return Optional.of(Preprocessing.UINT16);
    }
    boolean small = isLearnable(0, 1);
    boolean bytes = Math.abs(width(0, 1) - 255) < 55;
    if ((small || bytes) && all(c -> zero(c) > 0.05 && zero(c) < 0.95)) {
      return Optional.of(Preprocessing.UNIT);
    } else if (bytes && all(c -> Math.abs(offset[c]) < 1)) {
      return Optional.of(Preprocessing.UNIT);
    }
    boolean signs = isLearnable(-1, 1) || Math.abs(width(-1, 1) - 255) < 55;
    boolean fromMinusOne = all(c -> near(zero(c), -1));
    boolean centered = all(c -> Math.abs(zero(c)) < 0.15 && Math.abs(scale[c]) > 1.4);
    boolean moved = IntStream.range(0, scale.length).anyMatch(c -> Math.abs(zero(c)) > EXACT);
    return signs && (fromMinusOne || (centered && moved))
        ? Optional.of(Preprocessing.TF)
        : Optional.empty();
  }

  /** Whether a range of pixels becomes numbers to learn from. */
  private boolean isLearnable(double from, double to) {
    boolean wide =
        IntStream.range(0, scale.length)
            .mapToDouble(c -> Math.abs(scale[c]) * (to - from))
            .allMatch(width -> width >= NARROWEST && width <= FARTHEST);
    return wide && all(c -> Math.abs(at(c, from)) < FARTHEST && Math.abs(at(c, to)) < FARTHEST);
  }

  private boolean leavesBytesLessMeans(double from, double to) {
    return all(c -> near(Math.abs(scale[c]), 1) && zero(c) > 15 + from && zero(c) < to - 15);
  }

  private double at(int channel, double pixel) {
    return scale[channel] * pixel + offset[channel];
  }

  /** The pixel that becomes zero. */
  private double zero(int channel) {
    return -offset[channel] / (double) scale[channel];
  }

  private double width(double from, double to) {
    return IntStream.range(0, scale.length)
        .mapToDouble(c -> Math.abs(scale[c]) * (to - from))
        .max()
        .orElse(0);
  }

  private boolean all(java.util.function.IntPredicate holds) {
    return IntStream.range(0, scale.length).allMatch(holds);
  }

  private static boolean near(double x, double y) {
    return Math.abs(x - y) <= EXACT * Math.max(1, Math.abs(y));
  }

  /** What is done to pixels, in words, such as {@code "divides by 127.5 and subtracts 1"}. */
  String words() {
    float[] zeros = new float[scale.length];
    float[] divisors = new float[scale.length];
    for (int c = 0; c < scale.length; c++) {
      zeros[c] = (float) zero(c);
      divisors[c] = 1 / scale[c];
    }
    boolean scales = !all(c -> near(scale[c], 1));
    boolean shifts = !all(c -> Math.abs(offset[c]) < EXACT);
    String factor =
        all(c -> Math.abs(scale[c]) < 1)
            ? "divides by " + numbers(divisors)
            : "multiplies by " + numbers(scale);
    if (!shifts) {
      return scales ? factor : "leaves them";
    }
    if (!scales || !all(c -> near(offset[c], Math.rint(offset[c])) && Math.abs(offset[c]) < 2)) {
      boolean adds = all(c -> zeros[c] < 0);
      for (int c = 0; adds && c < zeros.length; c++) {
        zeros[c] = -zeros[c];
      }
      String shift = (adds ? "adds " : "subtracts ") + numbers(zeros);
      return scales ? shift + " and " + factor : shift;
    }
    boolean adds = all(c -> offset[c] > 0);
    float[] shift = new float[offset.length];
    for (int c = 0; c < shift.length; c++) {
      shift[c] = adds ? offset[c] : -offset[c];
    }
    return factor + " and " + (adds ? "adds " : "subtracts ") + numbers(shift);
  }

  /** One number where all are the same, else all of them. */
  private static String numbers(float[] numbers) {
    boolean same =
        IntStream.range(0, numbers.length).allMatch(c -> near(numbers[c] / numbers[0], 1));
    return same
        ? number(numbers[0])
        : IntStream.range(0, numbers.length)
            .mapToObj(c -> number(numbers[c]))
            .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String number(float number) {
    if (Math.abs(number - Math.rint(number)) < 1e-4 * Math.abs(number)) {
      return String.valueOf(Math.round((double) number));
    }
    return Math.abs(number) < 10
        ? String.format(Locale.ROOT, "%.3g", number)
        : String.format(Locale.ROOT, "%.1f", number);
  }

  @Override
  public String toString() {
    return words();
  }
}
