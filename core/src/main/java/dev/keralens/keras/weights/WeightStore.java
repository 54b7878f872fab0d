package dev.keralens.keras.weights;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.storage.WeightArray;
import java.util.Map;

/**
 * The weights of a model, layer by layer, alike for all kinds of files. Immutable; safe for use by
 * several threads.
 */
public final class WeightStore {
  private final String file;
  private final LayerNode root;
  private final WeightSource source;

  public WeightStore(String file, LayerNode root, WeightSource source) {
    this.file = file;
    this.root = root;
    this.source = source;
  }

  /**
   * {@return the weights of a layer}
   *
   * @param path where the layer lies in the architecture
   * @throws InvalidModelException if there is no such layer, or the file lacks a weight that the
   *     layout says the layer has, or has more of them
   */
  public LayerWeights of(LayerPath path) {
    LayerNode node = root;
    for (String name : path.names()) {
      LayerNode at = node;
      node =
          at.find(name)
              .orElseThrow(
                  () ->
                      new InvalidModelException(
                          "%s has no layer '%s': '%s' is not in %s."
                              .formatted(file, path, name, at)));
    }
    Map<String, WeightArray> weights = node.slots().isEmpty() ? Map.of() : source.read(node);
    return new LayerWeights(file, path, weights);
  }
}
