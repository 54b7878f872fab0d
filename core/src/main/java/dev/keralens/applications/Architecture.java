package dev.keralens.applications;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/** Adds the layers of a network. */
@FunctionalInterface
interface Architecture {
  /**
   * {@return the output}
   *
   * @param b makes the layers
   * @param input the picture
   * @param options what the network was asked for, its input's shape filled in
   */
  SymbolicTensor build(ModelBuilder b, SymbolicTensor input, Options options);
}
