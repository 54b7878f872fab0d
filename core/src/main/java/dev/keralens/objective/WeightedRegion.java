package dev.keralens.objective;

import dev.keralens.tensor.Tensor;
import java.util.Arrays;

/**
 * The places of an output, each weighted.
 *
 * @param weights the axes of the output but the batch's and that of the units
 */
record WeightedRegion(Tensor weights) implements Change {
  @Override
  public ResolvedObjective of(ResolvedObjective units) {
    int[] places = units.places();
    if (!Arrays.equals(places, weights.shape())) {
      throw new IllegalArgumentException(
          "A region of the explained output %s has the shape %s, got %s."
              .formatted(units.target().shape(), Tensor.describe(places), weights.typeAndShape()));
    }
    return units.withRegion(weights);
  }
}
