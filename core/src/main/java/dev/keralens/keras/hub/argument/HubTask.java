package dev.keralens.keras.hub.argument;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/** A task of KerasHub: writes out the layers that it puts behind its backbone. */
@FunctionalInterface
public interface HubTask {
  /**
   * {@return what the task gives}
   *
   * @param b takes its layers
   * @param features what the backbone gives
   * @param arguments what the task's constructor was called with
   */
  SymbolicTensor build(ModelBuilder b, SymbolicTensor features, HubArguments arguments);
}
