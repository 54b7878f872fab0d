package dev.keralens.keras;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.text.Printable;

/**
 * Where in a model something happens, for messages.
 *
 * @param file the file's name
 * @param layer the layer's name; inside nested models the path, such as {@code backbone/conv5}
 * @param className Keras' name of its class
 */
public record LayerLocation(String file, String layer, String className) {
  /**
   * {@return an exception that says that the file is wrong here}
   *
   * @param problem what is wrong, expected against actual
   */
  public InvalidModelException invalid(String problem) {
    return new InvalidModelException(message(problem));
  }

  /**
   * {@return an exception that says that this cannot be done yet}
   *
   * @param problem what cannot be done, and how to go on
   */
  public UnsupportedModelException unsupported(String problem) {
    return new UnsupportedModelException(message(problem));
  }

  /**
   * {@return a message that begins with the place}
   *
   * @param problem what is wrong
   */
  public String message(String problem) {
    return "Layer '%s' (%s) in %s: %s"
        .formatted(Printable.name(layer), Printable.name(className), file, problem);
  }
}
