package dev.keralens.keras.hub.part;

import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.weights.WeightPart;
import dev.keralens.network.KerasTensor;
import java.util.List;
import java.util.function.BiConsumer;

/** Makes the row of a class of KerasHub: what it holds, and what it computes with it. */
public final class HubLayer {
  /** What a layer computes: one tensor or several. */
  @FunctionalInterface
  public interface Several {
    List<KerasTensor> build(Block block, HubArguments arguments);
  }

  /** What a layer computes. */
  @FunctionalInterface
  public interface One {
    KerasTensor build(Block block, HubArguments arguments);
  }

  private HubLayer() {}

  /** {@return a class that gives one tensor} */
  public static LayerType of(BiConsumer<Parts, HubArguments> parts, One build) {
    return several(parts, (block, arguments) -> List.of(build.build(block, arguments)));
  }

  /**
   * {@return a class}
   *
   * @param parts adds what a layer with given arguments holds
   * @param build computes; an argument that neither has read is refused
   */
  public static LayerType several(BiConsumer<Parts, HubArguments> parts, Several build) {
    return LayerType.of(layer -> call(layer, parts, build))
        .withParts(
            config -> held(config, parts, new HubArguments("the file", "layer", config.json())));
  }

  private static List<WeightPart> held(
      LayerConfig config, BiConsumer<Parts, HubArguments> parts, HubArguments arguments) {
    Parts held = new Parts(config.flag("trainable", true));
    parts.accept(held, arguments);
    return held.list();
  }

  private static List<KerasTensor> call(
      LayerCall layer, BiConsumer<Parts, HubArguments> parts, Several build) {
    String where = "layer '%s'".formatted(layer.name());
    HubArguments arguments = new HubArguments(where, layer.className(), layer.config().json());
    arguments.common();
    // What Keras writes of any class that has no configuration of its own.
    arguments.skip("activity_regularizer", "autocast");
    Block block = new Block(layer, held(layer.config(), parts, arguments));
    List<KerasTensor> outputs = build.build(block, arguments);
    arguments.finish();
    return outputs;
  }
}
