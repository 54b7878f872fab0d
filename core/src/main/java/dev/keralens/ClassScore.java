package dev.keralens;

/** A class of a model and what the model says of it. */
public final class ClassScore {
  private final int unit;
  private final String name;
  private final float score;
  private final float output;

  ClassScore(int unit, String name, float score, float output) {
    this.unit = unit;
    this.name = name;
    this.score = score;
    this.output = output;
  }

  /** {@return its place in the model's output} */
  public int unit() {
    return unit;
  }

  /** {@return its name; {@code unit 3} where names are not known} */
  public String name() {
    return name;
  }

  /** {@return what is explained of it, by default its logit} */
  public float score() {
    return score;
  }

  /**
   * {@return the model's own output for it, a probability where the model ends in a softmax or
   * sigmoid; the score where nothing comes after it}
   */
  public float output() {
    return output;
  }

  /** {@return the name and both numbers, such as {@code tabby: 0.62 (score 8.1)}} */
  @Override
  public String toString() {
    return output == score
        ? "%s: %.4g".formatted(name, score)
        : "%s: %.4g (score %.4g)".formatted(name, output, score);
  }
}
