package dev.keralens.keras.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.call.Argument;
import dev.keralens.keras.call.CallArguments;
import java.util.List;

/**
 * How the layers of a model are connected. The calls of every layer count from 0.
 *
 * @param layers the layers in the file's order, input layers among them
 * @param inputs the outputs of input layers that the model takes, in the structure that it takes
 * @param outputs what the model gives, in the structure that it gives
 */
public record Topology(List<Vertex> layers, Argument inputs, Argument outputs) {
  public Topology {
    layers = List.copyOf(layers);
  }

  /**
   * A layer and its calls.
   *
   * @param name its name in its model
   * @param envelope its {@code class_name} and {@code config}
   * @param calls what it is called with, in order; none for an input layer
   */
  record Vertex(String name, JsonNode envelope, List<CallArguments> calls) {
    Vertex {
      calls = List.copyOf(calls);
    }

    boolean isInput() {
      return envelope.path("class_name").asText().equals("InputLayer");
    }
  }
}
