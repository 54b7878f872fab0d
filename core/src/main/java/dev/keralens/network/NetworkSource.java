package dev.keralens.network;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import java.util.List;
import java.util.Map;

/**
 * A model that was read, and becomes a network for given sizes of its inputs. Implementations are
 * immutable and safe for use by several threads.
 */
public interface NetworkSource {
  /**
   * {@return what kind of file this was read from and who wrote it, as far as it says; empty if
   * from none}
   */
  default String format() {
    return "";
  }

  /** {@return what the file says about itself, as an ONNX file may; by default nothing} */
  default Map<String, String> metadata() {
    return Map.of();
  }

  /**
   * {@return the names that the outputs have in the file, in the model's order; empty, the default,
   * where an output is called as the layer that gives it}
   */
  default List<String> outputNames() {
    return List.of();
  }

  /** {@return what the model says about its inputs, in its order} */
  List<InputSpec> inputs();

  /**
   * Builds the network for given sizes.
   *
   * @param shapes the shape of each input, as the model shows it, the batch first as {@link
   *     Shape#BATCH}; where the model fixes a size, another one may be tried
   * @return the network
   * @throws IllegalArgumentException if a layer does not take the sizes; the message names it
   * @throws InvalidModelException if the model is wrong
   * @throws UnsupportedModelException if a layer cannot be built
   */
  Network network(List<Shape> shapes);
}
