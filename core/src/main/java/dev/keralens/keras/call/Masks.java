package dev.keralens.keras.call;

import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The masks of tensors: truth values (batch, time) that say which steps of a sequence count.
 * Masking and embedding layers make them; layers that work on each step alone hand them on.
 */
public final class Masks {
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

  /** Gives the outputs of a layer that hands masks on the mask of its one input. */
  public void handOn(List<KerasTensor> inputs, List<KerasTensor> outputs) {
    Value mask = inputs.size() == 1 ? of(inputs.get(0)) : null;
    for (KerasTensor output : outputs) {
      if (mask != null && of(output) == null) {
        set(output, mask);
      }
    }
  }
}
