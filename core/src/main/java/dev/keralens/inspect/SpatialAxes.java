package dev.keralens.inspect;

import dev.keralens.graph.Shape;
import dev.keralens.network.KerasTensor;
import java.util.Arrays;

/** Which values have spatial axes. */
final class SpatialAxes {
  private SpatialAxes() {}

  /** Whether a value is (batch, spatial axes..., channels), or with its channels elsewhere. */
  static boolean hasSpatialAxes(KerasTensor tensor) {
    return tensor.shape().rank() >= 3 && tensor.shape().size(0) == Shape.BATCH;
  }

  /** Why a value has no spatial axes. */
  static String whyNone(KerasTensor tensor) {
    return tensor.shape().rank() < 3
        ? "which has no spatial axes for a map"
        : "whose first axis is not the batch";
  }

  static boolean isSpatial(KerasTensor tensor) {
    return hasSpatialAxes(tensor) && Arrays.stream(tensor.places()).anyMatch(size -> size > 1);
  }
}
