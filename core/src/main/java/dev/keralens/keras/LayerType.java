package dev.keralens.keras;

import dev.keralens.keras.weights.WeightPart;
import dev.keralens.keras.weights.WeightSlot;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A class of layers: how one is built, and which weights it holds.
 *
 * @param builder adds a call of a layer to the graph
 * @param parts says from a layer's arguments which weights and inner layers it holds, in Keras'
 *     order
 */
public record LayerType(LayerBuilder builder, Function<LayerConfig, List<WeightPart>> parts) {
  /** {@return a class without weights} */
  public static LayerType of(LayerBuilder builder) {
    return new LayerType(builder, config -> List.of());
  }

  /** {@return a class that always holds the same weights, all of them trainable} */
  public static LayerType of(LayerBuilder builder, String... weights) {
    List<WeightPart> slots = Arrays.stream(weights).<WeightPart>map(WeightSlot::of).toList();
    return new LayerType(builder, config -> slots);
  }
}
