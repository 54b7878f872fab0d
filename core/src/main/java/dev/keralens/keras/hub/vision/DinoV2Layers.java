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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The layers of {@code DINOV2Backbone}. */
public final class DinoV2Layers {
  private static final String MODULE = "models.dinov2.dinov2_layers";

  public static final LayerType PATCHES = DinoLayers.PATCHES;
  public static final LayerType EMBEDDING =
      HubLayer.of(DinoV2Layers::embeddingParts, DinoV2Layers::embedding);
  public static final LayerType ATTENTION =
      HubLayer.of(
          DinoV2Layers::attentionParts, (b, a) -> b.call("attention", b.input(), b.input()));
  public static final LayerType SCALE = DinoLayers.SCALE;
  public static final LayerType MLP =
      HubLayer.of(DinoV2Layers::mlpParts, (b, a) -> b.chain(b.input(), "fc1", "fc2"));
  public static final LayerType SWIGLU =
      HubLayer.of(DinoV2Layers::swigluParts, DinoV2Layers::swiglu);
  public static final LayerType LAYER = HubLayer.of(DinoV2Layers::layerParts, DinoLayers::block);
  public static final LayerType ENCODER =
      HubLayer.several(DinoV2Layers::encoderParts, DinoV2Layers::encoder);

  private DinoV2Layers() {}

  private static void embeddingParts(Parts parts, HubArguments a) {
    DinoLayers.tokenParts(parts, a);
    a.skip("dropout_rate");
    // In the file it is what the other table was when it was written; what counts is made of it.
    parts.weight("interpolated_position_embeddings").constant("position_embeddings");
    DinoLayers.embeddedParts(parts, a, Part.hub(MODULE, "DINOV2PatchEmbedding"));
    int[] grid = grid(a, "image_shape");
    Part resizing = Part.keras("Resizing").set("height", grid[0]).set("width", grid[1]);
    resizing.set("interpolation", "bicubic");
    resizing.set("antialias", a.flag("antialias_in_interpolation", false));
    parts.layer("resizing", resizing);
  }

  private static int[] grid(HubArguments a, String key) {
    List<Integer> size = a.integers(key);
    int patch = a.integer("patch_size");
    return new int[] {size.get(0) / patch, size.get(1) / patch};
  }

  /** Places count for the class's token and the patches. */
  private static KerasTensor embedding(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    Value patches = b.plain(b.call("patch_embeddings", b.input()));
    Value places = places(b, a, a.integer("hidden_dim"));
    int count = places.shape().size(1);
    Value token = graph.add(DinoLayers.classToken(b, a), b.slice(places, 1, 0, 1));
    return DinoLayers.tokens(b, a, token, graph.add(patches, b.slice(places, 1, 1, count)));
  }

  /** The table of places, in the size of the pictures: bicubic, as Keras makes it on loading. */
  private static Value places(Block b, HubArguments a, int width) {
    int[] from = grid(a, "position_embedding_shape");
    int count = from[0] * from[1];
    Value table = b.weight("position_embeddings", 1, count + 1, width);
    if (a.integers("position_embedding_shape").subList(0, 2).equals(a.integers("image_shape"))) {
      return table;
    }
    int side = (int) Math.sqrt(count);
    Value patches = b.reshape(b.slice(table, 1, 1, count + 1), side, side, width);
    Value resized = b.plain(b.flat(b.call("resizing", KerasTensor.plain(patches))));
    return b.graph().concat(1, List.of(b.slice(table, 1, 0, 1), resized));
  }

  private static void attentionParts(Parts parts, HubArguments a) {
    a.skip("dropout_rate");
    int heads = a.integer("num_heads");
    parts.layer("attention", Part.multiHeadAttention(heads, a.integer("hidden_dim") / heads));
  }

  private static void mlpParts(Parts parts, HubArguments a) {
    Part first = Part.dense(a.integer("intermediate_dim"));
    parts
        .layer("fc1", first.set("activation", a.any("activation", "gelu")))
        .layer("fc2", Part.dense(a.integer("hidden_dim")));
  }

  /** The hidden size is a multiple of eight near two thirds of what is asked for. */
  private static int hidden(HubArguments a) {
    return ((int) (a.integer("intermediate_dim") * 2 / 3.0) + 7) / 8 * 8;
  }

  private static void swigluParts(Parts parts, HubArguments a) {
    parts
        .layer("weights_in", Part.dense(2 * hidden(a)))
        .layer("weights_out", Part.dense(a.integer("hidden_dim")));
  }

  private static KerasTensor swiglu(Block b, HubArguments a) {
    Value x = b.plain(b.call("weights_in", b.input()));
    int half = hidden(a);
    Value gate = b.slice(x, x.rank() - 1, 0, half);
    Value open = b.plain(b.activate("silu", KerasTensor.plain(gate)));
    Value out = b.graph().mul(open, b.slice(x, x.rank() - 1, half, 2 * half));
    return b.call("weights_out", KerasTensor.plain(out));
  }

  private static void layerParts(Parts parts, HubArguments a) {
    a.skip("layer_scale_init_value", "dropout_rate", "drop_path_rate");
    String mlp = a.flag("use_swiglu_ffn", false) ? "DINOV2SwiGLUFFN" : "DINOV2MLP";
    DinoLayers.blockParts(
        parts,
        a,
        1e-6,
        Part.hub(MODULE, "DINOV2Attention"),
        Part.hub(MODULE, mlp),
        () -> Part.hub(MODULE, "DINOV2LayerScale"));
  }

  private static void encoderParts(Parts parts, HubArguments a) {
    int layers = a.integer("num_layers");
    a.checkBlocks(layers);
    a.skip("layer_scale_init_value", "dropout_rate", "drop_path_rate");
    for (int i = 0; i < layers; i++) {
      Part layer = Part.hub(MODULE, "DINOV2Layer");
      for (String key : List.of("hidden_dim", "num_heads", "intermediate_dim")) {
        layer.set(key, a.integer(key));
      }
      parts.layer("layers/" + i, layer.set("use_swiglu_ffn", a.flag("use_swiglu_ffn", false)));
    }
  }

  /** What the last layer gives, and then what each gives, by name: stage1, stage10, stage2, .. */
  private static List<KerasTensor> encoder(Block b, HubArguments a) {
    List<KerasTensor> stages = new ArrayList<>();
    KerasTensor x = b.input();
    for (int i = 0; i < b.count("layers"); i++) {
      x = b.call("layers/" + i, x);
      stages.add(x);
    }
    List<KerasTensor> outputs = new ArrayList<>(List.of(x));
    IntStream.range(0, stages.size())
        .boxed()
        .sorted((i, j) -> String.valueOf(i + 1).compareTo(String.valueOf(j + 1)))
        .forEach(i -> outputs.add(stages.get(i)));
    return outputs;
  }
}
