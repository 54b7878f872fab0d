package dev.keralens.objective;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What makes probabilities of the scores that a detector gives its boxes. */
public enum BoxScores {
  /** Nothing: they are probabilities. */
  PROBABILITIES,
  /** A sigmoid of each: they are logits, and each class is for itself. */
  SIGMOID,
  /** A softmax over the classes of a box: they are logits of classes that exclude each other. */
  SOFTMAX;

  /** {@return the name that it is asked for by, such as {@code sigmoid}} */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** {@return all names, as a sentence lists them} */
  static String labels() {
    return Arrays.stream(values()).map(BoxScores::label).collect(Collectors.joining(", "));
  }

  /**
   * {@return what a name stands for, if it is one}
   *
   * @param label its name, in any case
   */
  public static Optional<BoxScores> named(String label) {
    return Arrays.stream(values())
        .filter(scores -> scores.label().equalsIgnoreCase(label))
        .findFirst();
  }
}
