package dev.keralens.keras.build;

/**
 * A weight that a layer holds.
 *
 * @param name Keras' name of it, such as {@code kernel}
 * @param shape the size of each axis
 * @param initializer its elements before training
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record WeightSpec(String name, int[] shape, Initializer initializer) {
  long elements() {
    return dev.keralens.tensor.Tensor.elements(shape);
  }
}
