package dev.keralens;

import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.network.search.PlaceTrail;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether maps can have the size that is asked for. */
final class Sizes {
  private Sizes() {}

  /**
   * Checks it.
   *
   * @param resize what is asked for
   * @param size what it comes to; null for the maps' own size
   * @param tokens how places in a row lie over the input; empty where they do not
   * @param explained what maps are made of: an activation, or the input itself
   * @param input the explained input
   * @throws IllegalArgumentException if sizes are given for another number of axes
   * @throws UnsupportedModelException if the maps have other axes than the input
   */
  static void check(
      Resize resize,
      @Nullable List<Integer> size,
      List<Integer> tokens,
      KerasTensor explained,
      KerasTensor input) {
    int[] places = explained.places();
    int axes = places.length == 1 && !tokens.isEmpty() ? tokens.size() : places.length;
    if (size == null || size.size() == axes) {
      return;
    }
    if (resize instanceof Resize.To) {
      throw new IllegalArgumentException(
          "Maps of '%s' %s have %d spatial %s; they cannot be resized to %s."
              .formatted(
                  explained.value().name(),
                  explained.shape(),
                  axes,
                  axes == 1 ? "axis" : "axes",
                  size));
    }
    String remedy =
        places.length == 1 && size.size() > 1
            ? "If its %d places are pieces of the input, say how they lie%s; else explain"
                    .formatted(places[0], grid(places[0], size))
                + " another layer, or leave"
            : "Explain another layer, or leave";
    throw new UnsupportedModelException(
        "The explained activation '%s' %s cannot be laid over the input '%s' %s: it has %d spatial %s, not %d. %s maps as they are (resize none)."
            .formatted(
                explained.value().name(),
                explained.shape(),
                input.value().name(),
                input.shape(),
                axes,
                axes == 1 ? "axis" : "axes",
                size.size(),
                remedy));
  }

  /**
   * Checks that the places of an activation lie as the input's do.
   *
   * @throws UnsupportedModelException if it is known that they do not
   */
  static void checkOrder(Network network, KerasTensor activation, KerasTensor input) {
    PlaceTrail trail = new PlaceTrail(network.graph(), input);
    Optional<String> why = trail.contradiction(activation);
    if (why.isPresent()) {
      List<String> candidates = trail.candidates(network);
      int count = candidates.size();
      String such =
          count == 0
              ? ""
              : " (--layer, withLayers), such as "
                  + String.join(" or ", candidates.subList(Math.max(0, count - 2), count));
      throw new UnsupportedModelException(
          "The explained activation '%s' %s cannot be laid over the input '%s' %s: %s. Explain another layer%s; or leave maps as they are (resize none)."
              .formatted(
                  activation.value().name(),
                  activation.shape(),
                  input.value().name(),
                  input.shape(),
                  why.get(),
                  such));
    }
  }

  /** The grid of the input's proportions that has so many places, or one less: a class token. */
  private static String grid(int places, List<Integer> size) {
    if (size.size() != 2) {
      return " (tokens)";
    }
    for (int count = places; count > Math.max(1, places - 2); count--) {
      for (int height = 2; height * 2 <= count; height++) {
        boolean fits = count % height == 0 && height * size.get(1) == count / height * size.get(0);
        if (fits) {
          return " (tokens, such as %dx%d)".formatted(height, count / height);
        }
      }
    }
    return " (tokens, as height x width)";
  }
}
