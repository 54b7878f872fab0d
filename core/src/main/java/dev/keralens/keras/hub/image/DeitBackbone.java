package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.Inner;

/** Patches as tokens behind two others, and an encoder over them. */
public final class DeitBackbone {
  private static final String MODULE = "models.deit.deit_layers";

  private DeitBackbone() {}

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    int[] image = arguments.knownImage("image_shape");
    int[] patch = arguments.pair("patch_size");
    arguments.divides("image_shape", image, "patch_size", patch);
    int width = arguments.integer("hidden_dim");
    int[] tokens = {image[0] / patch[0] * (image[1] / patch[1]) + 2, width};
    SymbolicTensor x = b.namedInput("images", image);
    x =
        Inner.of(MODULE, "DeiTEmbeddings")
            .set("patch_size", patch)
            .set("hidden_dim", width)
            .call(b, "deit_embeddings", tokens, x);
    return Inner.of(MODULE, "DeiTEncoder")
        .copy(arguments, "num_layers", "num_heads", "hidden_dim", "intermediate_dim")
        .copy(arguments, "dropout_rate", "attention_dropout", "layer_norm_epsilon", "use_mha_bias")
        .call(b, "deit_encoder", tokens, x);
  }
}
