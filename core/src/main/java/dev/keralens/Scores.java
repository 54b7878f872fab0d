package dev.keralens;

import dev.keralens.tensor.Tensor;

/** What a model says of some units of each image, without explaining it. */
public final class Scores {
  private final Tensor units;
  private final Tensor scores;
  private final Tensor outputs;

  Scores(Tensor units, Tensor scores, Tensor outputs) {
    this.units = units;
    this.scores = scores;
    this.outputs = outputs;
  }

  /** {@return the units: int64 (images, k); by place (images, places..., k)} */
  public Tensor units() {
    return units;
  }

  /** {@return what would be explained of each unit, by default its logit: float (images, k)} */
  public Tensor scores() {
    return scores;
  }

  /**
   * {@return the model's own output for each unit, such as its probability: float (images, k); the
   * score where the output is explained itself}
   */
  public Tensor outputs() {
    return outputs;
  }
}
