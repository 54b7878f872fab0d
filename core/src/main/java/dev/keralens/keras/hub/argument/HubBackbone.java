package dev.keralens.keras.hub.argument;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/** A backbone of KerasHub: writes its layers out. */
@FunctionalInterface
public interface HubBackbone {
  /**
   * {@return what the backbone gives}
   *
   * @param b takes its layers
   * @param arguments what its constructor was called with
   */
  SymbolicTensor build(ModelBuilder b, HubArguments arguments);
}
