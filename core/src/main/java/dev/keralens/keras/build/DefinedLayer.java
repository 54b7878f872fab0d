package dev.keralens.keras.build;

import java.util.List;

/**
 * A layer of a {@link ModelDefinition}.
 *
 * @param name the layer's name
 * @param className Keras' name of its class, such as {@code Conv2D}
 * @param outputShape what its first call gives, without the batch, {@link ModelBuilder#OPEN} where
 *     a size is open
 * @param parameters the number of elements of its weights and those of the layers inside it
 */
public record DefinedLayer(
    String name, String className, List<Integer> outputShape, long parameters) {
  static DefinedLayer of(Operation operation) {
    int[] shape = operation.calls().get(0).shape();
    return new DefinedLayer(
        operation.name(),
        operation.className(),
        java.util.Arrays.stream(shape).boxed().toList(),
        operation.weights().stream().mapToLong(held -> held.weight().elements()).sum());
  }
}
