package dev.keralens.keras.hub.vision;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;
import java.util.List;

/** The layers of {@code ViTBackbone}. */
public final class VitLayers {
  private static final String MODULE = "models.vit.vit_layers";

  public static final LayerType PATCHES = HubLayer.of(VitLayers::patchParts, VitLayers::patches);
  public static final LayerType ENCODER = HubLayer.of(VitLayers::encoderParts, VitLayers::encoder);
  public static final LayerType BLOCK = HubLayer.of(VitLayers::blockParts, VitLayers::block);
  public static final LayerType MLP = HubLayer.of(VitLayers::mlpParts, VitLayers::mlp);

  private VitLayers() {}

  private static void patchParts(Parts parts, HubArguments a) {
    List<Integer> patch = a.integers("patch_size");
    List<Integer> image = a.integers("image_size");
    int width = a.integer("hidden_dim");
    a.channelsLast();
    a.skip("num_channels", "num_patches", "num_positions");
    boolean token = a.flag("use_class_token", true);
    int count = (image.get(0) / patch.get(0)) * (image.get(1) / patch.get(1)) + (token ? 1 : 0);
    if (token) {
      parts.weight("class_token");
    }
    Part conv = Part.conv2d(width, patch).set("strides", patch);
    parts.layer("patch_embedding", conv.bias(a.flag("use_patch_bias", true)));
    parts.layer("position_embedding", Part.embedding(count, width));
  }

  /** A token for each patch, and one for the class before them, each with its place added. */
  private static KerasTensor patches(Block b, HubArguments a) {
    int width = a.integer("hidden_dim");
    GraphBuilder graph = b.graph();
    KerasTensor tokens = b.flat(b.call("patch_embedding", b.input()));
    Value x = b.plain(tokens);
    if (a.flag("use_class_token", true)) {
      Value token = b.forEachRow(b.weight("class_token", 1, 1, width), x);
      x = graph.concat(1, List.of(token, x));
    }
    return KerasTensor.plain(graph.add(x, b.table("position_embedding", x.shape().size(1), width)));
  }

  private static void encoderParts(Parts parts, HubArguments a) {
    int layers = a.integer("num_layers");
    a.checkBlocks(layers);
    for (int i = 0; i < layers; i++) {
      Part block = Part.hub(MODULE, "ViTEncoderBlock");
      for (String key : List.of("num_heads", "hidden_dim", "mlp_dim")) {
        block.set(key, a.integer(key));
      }
      block.set("use_mha_bias", a.flag("use_mha_bias", true));
      block.set("use_mlp_bias", a.flag("use_mlp_bias", true));
      block.set("layer_norm_epsilon", a.number("layer_norm_epsilon", 1e-6));
      parts.layer("encoder_layers/" + i, block);
    }
    a.skip("dropout_rate", "attention_dropout");
    parts.layer("layer_norm", Part.layerNormalization(a.number("layer_norm_epsilon", 1e-6)));
  }

  private static KerasTensor encoder(Block b, HubArguments a) {
    return b.call("layer_norm", b.list("encoder_layers", b.input()));
  }

  private static void blockParts(Parts parts, HubArguments a) {
    int width = a.integer("hidden_dim");
    int heads = a.integer("num_heads");
    double epsilon = a.number("layer_norm_epsilon", 1e-6);
    a.skip("dropout_rate", "attention_dropout", "key_dim");
    Part attention = Part.multiHeadAttention(heads, width / heads);
    Part mlp =
        Part.hub(MODULE, "MLP").set("hidden_dim", width).set("mlp_dim", a.integer("mlp_dim"));
    parts
        .layer("layer_norm_1", Part.layerNormalization(epsilon))
        .layer("mha", attention.bias(a.flag("use_mha_bias", true)))
        .layer("layer_norm_2", Part.layerNormalization(epsilon))
        .layer("mlp", mlp.bias(a.flag("use_mlp_bias", true)));
  }

  private static KerasTensor block(Block b, HubArguments a) {
    KerasTensor x = b.call("layer_norm_1", b.input());
    x = b.add(b.call("mha", x, x), b.input());
    return b.add(x, b.call("mlp", b.call("layer_norm_2", x)));
  }

  private static void mlpParts(Parts parts, HubArguments a) {
    boolean biased = a.flag("use_bias", true);
    a.skip("dropout_rate");
    Part first = Part.dense(a.integer("mlp_dim")).set("activation", "gelu");
    parts.layer("dense_1", first.bias(biased));
    parts.layer("dense_2", Part.dense(a.integer("hidden_dim")).bias(biased));
  }

  private static KerasTensor mlp(Block b, HubArguments a) {
    return b.call("dense_2", b.call("dense_1", b.input()));
  }
}
