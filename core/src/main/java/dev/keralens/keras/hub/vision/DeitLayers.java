package dev.keralens.keras.hub.vision;

import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;
import java.util.List;

/** The layers of {@code DeiTBackbone}. */
public final class DeitLayers {
  private static final String MODULE = "models.deit.deit_layers";

  public static final LayerType EMBEDDINGS =
      HubLayer.of(DeitLayers::embeddingParts, DeitLayers::embeddings);
  public static final LayerType ENCODER =
      HubLayer.several(DeitLayers::encoderParts, DeitLayers::encoder);
  public static final LayerType BLOCK = HubLayer.of(DeitLayers::blockParts, DeitLayers::block);
  public static final LayerType INTERMEDIATE =
      HubLayer.of(DeitLayers::intermediateParts, (b, a) -> b.call("dense", b.input()));
  public static final LayerType OUTPUT = HubLayer.of(DeitLayers::outputParts, DeitLayers::output);

  private DeitLayers() {}

  private static void embeddingParts(Parts parts, HubArguments a) {
    List<Integer> patch = a.integers("patch_size");
    a.channelsLast();
    a.skip("num_channels", "num_patches", "num_positions", "dropout_rate", "image_size");
    if (a.flag("use_mask_token", false)) {
      parts.weight("mask_token");
    }
    parts.weight("class_token").weight("distillation_token").weight("position_embedding");
    Part conv = Part.conv2d(a.integer("hidden_dim"), patch).set("strides", patch);
    parts.layer("patch_embedding", conv);
  }

  /** Tokens of the class and of distillation before those of the patches. */
  private static KerasTensor embeddings(Block b, HubArguments a) {
    int width = a.integer("hidden_dim");
    Value x = b.plain(b.flat(b.call("patch_embedding", b.input())));
    Value first = b.forEachRow(b.weight("class_token", 1, 1, width), x);
    Value second = b.forEachRow(b.weight("distillation_token", 1, 1, width), x);
    x = b.graph().concat(1, List.of(first, second, x));
    Value places = b.weight("position_embedding", 1, x.shape().size(1), width);
    return KerasTensor.plain(b.graph().add(x, places));
  }

  private static void encoderParts(Parts parts, HubArguments a) {
    int layers = a.integer("num_layers");
    a.checkBlocks(layers);
    a.skip("dropout_rate", "attention_dropout");
    double epsilon = a.number("layer_norm_epsilon", 1e-6);
    for (int i = 0; i < layers; i++) {
      Part block = Part.hub(MODULE, "DeiTEncoderBlock").set("layer_norm_epsilon", epsilon);
      for (String key : List.of("num_heads", "hidden_dim", "intermediate_dim")) {
        block.set(key, a.integer(key));
      }
      parts.layer("encoder_layers/" + i, block.set("use_mha_bias", a.flag("use_mha_bias", true)));
    }
    parts.layer("layer_norm", Part.layerNormalization(epsilon));
  }

  /** It gives what is asked for beside the tokens as tensors without rows; nobody reads them. */
  private static List<KerasTensor> encoder(Block b, HubArguments a) {
    return List.of(b.call("layer_norm", b.list("encoder_layers", b.input())));
  }

  private static void blockParts(Parts parts, HubArguments a) {
    int width = a.integer("hidden_dim");
    int heads = a.integer("num_heads");
    double epsilon = a.number("layer_norm_epsilon", 1e-6);
    a.skip("dropout_rate", "attention_dropout", "key_dim");
    Part attention = Part.multiHeadAttention(heads, width / heads);
    Part mlp = Part.hub(MODULE, "DeiTIntermediate");
    parts
        .layer("layer_norm_1", Part.layerNormalization(epsilon))
        .layer("mha", attention.bias(a.flag("use_mha_bias", true)))
        .layer("layer_norm_2", Part.layerNormalization(epsilon))
        .layer("mlp", mlp.set("intermediate_dim", a.integer("intermediate_dim")))
        .layer("output_layer", Part.hub(MODULE, "DeiTOutput").set("hidden_dim", width));
  }

  private static KerasTensor block(Block b, HubArguments a) {
    KerasTensor x = b.call("layer_norm_1", b.input());
    x = b.add(b.call("mha", x, x), b.input());
    return b.call("output_layer", b.chain(x, "layer_norm_2", "mlp"), x);
  }

  private static void intermediateParts(Parts parts, HubArguments a) {
    parts.layer("dense", Part.dense(a.integer("intermediate_dim")).set("activation", "gelu"));
  }

  private static void outputParts(Parts parts, HubArguments a) {
    a.skip("dropout_rate");
    parts.layer("dense", Part.dense(a.integer("hidden_dim")));
  }

  private static KerasTensor output(Block b, HubArguments a) {
    return b.add(b.call("dense", b.input()), b.argument(1, "input_tensor"));
  }
}
