package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.KerasFunctions;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.Inner;
import java.util.List;

/** Attention in windows that move, over ever smaller images: Swin. */
public final class SwinBackbone {
  private static final String MODULE = "models.swin_transformer.swin_transformer_layers";

  private SwinBackbone() {}

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    arguments.channelsLast();
    arguments.skip("drop_path");
    int[] image = arguments.knownImage("image_shape");
    int patch = arguments.integer("patch_size", 4);
    int first = arguments.integer("embed_dim");
    List<Integer> depths = arguments.blocks("depths");
    List<Integer> heads = arguments.integers("num_heads");
    arguments.sameLength("depths and num_heads", depths, heads);
    SymbolicTensor x = b.input(image);
    int height = image[0] / patch;
    int width = image[1] / patch;
    int[] tokens = {height * width, first};
    Inner patches = Inner.of(MODULE, "PatchEmbedding").set("patch_size", patch);
    patches.set("embed_dim", first);
    if (arguments.flag("patch_norm", true)) {
      patches.set("norm_layer", "LayerNormalization");
    }
    x = patches.call(b, "patch_embedding", tokens, x);
    x = b.dropout(arguments.number("dropout_rate", 0)).name("pos_drop").apply(x);
    for (int i = 0; i < depths.size(); i++) {
      boolean last = i == depths.size() - 1;
      int dim = first << i;
      Inner stage = Inner.of(MODULE, "SwinTransformerStage");
      stage.set("dim", dim).set("depth", depths.get(i)).set("num_heads", heads.get(i));
      stage.set("input_resolution", new int[] {height, width});
      stage.copy(arguments, "window_size", "mlp_ratio", "qkv_bias");
      stage.copy(arguments, "dropout_rate", "attention_dropout");
      if (!last) {
        stage.set("downsample", "PatchMerging");
        tokens = new int[] {(height + 1) / 2 * ((width + 1) / 2), 2 * dim};
        height /= 2;
        width /= 2;
      }
      x = stage.call(b, "stage_" + i, tokens, x);
    }
    return b.layerNormalization().epsilon(1e-5).name("norm").apply(x);
  }

  /** The task: the mean of all tokens. */
  public static SymbolicTensor classifier(
      ModelBuilder b, SymbolicTensor features, HubArguments arguments) {
    arguments.skip("pooling");
    SymbolicTensor x = KerasFunctions.mean(b, features);
    x = b.dropout(arguments.number("dropout", 0)).name("output_dropout").apply(x);
    return ImageClassifier.predictions(b, arguments).apply(x);
  }
}
