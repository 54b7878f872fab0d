package dev.keralens.keras.hub.part;

import dev.keralens.keras.weights.SubLayer;
import dev.keralens.keras.weights.WeightPart;
import dev.keralens.keras.weights.WeightSlot;
import java.util.ArrayList;
import java.util.List;

/**
 * What a layer of KerasHub holds, in the order in which it makes them: weights of its own and
 * layers, each under the Python attribute that files have it under. A member of a list has its
 * index behind it: {@code blocks/0}.
 *
 * <p>Where several attributes hold one layer, files have it under the first one by name.
 */
public final class Parts {
  private final List<WeightPart> parts = new ArrayList<>();
  private final boolean trainable;

  Parts(boolean trainable) {
    this.trainable = trainable;
  }

  /** Adds a layer. */
  public Parts layer(String attribute, Part layer) {
    parts.add(new SubLayer(attribute, layer.envelope(attribute, trainable)));
    return this;
  }

  /** Adds a weight of its own. */
  public Parts weight(String name) {
    parts.add(WeightSlot.of(name));
    return this;
  }

  /** Adds a weight of its own that is not trained. */
  public Parts constant(String name) {
    parts.add(WeightSlot.notTrainable(name));
    return this;
  }

  List<WeightPart> list() {
    return List.copyOf(parts);
  }
}
