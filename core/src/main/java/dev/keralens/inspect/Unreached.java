package dev.keralens.inspect;

import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import dev.keralens.network.search.Dependencies;
import java.util.Optional;

/** Why an explained output does not depend on a layer. */
final class Unreached {
  private Unreached() {}

  /** {@return the exception that says why} */
  static IllegalArgumentException of(
      Network network, KerasTensor target, Layer layer, boolean input) {
    String what = "layer '%s' (%s)".formatted(layer.name(), layer.className());
    if (layer.calls().isEmpty()) {
      return new IllegalArgumentException(
          "Nothing comes out of %s by itself%s."
              .formatted(
                  what,
                  around(network, layer)
                      .map(outer -> ": it is a part of '" + outer + "'; name that one")
                      .orElse("")));
    }
    boolean behind =
        layer.calls().stream()
            .flatMap(call -> call.outputs().stream())
            .anyMatch(tensor -> Dependencies.of(network, tensor).contains(target.value()));
    if (behind) {
      return new IllegalArgumentException(
          "%s is computed from what is explained; name one that lies before it."
              .formatted(input ? "The input of " + what : capital(what)));
    }
    return new IllegalArgumentException(
        "The explained output does not depend on %s layer '%s'; name one that lies before it."
            .formatted(input ? "the input of" : "the", layer.name()));
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  /** The name of the layer that a layer is a part of, where that gives something. */
  private static Optional<String> around(Network network, Layer layer) {
    String name = layer.name();
    for (int end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      Optional<Layer> outer = network.layer(name.substring(0, end));
      if (outer.isPresent() && !outer.get().calls().isEmpty()) {
        return outer.map(Layer::name);
      }
    }
    return Optional.empty();
  }
}
