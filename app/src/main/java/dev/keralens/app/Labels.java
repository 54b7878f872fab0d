package dev.keralens.app;

/**
 * What units and their scores are called.
 *
 * @param probabilities whether scores are probabilities, from 0 to 1
 */
record Labels(ClassNames classes, boolean probabilities) {
  /** A unit with its score, for captions. */
  String caption(int unit, float score) {
    // Of two numbers side by side, which is the unit?
    return classes.shortName(unit)
        + (classes.isEmpty() ? ": " : " ")
        + Numbers.brief(score, probabilities);
  }
}
