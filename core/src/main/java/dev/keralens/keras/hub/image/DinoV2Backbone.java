package dev.keralens.keras.hub.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.Inner;
import java.util.ArrayList;
import java.util.List;

/** Patches as tokens, and layers over them. */
public final class DinoV2Backbone {
  private static final String MODULE = "models.dinov2.dinov2_layers";

  private DinoV2Backbone() {}

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    int[] image = arguments.knownImage("image_shape");
    int patch = arguments.integer("patch_size");
    List<Integer> places = arguments.integers("position_embedding_shape");
    if (image[0] != image[1] || patch < 1 || places.size() < 2) {
      throw arguments.invalid("it takes square images, patches and a shape of places.");
    }
    // It is applied to the levels of a pyramid, which nobody reads here.
    arguments.skip("apply_layernorm");
    int width = arguments.integer("hidden_dim");
    int registers = arguments.integer("num_register_tokens", 0);
    int[] tokens = {image[0] / patch * (image[1] / patch) + 1 + registers, width};
    JsonNode name = arguments.find("name");
    String prefix = name == null ? "" : name.asText() + "_";
    SymbolicTensor x = b.namedInput("images", image);
    x =
        Inner.of(MODULE, "DINOV2Embedding")
            .set("image_shape", new int[] {image[0], image[1]})
            .set("position_embedding_shape", new int[] {places.get(0), places.get(1)})
            .copy(arguments, "hidden_dim", "patch_size", "num_register_tokens", "use_mask_token")
            .copy(arguments, "dropout_rate", "antialias_in_interpolation")
            .call(b, prefix + "embeddings", tokens, x);
    int layers = arguments.integer("num_layers");
    arguments.checkBlocks(layers);
    List<int[]> shapes = new ArrayList<>();
    for (int i = 0; i <= layers; i++) {
      shapes.add(tokens);
    }
    x =
        Inner.of(MODULE, "DINOV2Encoder")
            .copy(arguments, "num_layers", "hidden_dim", "num_heads", "intermediate_dim")
            .copy(arguments, "layer_scale_init_value", "use_swiglu_ffn", "dropout_rate")
            .copy(arguments, "drop_path_rate")
            .several(b, prefix + "encoder", shapes, x)
            .get(0);
    return b.layerNormalization().epsilon(1e-6).name(prefix + "layernorm").apply(x);
  }
}
