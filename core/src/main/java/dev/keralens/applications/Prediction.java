package dev.keralens.applications;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A class that a network sees. */
public final class Prediction {
  private final int unit;
  private final String wordNetId;
  private final String name;
  private final float score;

  Prediction(int unit, String wordNetId, String name, float score) {
    this.unit = unit;
    this.wordNetId = wordNetId;
    this.name = name;
    this.score = score;
  }

  /** {@return the class's number} */
  public int unit() {
    return unit;
  }

  /** {@return its identifier in WordNet, such as {@code n02123045}} */
  public String wordNetId() {
    return wordNetId;
  }

  /** {@return its name, such as {@code tabby}} */
  public String name() {
    return name;
  }

  /** {@return the network's score for it} */
  public float score() {
    return score;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Prediction that
        && unit == that.unit
        && wordNetId.equals(that.wordNetId)
        && name.equals(that.name)
        && Float.compare(score, that.score) == 0;
  }

  @Override
  public int hashCode() {
    return Objects.hash(unit, wordNetId, name, score);
  }

  @Override
  public String toString() {
    return "Prediction[unit=%s, wordNetId=%s, name=%s, score=%s]"
        .formatted(unit, wordNetId, name, score);
  }
}
