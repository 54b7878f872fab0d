package dev.keralens.inspect;

import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is explained of an input where no layer is named. */
public sealed interface ActivationChoice {
  /**
   * {@return what is explained of an input} Where values lie on the paths from this input that
   * depend on no other one with spatial axes, it is the last of these.
   *
   * @param network the network
   * @param target what is explained
   * @param input the position of the input
   */
  static ActivationChoice of(Network network, KerasTensor target, int input) {
    return UsualActivation.find(network, target, input);
  }

  /** {@return one line that says what is explained and on what ground, or what is asked} */
  String reason();

  /**
   * An activation was found.
   *
   * @param name the layer that gives it, with its call where it has several, as {@code
   *     LayerSelector.parse} takes it
   * @param layer the layer; null where a value belongs to none
   * @param tensor the activation
   * @param pooling the layer that pools or flattens it; null where none does
   * @param usual whether it is a matter of course; else users are told the reason
   * @param ground why this one
   */
  record Found(
      String name,
      @Nullable Layer layer,
      KerasTensor tensor,
      @Nullable Layer pooling,
      boolean usual,
      String ground)
      implements ActivationChoice {
    @Override
    public String reason() {
      return name + ", " + ground;
    }
  }

  /**
   * None was found, or several that are equal.
   *
   * @param problem what is the matter
   * @param candidates layers that can be named, at most a few
   */
  record Undecided(String problem, List<String> candidates) implements ActivationChoice {
    /**
     * Takes an unmodifiable copy of the candidates.
     *
     * @param problem why no activation is chosen
     * @param candidates what can be named
     */
    public Undecided {
      candidates = List.copyOf(candidates);
    }

    @Override
    public String reason() {
      return candidates.isEmpty()
          ? problem
              + " Name a layer with spatial axes (--layer, withLayers), or use a method that"
              + " explains the input, such as gradients."
          : "%s Name the layer to explain (--layer, withLayers), such as %s."
              .formatted(problem, String.join(", ", candidates));
    }
  }
}
