package dev.keralens.keras;

import dev.keralens.network.KerasTensor;
import java.util.List;

/**
 * Adds what a layer computes to the graph. One builder serves all layers of a class; it must not
 * keep anything from one call to the next.
 *
 * <p>Whoever writes a builder for a class of their own gets the layer's arguments, weights and
 * inputs from the context, and computes with the context's {@link LayerContext#graph() graph}:
 *
 * <pre>{@code
 * LayerBuilder scale = layer -> {
 *   KerasTensor x = layer.input();
 *   Value factor = layer.graph().scalar((float) layer.config().number("factor", 1));
 *   return List.of(new KerasTensor(layer.graph().mul(x.value(), factor), x.layout()));
 * };
 * LayerRegistry registry = LayerRegistry.standard().with("Scale", scale);
 * }</pre>
 */
@FunctionalInterface
public interface LayerBuilder {
  /**
   * Adds the nodes of one call of a layer.
   *
   * @param layer the layer and what it is called with
   * @return what the call gives; several tensors in Keras' order
   * @throws IllegalArgumentException if the layer cannot take these inputs
   */
  List<KerasTensor> build(LayerContext layer);
}
