package dev.keralens.keras;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How each class of layers is built: Keras' own classes, and those that are added. Immutable.
 *
 * <p>A file never brings code. A {@code Lambda} layer, a layer of a class that is not Keras' own,
 * and a class of Keras that is not known here are refused, until a builder is added for the class
 * or for the layer.
 */
public final class LayerRegistry {
  private static final LayerRegistry STANDARD = new LayerRegistry(Map.of(), Map.of());

  /**
   * A class that was added.
   *
   * @param builder adds a call of such a layer to the graph
   * @param weights the names by which the builder asks for the layer's weights
   */
  public record Added(LayerBuilder builder, List<String> weights) {
    /**
     * Takes unmodifiable copies.
     *
     * @param builder adds a call of such a layer to the graph
     * @param weights the names of the weights
     */
    public Added {
      weights = List.copyOf(weights);
    }
  }

  private final Map<String, Added> classes;
  private final Map<String, LayerBuilder> layers;

  private LayerRegistry(Map<String, Added> classes, Map<String, LayerBuilder> layers) {
    this.classes = Map.copyOf(classes);
    this.layers = Map.copyOf(layers);
  }

  /** {@return the registry of Keras' own classes} */
  public static LayerRegistry standard() {
    return STANDARD;
  }

  /**
   * {@return this registry with a builder for one more class, or another one for a class}
   *
   * @param className the class's name, with or without the package that it is registered under:
   *     {@code Scale} or {@code MyPackage>Scale}
   * @param builder adds a call of such a layer to the graph
   * @param weights the names by which the builder asks for the layer's weights, in the order in
   *     which the layer makes them
   */
  public LayerRegistry with(String className, LayerBuilder builder, String... weights) {
    Map<String, Added> more = new HashMap<>(classes);
    more.put(className, new Added(builder, List.of(weights)));
    return new LayerRegistry(more, layers);
  }

  /**
   * {@return this registry with a builder for one layer, such as a Lambda layer, whatever its
   * class}
   *
   * @param name the layer's name; inside nested models the path, such as {@code backbone/scale}
   * @param builder adds a call of this layer to the graph
   */
  public LayerRegistry withLayer(String name, LayerBuilder builder) {
    Map<String, LayerBuilder> more = new HashMap<>(layers);
    more.put(name, builder);
    return new LayerRegistry(classes, more);
  }

  /**
   * {@return what was added for a class, or null}
   *
   * @param className the name that it was added under
   */
  public @Nullable Added find(String className) {
    return classes.get(className);
  }

  /**
   * {@return the builder that was added for a layer, or null}
   *
   * @param name the layer's name
   */
  public @Nullable LayerBuilder findLayer(String name) {
    return layers.get(name);
  }
}
