package dev.keralens.keras.hub.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.HubGraph;
import dev.keralens.keras.hub.argument.HubGraph.Node;
import dev.keralens.keras.hub.argument.HubGraph.Ref;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * BERT, ALBERT, ELECTRA and FNet: words, their places and their segments are added, and the first
 * token is what the classes are made of.
 */
public final class BertBackbones {
  private static final String GELU = "gelu_approximate";

  private final HubGraph graph = new HubGraph();
  private final HubArguments a;

  private BertBackbones(HubArguments a) {
    this.a = a;
  }

  public static ObjectNode bert(HubArguments a) {
    return new BertBackbones(a).encoders("vocabulary_size", a.integer("hidden_dim"), "", false);
  }

  public static ObjectNode electra(HubArguments a) {
    int width = a.integer("hidden_dim");
    int embedded = a.integer("embedding_dim");
    String projection = width == embedded ? "" : "embeddings_projection";
    return new BertBackbones(a).encoders("vocab_size", embedded, projection, false);
  }

  public static ObjectNode albert(HubArguments a) {
    return new BertBackbones(a)
        .encoders("vocabulary_size", a.integer("embedding_dim"), "embedding_projection", true);
  }

  /** Sums of waves in place of attention. */
  public static ObjectNode fNet(HubArguments a) {
    BertBackbones model = new BertBackbones(a);
    int width = a.integer("hidden_dim");
    Ref x = model.embedded("vocabulary_size", width, 4);
    x = model.graph.keras("Dense", "embedding_projection").set("units", width).call(x);
    int count = model.count("num_layers");
    for (int i = 0; i < count; i++) {
      x =
          model
              .graph
              .hub("FNetEncoder", "f_net_layer_" + i)
              .copy(a, "intermediate_dim")
              .set("activation", GELU)
              .set("layer_norm_epsilon", 1e-12)
              .call(x);
    }
    return model.outputs(x, width);
  }

  private int count(String key) {
    int count = a.integer(key);
    a.checkBlocks(count);
    return count;
  }

  private Ref embedded(String vocabulary, int width, int segments) {
    a.skip("dropout");
    Ref ids = graph.tokens("token_ids");
    Node words = graph.keras("ReversibleEmbedding", "token_embedding");
    Ref tokens = words.set("input_dim", a.integer(vocabulary)).set("output_dim", width).call(ids);
    Ref segmentIds = graph.tokens("segment_ids");
    int longest = a.integer("max_sequence_length", 512);
    Ref places =
        graph
            .hub("PositionEmbedding", "position_embedding")
            .set("sequence_length", longest)
            .call(tokens);
    Ref parts =
        graph
            .keras("Embedding", "segment_embedding")
            .set("input_dim", a.integer("num_segments", segments))
            .set("output_dim", width)
            .call(segmentIds);
    Ref x = graph.keras("Add", "embeddings_add").join(tokens, places, parts);
    return graph.keras("LayerNormalization", "embeddings_layer_norm").set("epsilon", 1e-12).call(x);
  }

  private ObjectNode encoders(String vocabulary, int embedded, String projection, boolean shared) {
    int width = a.integer("hidden_dim");
    Ref x = embedded(vocabulary, embedded, 2);
    if (!projection.isEmpty()) {
      x = graph.keras("Dense", projection).set("units", width).call(x);
    }
    Map<String, Ref> mask = Map.of("padding_mask", graph.tokens("padding_mask"));
    int layers = count("num_layers");
    if (!shared) {
      for (int i = 0; i < layers; i++) {
        x = encoder("transformer_layer_" + i).call(mask, x);
      }
      return outputs(x, width);
    }
    int groups = a.integer("num_groups", 1);
    int inner = a.integer("num_inner_repetitions", 1);
    if (groups < 1 || layers % groups != 0) {
      throw a.invalid("num_layers=%d is no multiple of num_groups=%d.".formatted(layers, groups));
    }
    a.checkBlocks((long) layers * inner);
    for (int group = 0; group < groups; group++) {
      List<Node> blocks = new ArrayList<>();
      for (int i = 0; i < inner; i++) {
        blocks.add(encoder("group_%d_inner_layer_%d".formatted(group, i)));
      }
      for (int call = 0; call < layers / groups; call++) {
        for (Node block : blocks) {
          x = block.call(mask, x);
        }
      }
    }
    return outputs(x, width);
  }

  private Node encoder(String name) {
    return graph
        .hub("TransformerEncoder", name)
        .copy(a, "num_heads", "intermediate_dim", "dropout")
        .set("activation", GELU)
        .set("layer_norm_epsilon", 1e-12);
  }

  private ObjectNode outputs(Ref x, int width) {
    Ref first = graph.token(x, 0);
    Node pooled = graph.keras("Dense", "pooled_dense").set("units", width);
    Ref output = pooled.set("activation", "tanh").call(first);
    return graph.gives(Map.of("sequence_output", x, "pooled_output", output));
  }
}
