package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.Inner;
import java.util.List;

/** Encoders over tokens of ever smaller images: MiT, the mixed transformer. */
public final class MitBackbone {
  private static final String MODULE = "models.mit.mit_layers";

  private MitBackbone() {}

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    arguments.skip("max_drop_path_rate");
    List<Integer> depths = arguments.blocks("layerwise_depths");
    List<Integer> heads = arguments.integers("layerwise_num_heads");
    List<Integer> ratios = arguments.integers("layerwise_sr_ratios");
    List<Integer> patches = arguments.integers("layerwise_patch_sizes");
    List<Integer> strides = arguments.integers("layerwise_strides");
    List<Integer> widths = arguments.integers("hidden_dims");
    arguments.sameLength("its lists", depths, heads, ratios, patches, strides, widths);
    if (arguments.integer("num_layers") != depths.size()) {
      throw arguments.invalid("num_layers is not the length of layerwise_depths.");
    }
    SymbolicTensor x = b.input(arguments.knownImage("image_shape"));
    for (int i = 0; i < depths.size(); i++) {
      int height = x.size(0) / strides.get(i);
      int width = x.size(1) / strides.get(i);
      int patch = patches.get(i);
      int[] image = Sizes.windows(x, patch, strides.get(i), patch / 2, widths.get(i));
      int[] tokens = {image[0] * image[1], widths.get(i)};
      x =
          Inner.of(MODULE, "OverlappingPatchingAndEmbedding")
              .set("project_dim", widths.get(i))
              .set("patch_size", patch)
              .set("stride", strides.get(i))
              .call(b, "patch_and_embed_" + i, tokens, x);
      for (int k = 0; k < depths.get(i); k++) {
        x =
            Inner.of(MODULE, "HierarchicalTransformerEncoder")
                .set("project_dim", widths.get(i))
                .set("num_heads", heads.get(i))
                .set("sr_ratio", ratios.get(i))
                .call(b, "hierarchical_encoder_%d_%d".formatted(i, k), tokens, x);
      }
      x = b.layerNormalization().epsilon(1e-5).apply(x);
      x = b.reshape(height, width, -1).name("output_level_" + i).apply(x);
      arguments.level("P" + (i + 1), x);
    }
    return x;
  }
}
