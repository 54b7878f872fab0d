package dev.keralens.keras.hub.language;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;
import java.util.List;

/** The layers of SigLIP. */
public final class SigLipLayers {
  private static final String MODULE = "models.siglip.siglip_layers";

  public static final LayerType PICTURE =
      HubLayer.of(SigLipLayers::pictureParts, SigLipLayers::picture);
  public static final LayerType WORDS = HubLayer.of(SigLipLayers::wordParts, SigLipLayers::words);
  public static final LayerType MLP = HubLayer.of(SigLipLayers::mlpParts, SigLipLayers::mlp);
  public static final LayerType BLOCK = HubLayer.of(SigLipLayers::blockParts, SigLipLayers::block);
  public static final LayerType POOLING =
      HubLayer.of(SigLipLayers::poolingParts, SigLipLayers::pool);
  public static final LayerType HEAD =
      HubLayer.several(
          (parts, a) -> parts.weight("logit_scale").weight("logit_bias"), SigLipLayers::head);

  private SigLipLayers() {}

  private static void pictureParts(Parts parts, HubArguments a) {
    int patch = a.integer("patch_size");
    int size = a.integer("image_size") / patch;
    int width = a.integer("hidden_dim");
    a.channelsLast();
    parts.constant("position_ids");
    parts.layer(
        "patch_embedding",
        Part.conv2d(width, List.of(patch, patch)).set("strides", List.of(patch, patch)));
    parts.layer("position_embedding", Part.embedding(size * size, width));
  }

  private static KerasTensor picture(Block b, HubArguments a) {
    Value x = b.plain(b.flat(b.call("patch_embedding", b.input())));
    Value places = ClipLayers.places(b, x.shape().size(1), a.integer("hidden_dim"));
    return KerasTensor.plain(b.graph().add(x, places));
  }

  private static void wordParts(Parts parts, HubArguments a) {
    int width = a.integer("embedding_dim");
    boolean tied = a.flag("tie_weights", true);
    a.skip("embeddings_initializer");
    if (a.flag("mask_zero", false)) {
      throw a.unsupported("mask_zero=True is not read.");
    }
    parts.constant("position_ids");
    Part tokens = Part.keras("ReversibleEmbedding").set("input_dim", a.integer("vocabulary_size"));
    parts.layer("token_embedding", tokens.set("output_dim", width).set("tie_weights", tied));
    Part places = Part.keras("ReversibleEmbedding").set("input_dim", a.integer("sequence_length"));
    parts.layer("position_embedding", places.set("output_dim", width).set("tie_weights", tied));
  }

  private static KerasTensor words(Block b, HubArguments a) {
    Value x = b.plain(b.call("token_embedding", b.input()));
    int longest = a.integer("sequence_length");
    if (x.shape().size(1) != longest) {
      throw new IllegalArgumentException(
          "the model takes texts of %d tokens, got %d.".formatted(longest, x.shape().size(1)));
    }
    return KerasTensor.plain(
        b.graph().add(x, ClipLayers.places(b, longest, a.integer("embedding_dim"))));
  }

  private static void mlpParts(Parts parts, HubArguments a) {
    parts.layer("fc1", Part.dense(a.integer("intermediate_dim")));
    parts.layer("fc2", Part.dense(a.integer("hidden_dim")));
  }

  private static KerasTensor mlp(Block b, HubArguments a) {
    KerasTensor x = b.call("fc1", b.input());
    String activation = Attending.activation(a, "activation", "linear");
    return b.call("fc2", Attending.activate(b, activation, x));
  }

  private static Part net(HubArguments a, String activation) {
    return Part.hub(MODULE, "SigLIPMLP")
        .set("hidden_dim", a.integer("hidden_dim"))
        .set("intermediate_dim", a.integer("intermediate_dim"))
        .set("activation", activation);
  }

  private static void blockParts(Parts parts, HubArguments a) {
    double epsilon = a.number("layer_norm_epsilon", 1e-6);
    String activation = Attending.activation(a, "intermediate_activation", "gelu_approximate");
    parts
        .layer("self_attn", ClipLayers.attention(a))
        .layer("layer_norm1", Part.layerNormalization(epsilon))
        .layer("mlp", net(a, activation))
        .layer("layer_norm2", Part.layerNormalization(epsilon));
  }

  private static KerasTensor block(Block b, HubArguments a) {
    KerasTensor x = b.input();
    boolean causal = a.flag("use_causal_mask", false);
    KerasTensor y = ClipLayers.attend(b, "self_attn", b.call("layer_norm1", x), causal);
    y = b.add(x, y);
    return b.add(y, b.call("mlp", b.call("layer_norm2", y)));
  }

  private static void poolingParts(Parts parts, HubArguments a) {
    parts.weight("probe");
    parts
        .layer("attention", ClipLayers.attention(a))
        .layer("layer_norm", Part.layerNormalization(a.number("layer_norm_epsilon", 1e-6)))
        .layer("mlp", net(a, Attending.activation(a, "activation", "linear")));
  }

  /** A vector of the layer's own asks all places. */
  private static KerasTensor pool(Block b, HubArguments a) {
    KerasTensor x = b.input();
    int width = a.integer("hidden_dim");
    Value probe = b.forEachRow(b.weight("probe", 1, 1, width), b.plain(x));
    KerasTensor seen = b.call("attention", KerasTensor.plain(probe), x, x);
    KerasTensor out = b.add(seen, b.call("mlp", b.call("layer_norm", seen)));
    return ClipLayers.token(b, b.plain(out), 0);
  }

  private static List<KerasTensor> head(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    Value scale = graph.node(Op.EXP, b.weight("logit_scale"));
    Value logits = graph.add(graph.mul(ClipLayers.similarity(b), scale), b.weight("logit_bias"));
    KerasTensor out = KerasTensor.plain(logits);
    return List.of(out, out);
  }
}
