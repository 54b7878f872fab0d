package dev.keralens.keras.call;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.keras.weights.LayerPath;
import dev.keralens.network.KerasTensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The network that is being built, as its layers see it. */
public interface NetworkContext {
  /** {@return the graph to add to} */
  GraphBuilder graph();

  /** {@return the major version of the Keras that wrote the file: 2 or 3} */
  int kerasVersion();

  /**
   * Adds one call of a layer or nested model.
   *
   * @param path where it lies in the architecture
   * @param envelope its class and arguments
   * @param arguments what it is called with
   * @return what it gives
   */
  List<KerasTensor> call(LayerPath path, JsonNode envelope, CallArguments arguments);

  /**
   * {@return the context of a part of a layer that the layer itself builds}
   *
   * @param path where the part lies
   * @param envelope its class and arguments
   * @param arguments what the layer is called with
   */
  LayerCall part(LayerPath path, JsonNode envelope, CallArguments arguments);

  /** {@return the masks of the tensors that were made until now} */
  Masks masks();

  /** {@return the steps of time that are rows of the batch inside layers} */
  Steps steps();

  /** {@return the numbers that a tensor is known to hold, or null} */
  int @Nullable [] known(KerasTensor tensor);

  /** Says which numbers a tensor holds. */
  void setKnown(KerasTensor tensor, int[] numbers);
}
