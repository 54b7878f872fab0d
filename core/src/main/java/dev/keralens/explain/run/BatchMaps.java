package dev.keralens.explain.run;

import dev.keralens.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What one method gives for one batch.
 *
 * @param maps the maps, filtered and resized as the setting says: float (batch, spatial axes..., k)
 * @param scores the target's value for each unit: float (batch, k)
 * @param outputs the model's output for each unit, which the target may be the logits of: float
 *     (batch, k)
 * @param units the units: int64 (batch, k)
 * @param lowest the smallest element of each map before the filter: float (batch, k)
 * @param highest the largest element of each map before the filter: float (batch, k)
 * @param gaps how far the sum of each map is from what it should be, as a part of that: float
 *     (batch, k); null where maps need not add up to anything
 */
public record BatchMaps(
    Tensor maps,
    Tensor scores,
    Tensor outputs,
    Tensor units,
    Tensor lowest,
    Tensor highest,
    @Nullable Tensor gaps) {
  /**
   * Maps that need not add up to anything.
   *
   * @param maps as the record has it
   * @param scores as the record has it
   * @param outputs as the record has it
   * @param units as the record has it
   * @param lowest as the record has it
   * @param highest as the record has it
   */
  public BatchMaps(
      Tensor maps, Tensor scores, Tensor outputs, Tensor units, Tensor lowest, Tensor highest) {
    this(maps, scores, outputs, units, lowest, highest, null);
  }
}
