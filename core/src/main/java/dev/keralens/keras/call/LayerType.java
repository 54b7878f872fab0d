package dev.keralens.keras.call;

import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.weights.WeightPart;
import dev.keralens.keras.weights.WeightSlot;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A class of layers.
 *
 * @param builder adds a call of such a layer to the graph
 * @param parts the weights and inner layers that a layer with given arguments holds, in Keras'
 *     order
 * @param axes for a weight the axes that the arguments say, as {@link WeightShapes} reads them; a
 *     weight that is not named may have any shape
 * @param handsMasksOn whether what a layer gives has the mask of its one input
 */
public record LayerType(
    CallBuilder builder,
    Function<LayerConfig, List<WeightPart>> parts,
    Map<String, List<String>> axes,
    boolean handsMasksOn) {
  /** Takes unmodifiable copies. */
  public LayerType {
    axes = Map.copyOf(axes);
  }

  /** {@return a class without weights} */
  public static LayerType of(CallBuilder builder) {
    return new LayerType(builder, config -> List.of(), Map.of(), false);
  }

  /** {@return a class that always holds the same weights, all of them trainable} */
  public static LayerType of(CallBuilder builder, String... weights) {
    List<WeightPart> slots = Arrays.stream(weights).<WeightPart>map(WeightSlot::of).toList();
    return of(builder).withParts(config -> slots);
  }

  /** {@return this class with another builder} */
  public LayerType withBuilder(CallBuilder other) {
    return new LayerType(other, parts, axes, handsMasksOn);
  }

  /** {@return this class with other weights and inner layers} */
  public LayerType withParts(Function<LayerConfig, List<WeightPart>> other) {
    return new LayerType(builder, other, axes, handsMasksOn);
  }

  /** {@return this class with the axes of one more weight} */
  public LayerType withAxes(String weight, List<String> ofWeight) {
    Map<String, List<String>> more = new HashMap<>(axes);
    more.put(weight, List.copyOf(ofWeight));
    return new LayerType(builder, parts, more, handsMasksOn);
  }

  /** {@return this class where what a layer gives has the mask of its one input} */
  public LayerType handingMasksOn() {
    return new LayerType(builder, parts, axes, true);
  }
}
