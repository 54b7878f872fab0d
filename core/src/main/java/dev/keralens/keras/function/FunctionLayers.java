package dev.keralens.keras.function;

import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.LayerType;
import dev.keralens.network.KerasTensor;
import java.util.List;

/** Layers that are a library's function. */
public final class FunctionLayers {
  private FunctionLayers() {}

  /** Keras 2 names the function of TensorFlow. */
  public static List<KerasTensor> tensorFlow(LayerCall layer) {
    String name = layer.config().text("function");
    return TensorFlowFunctions.find(name)
        .orElseThrow(
            () ->
                layer.unsupported(
                    "the function tf.%s is not known. Give a builder for this layer".formatted(name)
                        + " (LayerRegistry.withLayer(\"%s\", builder)).".formatted(layer.name())))
        .build(new Operands(layer));
  }

  /** {@return an operation of {@code keras.ops} as a class of layers} */
  public static LayerType type(FunctionBuilder function) {
    return LayerType.of(layer -> function.build(new Operands(layer)));
  }
}
