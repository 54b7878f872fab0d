package dev.keralens.explain;

import dev.keralens.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A batch that an {@link Ensemble} explains.
 *
 * @param inputs the model's inputs, batch first
 * @param units the units that are explained: int64 (batch, k)
 * @param scores the score of each unit of the images as they are: float (batch, k); null where the
 *     plan {@linkplain Plan#beginsWithImages begins with the images} and the units are given
 * @param observed the values that the method {@linkplain Probes#observe observes}, of the images as
 *     they are, in order
 */
public record Batch(
    List<Tensor> inputs, Tensor units, @Nullable Tensor scores, List<Tensor> observed) {
  /**
   * {@return the score of each unit of the images as they are: float (batch, k)}
   *
   * @throws IllegalStateException if the plan begins with the images and the units are given
   */
  public Tensor requireScores() {
    if (scores == null) {
      throw new IllegalStateException("The scores are not known before the first answer.");
    }
    return scores;
  }

  /** {@return how many images there are} */
  public int images() {
    return inputs.get(0).size(0);
  }
}
