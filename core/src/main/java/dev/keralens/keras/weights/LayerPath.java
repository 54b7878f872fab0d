package dev.keralens.keras.weights;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where a layer lies in an architecture: the names from the outermost model down to it. A layer of
 * a model is named by its own name, a layer inside a wrapper by the wrapper's attribute ({@code
 * layer}, {@code forward_layer}, {@code cell}, {@code cells/0}).
 *
 * <p>{@code [backbone, conv1]} is the layer {@code conv1} of the model {@code backbone} that is a
 * layer of the outermost model; {@code [frames, layer, conv1]} the layer {@code conv1} of the model
 * which the {@code TimeDistributed} layer {@code frames} wraps. The empty path is the outermost
 * model.
 *
 * @param names the names, outermost first
 */
public record LayerPath(List<String> names) {
  /** The path of the outermost model. */
  public static final LayerPath ROOT = new LayerPath(List.of());

  /** Copies the list. */
  public LayerPath {
    names = List.copyOf(names);
  }

  /**
   * {@return the path with these names}
   *
   * @param names the names, outermost first
   */
  public static LayerPath of(String... names) {
    return new LayerPath(List.of(names));
  }

  /**
   * {@return the path of a layer inside this one}
   *
   * @param name its name in this model, or the attribute of this wrapper
   */
  public LayerPath child(String name) {
    return new LayerPath(Stream.concat(names.stream(), Stream.of(name)).toList());
  }

  /** {@return the names joined by {@code /}, as messages show them} */
  @Override
  public String toString() {
    return names.stream().collect(Collectors.joining("/"));
  }
}
