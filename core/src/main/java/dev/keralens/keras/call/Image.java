package dev.keralens.keras.call;

import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import java.util.Arrays;

/**
 * A value with its channels on axis 1 and spatial axes after it.
 *
 * @param value (batch, channels, height, width), with one, two, three or more spatial axes
 * @param layout how Keras shows it
 */
public record Image(Value value, Layout layout) {
  /** {@return the number of spatial axes} */
  public int spatialRank() {
    return value.rank() - 2;
  }

  public int channels() {
    return value.shape().size(1);
  }

  /** {@return the size of each spatial axis} */
  public int[] sizes() {
    return Arrays.copyOfRange(value.shape().sizes(), 2, value.rank());
  }

  /** {@return a tensor with this image's order of axes} */
  public KerasTensor like(Value result) {
    return new KerasTensor(result, layout);
  }
}
