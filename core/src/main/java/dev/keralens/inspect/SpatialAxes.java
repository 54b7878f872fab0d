package dev.keralens.inspect;

import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layout;
import dev.keralens.graph.Shape;

/** Which values have spatial axes. */
public final class SpatialAxes {
  private SpatialAxes() {}

  /** Whether a value is (batch, spatial axes..., channels), or with its channels first. */
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
    if (!hasSpatialAxes(tensor)) {
      return false;
    }
    long places = 1;
    int channels = tensor.layout() == Layout.CHANNELS_FIRST ? 1 : tensor.shape().rank() - 1;
    for (int axis = 1; axis < tensor.shape().rank(); axis++) {
      places *= axis == channels ? 1 : tensor.shape().size(axis);
    }
    return places > 1;
  }
}
