package dev.keralens.keras.hub.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.HubGraph;
import dev.keralens.keras.hub.argument.HubGraph.Node;
import dev.keralens.keras.hub.argument.HubGraph.Ref;
import java.util.List;
import java.util.Map;

/** Sound into tokens, and words that follow from them. */
public final class WhisperBackbone {
  private final HubGraph graph = new HubGraph();
  private final HubArguments a;
  private final int width;

  private WhisperBackbone(HubArguments a) {
    this.a = a;
    width = a.integer("hidden_dim");
  }

  public static ObjectNode build(HubArguments a) {
    int layers = a.integer("num_layers");
    a.checkBlocks(2L * layers);
    WhisperBackbone model = new WhisperBackbone(a);
    Ref sound = model.encoder(layers);
    Ref words = model.decoder(layers, sound);
    return model.graph.gives(
        Map.of("encoder_sequence_output", sound, "decoder_sequence_output", words));
  }

  private Node conv(int number, int stride, String padding) {
    return graph
        .keras("Conv1D", "encoder_token_embedding_conv_layer_" + number)
        .set("filters", width)
        .set("kernel_size", List.of(3))
        .set("strides", List.of(stride))
        .set("padding", padding);
  }

  private Ref encoder(int layers) {
    Ref x = graph.input("encoder_features", "float32", null, a.integer("num_mels", 80));
    x = conv(1, 1, "same").set("activation", "gelu").call(x);
    x = graph.inner("models.whisper.whisper_backbone", "Padder", "encoder_padder").call(x);
    x = conv(2, 2, "valid").set("activation", "gelu").call(x);
    Ref places =
        graph
            .hub("PositionEmbedding", "encoder_position_embedding")
            .set("sequence_length", a.integer("max_encoder_sequence_length", 3000) / 2)
            .set("trainable", false)
            .call(x);
    x = graph.keras("Add", "encoder_embeddings_add").join(x, places);
    for (int i = 0; i < layers; i++) {
      x = block("WhisperEncoder", "transformer_encoder_layer_" + i).call(x);
    }
    return norm("encoder_layer_norm").call(x);
  }

  private Ref decoder(int layers, Ref sound) {
    Ref x =
        graph
            .hub("TokenAndPositionEmbedding", "decoder_token_and_position_embedding")
            .set("vocabulary_size", a.integer("vocabulary_size"))
            .set("sequence_length", a.integer("max_decoder_sequence_length", 448))
            .set("embedding_dim", width)
            .call(graph.tokens("decoder_token_ids"));
    Ref mask = graph.tokens("decoder_padding_mask");
    for (int i = 0; i < layers; i++) {
      x =
          block("WhisperDecoder", "transformer_decoder_layer_" + i)
              .set("encoder_sequence_shape", List.of(0, 0, width))
              .call(
                  Map.of(
                      "decoder_sequence",
                      x,
                      "encoder_sequence",
                      sound,
                      "decoder_padding_mask",
                      mask));
    }
    return norm("decoder_layer_norm").call(x);
  }

  private Node norm(String name) {
    return graph.keras("LayerNormalization", name).set("epsilon", 1e-5);
  }

  private Node block(String className, String name) {
    return graph
        .hub(className, name)
        .copy(a, "num_heads", "intermediate_dim", "dropout")
        .set("activation", "gelu")
        .set("layer_norm_epsilon", 1e-5)
        .set("normalize_first", true);
  }
}
