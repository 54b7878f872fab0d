package dev.keralens.app;

import java.util.Locale;

/** Scores as text. */
final class Numbers {
  private Numbers() {}

  /** A probability with two decimals, four where it is small; or a logit with two. */
  static String brief(float value, boolean probability) {
    if (probability && value < 0.0001f) {
      return value == 0 ? "0" : "<0.0001";
    }
    return String.format(Locale.ROOT, probability && value < 0.01f ? "%.4f" : "%.2f", value);
  }

  /** A score with four decimals. */
  static String exact(float value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
