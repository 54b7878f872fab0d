package dev.keralens.inspect;

import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import java.util.List;
import java.util.Objects;
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

  /** An activation was found. */
  final class Found implements ActivationChoice {
    private final String name;
    private final @Nullable Layer layer;
    private final KerasTensor tensor;
    private final @Nullable Layer pooling;
    private final boolean usual;
    private final String ground;

    Found(
        String name,
        @Nullable Layer layer,
        KerasTensor tensor,
        @Nullable Layer pooling,
        boolean usual,
        String ground) {
      this.name = name;
      this.layer = layer;
      this.tensor = tensor;
      this.pooling = pooling;
      this.usual = usual;
      this.ground = ground;
    }

    /**
     * {@return the layer that gives it, with its call where it has several, as {@code
     * LayerSelector.parse} takes it}
     */
    public String name() {
      return name;
    }

    /** {@return the layer; null where a value belongs to none} */
    public @Nullable Layer layer() {
      return layer;
    }

    /** {@return the activation} */
    public KerasTensor tensor() {
      return tensor;
    }

    /** {@return the layer that pools or flattens it; null where none does} */
    public @Nullable Layer pooling() {
      return pooling;
    }

    /** {@return whether it is a matter of course; else users are told the reason} */
    public boolean usual() {
      return usual;
    }

    /** {@return why this one} */
    public String ground() {
      return ground;
    }

    @Override
    public String reason() {
      return name + ", " + ground;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Found that
          && name.equals(that.name)
          && Objects.equals(layer, that.layer)
          && tensor.equals(that.tensor)
          && Objects.equals(pooling, that.pooling)
          && usual == that.usual
          && ground.equals(that.ground);
    }

    @Override
    public int hashCode() {
      return Objects.hash(name, layer, tensor, pooling, usual, ground);
    }

    @Override
    public String toString() {
      return "Found[name=%s, layer=%s, tensor=%s, pooling=%s, usual=%s, ground=%s]"
          .formatted(name, layer, tensor, pooling, usual, ground);
    }
  }

  /** None was found, or several that are equal. */
  final class Undecided implements ActivationChoice {
    private final String problem;
    private final List<String> candidates;

    Undecided(String problem, List<String> candidates) {
      this.problem = problem;
      this.candidates = List.copyOf(candidates);
    }

    /** {@return what is the matter} */
    public String problem() {
      return problem;
    }

    /** {@return layers that can be named, at most a few} */
    public List<String> candidates() {
      return candidates;
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

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Undecided that
          && problem.equals(that.problem)
          && candidates.equals(that.candidates);
    }

    @Override
    public int hashCode() {
      return Objects.hash(problem, candidates);
    }

    @Override
    public String toString() {
      return "Undecided[problem=%s, candidates=%s]".formatted(problem, candidates);
    }
  }
}
