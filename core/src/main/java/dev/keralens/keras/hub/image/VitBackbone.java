package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.Inner;

/** Patches as tokens, and an encoder over them. */
public final class VitBackbone {
  private static final String MODULE = "models.vit.vit_layers";

  private VitBackbone() {}

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    int[] image = arguments.knownImage("image_shape");
    int[] patch = arguments.pair("patch_size");
    arguments.divides("image_shape", image, "patch_size", patch);
    int width = arguments.integer("hidden_dim");
    boolean token = arguments.flag("use_class_token", true);
    int tokens = image[0] / patch[0] * (image[1] / patch[1]) + (token ? 1 : 0);
    SymbolicTensor x = b.namedInput("images", image);
    x =
        Inner.of(MODULE, "ViTPatchingAndEmbedding")
            .set("image_size", new int[] {image[0], image[1]})
            .set("patch_size", patch)
            .set("hidden_dim", width)
            .set("use_class_token", token)
            .set("use_patch_bias", arguments.flag("use_patch_bias", true))
            .call(b, "vit_patching_and_embedding", new int[] {tokens, width}, x);
    return Inner.of(MODULE, "ViTEncoder")
        .copy(arguments, "num_layers", "num_heads", "hidden_dim", "mlp_dim", "dropout_rate")
        .copy(arguments, "attention_dropout", "layer_norm_epsilon", "use_mha_bias", "use_mlp_bias")
        .call(b, "vit_encoder", x.shape(), x);
  }
}
