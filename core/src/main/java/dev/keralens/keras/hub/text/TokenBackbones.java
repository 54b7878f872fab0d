package dev.keralens.keras.hub.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.HubGraph;
import dev.keralens.keras.hub.argument.HubGraph.Node;
import dev.keralens.keras.hub.argument.HubGraph.Ref;
import java.util.Map;

/** RoBERTa, DistilBERT, DeBERTa and GPT-2: words without segments. */
public final class TokenBackbones {
  private TokenBackbones() {}

  public static ObjectNode roberta(HubArguments a) {
    return encoders(a, "embeddings", 1e-5);
  }

  public static ObjectNode distilBert(HubArguments a) {
    return encoders(a, "token_and_position_embedding", 1e-12);
  }

  private static ObjectNode encoders(HubArguments a, String embeddings, double epsilon) {
    HubGraph graph = new HubGraph();
    Ref ids = graph.tokens("token_ids");
    Ref x =
        graph
            .hub("TokenAndPositionEmbedding", embeddings)
            .set("vocabulary_size", a.integer("vocabulary_size"))
            .set("sequence_length", a.integer("max_sequence_length", 512))
            .set("embedding_dim", a.integer("hidden_dim"))
            .call(ids);
    x = graph.keras("LayerNormalization", "embeddings_layer_norm").set("epsilon", epsilon).call(x);
    Map<String, Ref> mask = Map.of("padding_mask", graph.tokens("padding_mask"));
    int layers = a.integer("num_layers");
    a.checkBlocks(layers);
    for (int i = 0; i < layers; i++) {
      x =
          graph
              .hub("TransformerEncoder", "transformer_layer_" + i)
              .copy(a, "num_heads", "intermediate_dim", "dropout")
              .set("activation", "gelu")
              .set("layer_norm_epsilon", epsilon)
              .call(mask, x);
    }
    return graph.gives(x);
  }

  public static ObjectNode debertaV3(HubArguments a) {
    HubGraph graph = new HubGraph();
    String module = "models.deberta_v3.";
    Ref x = words(graph, a).call(graph.tokens("token_ids"));
    x = graph.keras("LayerNormalization", "embeddings_layer_norm").set("epsilon", 1e-7).call(x);
    int buckets = a.integer("bucket_size", 256);
    Ref places =
        graph
            .inner(module + "relative_embedding", "RelativeEmbedding", "rel_embedding")
            .set("hidden_dim", a.integer("hidden_dim"))
            .set("bucket_size", buckets)
            .set("layer_norm_epsilon", 1e-7)
            .call(x);
    Map<String, Ref> more =
        Map.of("rel_embeddings", places, "padding_mask", graph.tokens("padding_mask"));
    int layers = a.integer("num_layers");
    a.checkBlocks(layers);
    for (int i = 0; i < layers; i++) {
      Node encoder =
          graph.inner(
              module + "disentangled_attention_encoder",
              "DisentangledAttentionEncoder",
              "disentangled_attention_encoder_layer_" + i);
      x =
          encoder
              .copy(a, "num_heads", "intermediate_dim", "dropout")
              .set("max_position_embeddings", a.integer("max_sequence_length", 512))
              .set("bucket_size", buckets)
              .set("activation", "gelu")
              .set("layer_norm_epsilon", 1e-7)
              .call(more, x);
    }
    return graph.gives(x);
  }

  private static Node words(HubGraph graph, HubArguments a) {
    return graph
        .keras("ReversibleEmbedding", "token_embedding")
        .set("input_dim", a.integer("vocabulary_size"))
        .set("output_dim", a.integer("hidden_dim"));
  }

  public static ObjectNode gpt2(HubArguments a) {
    HubGraph graph = new HubGraph();
    Ref tokens = words(graph, a).call(graph.tokens("token_ids"));
    Ref places =
        graph
            .hub("PositionEmbedding", "position_embedding")
            .set("sequence_length", a.integer("max_sequence_length", 1024))
            .call(tokens);
    Ref x = graph.keras("Add", "embeddings_add").join(tokens, places);
    Map<String, Ref> mask = Map.of("decoder_padding_mask", graph.tokens("padding_mask"));
    int layers = a.integer("num_layers");
    a.checkBlocks(layers);
    for (int i = 0; i < layers; i++) {
      x =
          graph
              .hub("TransformerDecoder", "transformer_layer_" + i)
              .copy(a, "num_heads", "intermediate_dim", "dropout")
              .set("activation", "gelu_approximate")
              .set("layer_norm_epsilon", 1e-5)
              .set("normalize_first", true)
              .call(mask, x);
    }
    return graph.gives(
        graph.keras("LayerNormalization", "layer_norm").set("epsilon", 1e-5).call(x));
  }
}
