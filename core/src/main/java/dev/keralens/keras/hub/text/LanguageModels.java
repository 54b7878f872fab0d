package dev.keralens.keras.hub.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.HubGraph;
import dev.keralens.keras.hub.argument.HubGraph.Ref;
import java.util.concurrent.atomic.AtomicLong;

/** Tasks that say which words may stand at a place, by the embedding of their backbone. */
public final class LanguageModels {
  /** Two models in one have an embedding each. */
  private static final AtomicLong TIES = new AtomicLong();

  private final HubGraph graph = new HubGraph();
  private final ObjectNode backbone;
  private final String tie = "tied " + TIES.incrementAndGet();
  private int vocabulary;
  private int width;

  private LanguageModels(HubArguments a) {
    backbone = a.model("backbone");
    a.skip("preprocessor");
    for (JsonNode layer : backbone.path("config").path("layers")) {
      ObjectNode config = (ObjectNode) layer.path("config");
      String name = layer.path("class_name").asText();
      if (name.equals("ReversibleEmbedding") && vocabulary == 0) {
        ((ObjectNode) layer).put("shared_object_id", tie);
        vocabulary = config.path("input_dim").asInt();
        width = config.path("output_dim").asInt();
      } else if (name.equals("TokenAndPositionEmbedding") && vocabulary == 0) {
        config.put("shared_embedding", tie);
        vocabulary = config.path("vocabulary_size").asInt();
        width = config.path("embedding_dim").asInt();
      }
    }
    if (vocabulary < 1) {
      throw a.invalid("its backbone has no embedding of words.");
    }
  }

  /** What the backbone gives for each token. */
  private Ref features() {
    Ref x =
        graph
            .model(backbone, backbone.path("config").path("name").asText())
            .dictionary(HubGraph.inputsOf(graph, backbone));
    return backbone.path("config").path("output_layers").isObject() ? x.at(1) : x;
  }

  /** Logits of words at the places of {@code mask_positions}. */
  public static ObjectNode masked(HubArguments a, String activation) {
    LanguageModels task = new LanguageModels(a);
    Ref features = task.features();
    Ref places = task.graph.tokens("mask_positions");
    return task.graph.gives(
        task.graph
            .hub("MaskedLMHead", "mlm_head")
            .set("intermediate_activation", activation)
            .set("vocabulary_size", task.vocabulary)
            .set("embedding_dim", task.width)
            .set("tied_to", task.tie)
            .call(features, places));
  }

  /** Logits of the word behind each token. */
  public static ObjectNode causal(HubArguments a) {
    LanguageModels task = new LanguageModels(a);
    Ref features = task.features();
    return task.graph.gives(
        task.graph
            .shared("ReversibleEmbedding", "token_embedding", task.tie)
            .set("input_dim", task.vocabulary)
            .set("output_dim", task.width)
            .reversed(features));
  }
}
