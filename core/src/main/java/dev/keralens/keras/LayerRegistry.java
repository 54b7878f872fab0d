package dev.keralens.keras;

import java.util.HashMap;
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

  private final Map<String, LayerType> classes;
  private final Map<String, LayerBuilder> layers;

  private LayerRegistry(Map<String, LayerType> classes, Map<String, LayerBuilder> layers) {
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
    Map<String, LayerType> more = new HashMap<>(classes);
    more.put(className, LayerType.of(builder, weights));
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

  /** {@return the class of a layer that was added under this name, or null} */
  public @Nullable LayerType find(String className) {
    return classes.get(className);
  }

  /** {@return the builder that was added for this layer, or null} */
  public @Nullable LayerBuilder findLayer(String name) {
    return layers.get(name);
  }
}
