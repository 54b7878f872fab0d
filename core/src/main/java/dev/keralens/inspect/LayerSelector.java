package dev.keralens.inspect;

import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import dev.keralens.network.search.CallNames;
import dev.keralens.network.search.Dependencies;
import dev.keralens.network.search.Layers;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Chooses an activation of a network to explain: what a layer gives, or what goes into it.
 *
 * <p>Of a layer that is called several times, {@code conv@0}, {@code conv@1} and so on name the
 * calls, counted as Keras counts the nodes of a layer. Its name alone means the call that depends
 * on the explained input; of several such calls in a row, the last. A selector is made without a
 * network, and serves any.
 */
public final class LayerSelector {
  private static final String INPUT = "input:";
  private static final String OUTPUT = "output:";

  /** Finds a layer; {@code needed} are the values that the explained output depends on. */
  @FunctionalInterface
  private interface Finder {
    Layer find(Network network, Set<Value> needed);
  }

  private final String text;
  private final Finder finder;
  private final boolean input;

  private LayerSelector(String text, Finder finder, boolean input) {
    this.text = text;
    this.finder = finder;
    this.input = input;
  }

  /** An activation that was chosen. */
  public static final class Selected {
    private final String name;
    private final KerasTensor tensor;

    Selected(String name, KerasTensor tensor) {
      this.name = name;
      this.tensor = tensor;
    }

    /** {@return the layer that gives it, or {@code input:} and the layer that it goes into} */
    public String name() {
      return name;
    }

    /** {@return the activation} */
    public KerasTensor tensor() {
      return tensor;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Selected that && name.equals(that.name) && tensor.equals(that.tensor);
    }

    @Override
    public int hashCode() {
      return Objects.hash(name, tensor);
    }

    @Override
    public String toString() {
      return "Selected[name=%s, tensor=%s]".formatted(name, tensor);
    }
  }

  /**
   * {@return the output of the layer of a name}
   *
   * @param name the name; inside nested models the path, such as {@code backbone/conv5}, or its
   *     last part where only one layer is called so; with {@code @} and a number, one of its calls;
   *     or the name of a value, which ONNX files have
   */
  public static LayerSelector named(String name) {
    return new LayerSelector(name, (network, needed) -> Layers.named(network, name), false);
  }

  /**
   * {@return the output of the layer at an index}
   *
   * @param index its place among all layers, from 0; negative counts from the end
   */
  public static LayerSelector at(int index) {
    return new LayerSelector(
        String.valueOf(index), (network, needed) -> Layers.at(network, index), false);
  }

  /**
   * {@return the output of the last layer of a kind that the explained output depends on}
   *
   * @param className Keras' name of its class, such as {@code Conv2D}
   */
  public static LayerSelector kind(String className) {
    return matching(className, layer -> layer.className().equals(className));
  }

  /**
   * {@return the output of the last layer that the explained output depends on and that a condition
   * holds for}
   *
   * @param what names the condition in messages
   * @param condition the condition
   */
  public static LayerSelector matching(String what, Predicate<Layer> condition) {
    return new LayerSelector(
        what, (network, needed) -> last(network, needed, what, condition), false);
  }

  /**
   * {@return a selector from text, as on the command line: a name or path; an index; the class of a
   * layer; each also after {@code input:} (or {@code input of}) or {@code output:} ({@code output
   * of})}
   *
   * @param text the text; a layer of this name goes before every other meaning
   */
  public static LayerSelector parse(String text) {
    String plain = text.strip().replaceFirst("(?i)^(input|output) of ", "$1:");
    boolean input = plain.regionMatches(true, 0, INPUT, 0, INPUT.length());
    boolean output = plain.regionMatches(true, 0, OUTPUT, 0, OUTPUT.length());
    String layer = input || output ? plain.substring(plain.indexOf(':') + 1).strip() : plain;
    return new LayerSelector(text, (network, needed) -> parsed(network, needed, layer), input);
  }

  private static Layer parsed(Network network, Set<Value> needed, String text) {
    if (network.layer(text).isPresent()
        || !Layers.ending(network, text).isEmpty()
        || network.passing().stream().anyMatch(layer -> layer.name().equals(text))
        || CallNames.named(network, text).isPresent()
        || network.named().containsKey(text)) {
      return Layers.named(network, text);
    }
    if (text.matches("-?\\d{1,9}")) {
      return Layers.at(network, Integer.parseInt(text));
    }
    boolean isClass = network.layers().stream().anyMatch(l -> l.className().equals(text));
    return isClass
        ? last(network, needed, text, layer -> layer.className().equals(text))
        : Layers.named(network, text);
  }

  private static Layer last(
      Network network, Set<Value> needed, String what, Predicate<Layer> condition) {
    List<Layer> layers = network.layers();
    for (int i = layers.size() - 1; i >= 0; i--) {
      Layer layer = layers.get(i);
      if (condition.test(layer)
          && layer.calls().stream().anyMatch(call -> reaches(call.outputs(), needed))) {
        return layer;
      }
    }
    throw new IllegalArgumentException(
        "The explained output depends on no layer of the kind '%s'.".formatted(what));
  }

  private static boolean reaches(List<KerasTensor> tensors, Set<Value> needed) {
    return tensors.stream().anyMatch(tensor -> needed.contains(tensor.value()));
  }

  /** {@return a selector of what goes into the layer} */
  public LayerSelector input() {
    return new LayerSelector(INPUT + text, finder, true);
  }

  /**
   * Chooses the activation of a network, whichever input it depends on.
   *
   * @param network the network
   * @param target what is explained
   * @return the activation
   * @throws IllegalArgumentException if the network has no such layer, the target does not depend
   *     on it, its values have no spatial axes, or several of its calls lie side by side
   */
  public Selected select(Network network, KerasTensor target) {
    return select(network, target, -1);
  }

  /**
   * Chooses the activation of a network that an input is explained by. Of a layer that is called
   * several times, it is the call on the paths of this input.
   *
   * @param network the network
   * @param target what is explained
   * @param input the position of the explained input; -1 for any
   * @return the activation
   * @throws IllegalArgumentException if the network has no such layer, the target does not depend
   *     on it, or it not on the input, its values have no spatial axes, or several of its calls lie
   *     side by side
   */
  public Selected select(Network network, KerasTensor target, int input) {
    Set<Value> needed = Dependencies.of(network, target);
    Layer layer = finder.find(network, needed);
    if (this.input && layer.calls().stream().allMatch(call -> call.inputs().isEmpty())) {
      throw new IllegalArgumentException(
          "Nothing goes into layer '%s' (%s).".formatted(layer.name(), layer.className()));
    }
    LayerCalls.Chosen chosen =
        LayerCalls.of(network, target, layer, this.input, needed).choose(network, target, input);
    return new Selected((this.input ? INPUT : "") + chosen.name(), chosen.tensor());
  }

  /**
   * {@return whether the activation that is chosen depends on an input}
   *
   * @param network the network
   * @param target what is explained
   * @param explained the position of the input
   * @throws IllegalArgumentException if the network has no such layer, or the target does not
   *     depend on it
   */
  public boolean dependsOn(Network network, KerasTensor target, int explained) {
    Set<Value> needed = Dependencies.of(network, target);
    Layer layer = finder.find(network, needed);
    return LayerCalls.of(network, target, layer, input, needed).dependOn(network, explained);
  }

  /**
   * {@return what the layer gives, or what goes into it, at its last call, of any shape}
   *
   * @param network the network
   * @throws IllegalArgumentException if there is no such layer, or it is not called
   */
  public List<KerasTensor> values(Network network) {
    Set<Value> all = new HashSet<>(network.graph().inputs());
    network.graph().nodes().forEach(node -> all.addAll(node.outputs()));
    Layer layer = finder.find(network, all);
    List<Layer.Call> calls = layer.calls();
    List<KerasTensor> values =
        calls.isEmpty()
            ? List.of()
            : input ? calls.get(calls.size() - 1).inputs() : calls.get(calls.size() - 1).outputs();
    if (values.isEmpty()) {
      throw new IllegalArgumentException(
          "Nothing %s layer '%s' (%s)."
              .formatted(input ? "goes into" : "comes out of", layer.name(), layer.className()));
    }
    return values;
  }

  /**
   * Chooses what is explained of the first input where nothing is named, as {@link UsualActivation}
   * finds it.
   *
   * @param network the network
   * @param target what is explained
   * @return the activation, by the name of the layer that gives it
   * @throws UnsupportedModelException if a layer has to be named
   */
  public static Selected usual(Network network, KerasTensor target) {
    return usual(network, target, UsualActivation.firstInput(network, target));
  }

  /**
   * Chooses what is explained of an input where nothing is named, as {@link UsualActivation} finds
   * it.
   *
   * @param network the network
   * @param target what is explained
   * @param input the position of the explained input
   * @return the activation, by the name of the layer that gives it
   * @throws UnsupportedModelException if a layer has to be named
   */
  public static Selected usual(Network network, KerasTensor target, int input) {
    ActivationChoice choice = UsualActivation.find(network, target, input);
    if (choice instanceof ActivationChoice.Found found) {
      return new Selected(found.name(), found.tensor());
    }
    throw new UnsupportedModelException(choice.reason());
  }

  /** {@return the text that the selector was made of} */
  @Override
  public String toString() {
    return text;
  }
}
