package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.Inner;

/** Patches as tokens, and layers over them that turn queries and keys by their places. */
public final class DinoV3Backbone {
  private static final String MODULE = "models.dinov3.dinov3_layers";

  private DinoV3Backbone() {}

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    arguments.channelsLast();
    int[] image = arguments.knownImage("image_shape");
    int patch = arguments.integer("patch_size");
    int layers = arguments.integer("num_layers");
    arguments.checkBlocks(layers);
    if (patch < 1 || image[0] < patch || image[1] < patch) {
      throw arguments.invalid("its images are smaller than a patch.");
    }
    // It is applied to the levels of a pyramid, which nobody reads here.
    arguments.skip("apply_layernorm");
    int width = arguments.integer("hidden_dim");
    int registers = arguments.integer("num_register_tokens", 4);
    int[] grid = {image[0] / patch, image[1] / patch};
    int[] tokens = {Math.multiplyExact(grid[0], grid[1]) + 1 + registers, width};
    String name = arguments.text("name", "");
    String prefix = name.isEmpty() ? "" : name + "_";
    SymbolicTensor x = b.namedInput("pixel_values", image);
    x =
        Inner.of(MODULE, "DINOV3Embedding")
            .copy(arguments, "hidden_dim", "patch_size", "use_mask_token")
            .set("num_register_tokens", registers)
            .call(b, prefix + "embeddings", tokens, x);
    double epsilon = arguments.number("layer_norm_eps", 1e-5);
    x =
        Inner.of(MODULE, "DINOV3Encoder")
            .copy(arguments, "num_layers", "hidden_dim", "num_heads", "intermediate_dim")
            .copy(arguments, "layer_scale_init_value", "hidden_activation", "use_gated_mlp")
            .copy(arguments, "use_query_bias", "use_key_bias", "use_value_bias", "use_proj_bias")
            .copy(arguments, "use_mlp_bias", "attention_dropout", "drop_path_rate")
            .set("layer_norm_eps", epsilon)
            .set("grid", grid)
            .set("rope_theta", arguments.number("rope_theta", 100))
            .set("num_prefix_tokens", 1 + registers)
            .call(b, prefix + "encoder", tokens, x);
    return b.layerNormalization().epsilon(epsilon).name(prefix + "layernorm").apply(x);
  }
}
