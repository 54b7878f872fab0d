package dev.keralens.keras.hub.argument;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A model of KerasHub of several inputs or outputs: writes its layers out. */
@FunctionalInterface
public interface HubText {
  /**
   * {@return the configuration of a functional model}
   *
   * @param arguments what its constructor was called with; models among them are written out
   */
  ObjectNode build(HubArguments arguments);
}
