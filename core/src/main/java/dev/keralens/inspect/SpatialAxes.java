package dev.keralens.inspect;

import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Shape;
import java.util.Arrays;

/** Which values have spatial axes. */
public final class SpatialAxes {
  private SpatialAxes() {}

  /** Whether a value is (batch, spatial axes..., channels), or with its channels elsewhere. */
  static boolean hasSpatialAxes(KerasTensor tensor) {
    return tensor.shape().rank() >= 3 && tensor.shape().size(0) == Shape.BATCH;
  }

  static boolean isSpatial(KerasTensor tensor) {
    return hasSpatialAxes(tensor) && Arrays.stream(tensor.places()).anyMatch(size -> size > 1);
  }
}
