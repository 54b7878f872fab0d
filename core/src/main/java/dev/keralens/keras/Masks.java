package dev.keralens.keras;

import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The masks of tensors: truth values (batch, time) that say which steps of a sequence count.
 * Masking and embedding layers make them; layers that work on each step alone hand them on.
 */
public final class Masks {
  /** Classes whose outputs have the mask of their one input. */
  private static final Set<String> PASSING =
      Set.of(
          "Activation",
          "ActivityRegularization",
          "AlphaDropout",
          "BatchNormalization",
          "Dense",
          "Dropout",
          "ELU",
          "GaussianDropout",
          "GaussianNoise",
          "GroupNormalization",
          "Identity",
          "LayerNormalization",
          "LeakyReLU",
          "Normalization",
          "PReLU",
          "ReLU",
          "Rescaling",
          "Softmax",
          "SpatialDropout1D",
          "SpatialDropout2D",
          "SpatialDropout3D",
          "SyncBatchNormalization",
          "ThresholdedReLU",
          "UnitNormalization");

  // By identity: a layer that does nothing gives back the tensor with its mask.
  private final IdentityHashMap<KerasTensor, Value> masks = new IdentityHashMap<>();

  /** Makes masks of no tensor. */
  public Masks() {}

  /** {@return the mask, or null where all elements count} */
  @Nullable Value of(KerasTensor tensor) {
    return masks.get(tensor);
  }

  void set(KerasTensor tensor, @Nullable Value mask) {
    if (mask == null) {
      masks.remove(tensor);
    } else {
      masks.put(tensor, mask);
    }
  }

  /** Gives a layer's outputs the mask of its input, if its class hands masks on. */
  public void pass(LayerContext layer, List<KerasTensor> outputs) {
    if (!PASSING.contains(layer.className()) || layer.inputs().size() != 1) {
      return;
    }
    Value mask = of(layer.inputs().get(0));
    for (KerasTensor output : outputs) {
      if (mask != null && of(output) == null) {
        set(output, mask);
      }
    }
  }
}
