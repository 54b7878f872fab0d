package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.Inner;
import java.util.List;

/** Attention in windows, and in some layers over all: ViTDet, the encoder of SAM. */
public final class VitDetBackbone {
  private static final String MODULE = "models.vit_det.vit_layers";
  private static final double[] MEAN = {0.485, 0.456, 0.406};
  private static final double[] VARIANCE = {0.229 * 0.229, 0.224 * 0.224, 0.225 * 0.225};

  private VitDetBackbone() {}

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    int[] image = arguments.knownImage("image_shape");
    int patch = arguments.integer("patch_size", 16);
    if (image[0] != image[1] || image[2] != 3 || patch < 1) {
      throw arguments.invalid("it takes square images of three colors.");
    }
    // KerasHub has it as an argument, and does not hand it on.
    arguments.skip("layer_norm_epsilon");
    int width = arguments.integer("hidden_size");
    int layers = arguments.integer("num_layers");
    arguments.checkBlocks(layers);
    List<Integer> whole = arguments.integers("global_attention_layer_indices");
    int window = arguments.integer("window_size", 14);
    int side = (image[0] - patch) / patch + 1;
    int[] shape = {side, side, width};
    SymbolicTensor x = b.namedInput("images", image);
    x = b.normalization(MEAN, VARIANCE).apply(x);
    x =
        Inner.of(MODULE, "ViTDetPatchingAndEmbedding")
            .set("kernel_size", new int[] {patch, patch})
            .set("strides", new int[] {patch, patch})
            .set("embed_dim", width)
            .call(b, "vi_t_det_patching_and_embedding", shape, x);
    if (arguments.flag("use_abs_pos", true)) {
      x =
          Inner.of(MODULE, "AddPositionalEmbedding")
              .set("img_size", image[0])
              .set("patch_size", patch)
              .set("embed_dim", width)
              .call(b, "add_positional_embedding", shape, x);
    }
    for (int i = 0; i < layers; i++) {
      x =
          Inner.of(MODULE, "WindowedTransformerEncoder")
              .set("project_dim", width)
              .set("intermediate_dim", arguments.integer("intermediate_dim"))
              .set("num_heads", arguments.integer("num_heads"))
              .set("use_bias", arguments.flag("use_bias", true))
              .set("use_rel_pos", arguments.flag("use_rel_pos", true))
              .set("window_size", whole.contains(i) ? 0 : window)
              .set("input_size", new int[] {side, side})
              .call(b, "windowed_transformer_encoder" + (i == 0 ? "" : "_" + i), shape, x);
    }
    int channels = arguments.integer("num_output_channels", 256);
    LayerSpec first = b.conv2d(channels, 1).useBias(false);
    LayerSpec second = b.conv2d(channels, 3).padding("same").useBias(false);
    LayerSpec between = b.layerNormalization().epsilon(1e-6);
    LayerSpec last = b.layerNormalization().epsilon(1e-6);
    return b.sequential(first, between, second, last).apply(x);
  }
}
