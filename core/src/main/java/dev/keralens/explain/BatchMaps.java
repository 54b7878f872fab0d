package dev.keralens.explain;

import dev.keralens.tensor.Tensor;

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
 */
public record BatchMaps(
    Tensor maps, Tensor scores, Tensor outputs, Tensor units, Tensor lowest, Tensor highest) {}
