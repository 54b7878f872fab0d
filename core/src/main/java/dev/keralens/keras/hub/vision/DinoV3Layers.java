package dev.keralens.keras.hub.vision;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Attention;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.List;

/**
 * The layers of {@code DINOV3Backbone}. Places turn queries and keys, by angles that are known from
 * the size of the pictures: the encoder has {@code grid}, rows and columns of patches, in place of
 * the layer that makes the angles.
 */
public final class DinoV3Layers {
  private static final String MODULE = "models.dinov3.dinov3_layers";
  private static final List<String> BIASES =
      List.of("use_query_bias", "use_key_bias", "use_value_bias", "use_proj_bias");
  private static final List<String> PLACES = List.of("grid", "rope_theta", "num_prefix_tokens");

  public static final LayerType PATCHES = DinoLayers.PATCHES;
  public static final LayerType EMBEDDING =
      HubLayer.of(DinoV3Layers::embeddingParts, DinoV3Layers::embedding);
  public static final LayerType ATTENTION =
      HubLayer.of(DinoV3Layers::attentionParts, DinoV3Layers::attention);
  public static final LayerType SCALE = DinoLayers.SCALE;
  public static final LayerType MLP =
      HubLayer.of(DinoV3Layers::mlpParts, (b, a) -> b.chain(b.input(), "up_proj", "down_proj"));
  public static final LayerType GATED =
      HubLayer.of(
          DinoV3Layers::gatedParts,
          (b, a) -> {
            KerasTensor gate = b.call("gate_proj", b.input());
            return b.call("down_proj", b.multiply(gate, b.call("up_proj", b.input())));
          });
  public static final LayerType LAYER = HubLayer.of(DinoV3Layers::layerParts, DinoLayers::block);
  public static final LayerType ENCODER =
      HubLayer.of(DinoV3Layers::encoderParts, (b, a) -> b.list("layers", b.input()));

  private DinoV3Layers() {}

  private static void embeddingParts(Parts parts, HubArguments a) {
    DinoLayers.tokenParts(parts, a);
    a.skip("initializer_range");
    DinoLayers.embeddedParts(parts, a, Part.hub(MODULE, "DINOV3PatchEmbedding"));
  }

  private static KerasTensor embedding(Block b, HubArguments a) {
    Value patches = b.plain(b.call("patch_embeddings", b.input()));
    return DinoLayers.tokens(b, a, DinoLayers.classToken(b, a), patches);
  }

  private static void attentionParts(Parts parts, HubArguments a) {
    a.skip("dropout_rate");
    int width = a.integer("hidden_dim");
    parts
        .layer("query_dense", Part.dense(width).bias(a.flag("use_query_bias", true)))
        .layer("key_dense", Part.dense(width).bias(a.flag("use_key_bias", true)))
        .layer("value_dense", Part.dense(width).bias(a.flag("use_value_bias", true)))
        .layer("output_dense", Part.dense(width).bias(a.flag("use_proj_bias", true)));
  }

  private static KerasTensor attention(Block b, HubArguments a) {
    int heads = a.integer("num_heads");
    int size = a.integer("hidden_dim") / heads;
    Value q = Attention.split(b, b.plain(b.call("query_dense", b.input())), heads);
    Value k = Attention.split(b, b.plain(b.call("key_dense", b.input())), heads);
    Value v = Attention.split(b, b.plain(b.call("value_dense", b.input())), heads);
    double[][] angles = angles(a, size);
    int before = a.integer("num_prefix_tokens");
    Value read =
        Attention.read(
            b,
            turned(b, q, angles, before),
            turned(b, k, angles, before),
            v,
            1 / Math.sqrt(size),
            null);
    return b.call("output_dense", KerasTensor.plain(Attention.join(b, read)));
  }

  /** For each patch the angles of half of a head's features: of its row, and of its column. */
  private static double[][] angles(HubArguments a, int size) {
    List<Integer> grid = a.integers("grid");
    if (size % 4 != 0) {
      throw a.invalid("a head of %d features does not divide into four parts.".formatted(size));
    }
    double theta = a.number("rope_theta");
    int quarter = size / 4;
    double[][] angles = new double[grid.get(0) * grid.get(1)][2 * quarter];
    for (int place = 0; place < angles.length; place++) {
      double row = 2 * (place / grid.get(1) + 0.5) / grid.get(0) - 1;
      double column = 2 * (place % grid.get(1) + 0.5) / grid.get(1) - 1;
      for (int i = 0; i < quarter; i++) {
        double frequency = 2 * Math.PI * Math.pow(theta, -(double) i / quarter);
        angles[place][i] = row * frequency;
        angles[place][quarter + i] = column * frequency;
      }
    }
    return angles;
  }

  /** x cos + (-second half, first half) sin, of (batch, heads, tokens, size), patches alone. */
  private static Value turned(Block b, Value x, double[][] angles, int before) {
    GraphBuilder graph = b.graph();
    int size = x.shape().size(3);
    int half = size / 2;
    float[] cos = new float[angles.length * size];
    float[] sin = new float[angles.length * size];
    for (int i = 0; i < cos.length; i++) {
      double angle = angles[i / size][i % half];
      cos[i] = (float) Math.cos(angle);
      sin[i] = (float) Math.sin(angle);
    }
    Value patches = b.slice(x, 2, before, x.shape().size(2));
    Value swapped =
        graph.concat(
            3, List.of(graph.neg(b.slice(patches, 3, half, size)), b.slice(patches, 3, 0, half)));
    Value turned =
        graph.add(
            graph.mul(patches, graph.constant(Tensor.of(cos, angles.length, size))),
            graph.mul(swapped, graph.constant(Tensor.of(sin, angles.length, size))));
    return graph.concat(2, List.of(b.slice(x, 2, 0, before), turned));
  }

  private static Part activated(HubArguments a, int size) {
    return Part.dense(size).set("activation", a.any("activation", "gelu"));
  }

  private static void mlpParts(Parts parts, HubArguments a) {
    boolean biased = a.flag("use_bias", true);
    parts
        .layer("up_proj", activated(a, a.integer("intermediate_dim")).bias(biased))
        .layer("down_proj", Part.dense(a.integer("hidden_dim")).bias(biased));
  }

  private static void gatedParts(Parts parts, HubArguments a) {
    boolean biased = a.flag("use_bias", true);
    int size = a.integer("intermediate_dim");
    parts
        .layer("gate_proj", activated(a, size).bias(biased))
        .layer("up_proj", Part.dense(size).bias(biased))
        .layer("down_proj", Part.dense(a.integer("hidden_dim")).bias(biased));
  }

  private static void layerParts(Parts parts, HubArguments a) {
    double epsilon = a.number("layer_norm_eps", 1e-6);
    a.skip("layer_scale_init_value", "attention_dropout", "drop_path_rate");
    Part attention = Part.hub(MODULE, "DINOV3Attention");
    BIASES.forEach(key -> attention.set(key, a.flag(key, true)));
    PLACES.forEach(key -> copy(a, attention, key));
    String mlp = a.flag("use_gated_mlp", false) ? "DINOV3GatedMLP" : "DINOV3MLP";
    Part inner =
        Part.hub(MODULE, mlp)
            .set("activation", a.any("hidden_activation", "gelu"))
            .set("use_bias", a.flag("use_mlp_bias", true));
    DinoLayers.blockParts(
        parts, a, epsilon, attention, inner, () -> Part.hub(MODULE, "DINOV3LayerScale"));
  }

  private static void copy(HubArguments a, Part part, String key) {
    JsonNode value = a.find(key);
    if (value == null) {
      throw a.unsupported("it is read inside of a DINOV3Backbone only.");
    }
    part.set(key, value);
  }

  private static void encoderParts(Parts parts, HubArguments a) {
    int layers = a.integer("num_layers");
    a.checkBlocks(layers);
    a.skip("layer_scale_init_value", "attention_dropout", "drop_path_rate");
    for (int i = 0; i < layers; i++) {
      Part layer = Part.hub(MODULE, "DINOV3Layer");
      for (String key : List.of("hidden_dim", "num_heads", "intermediate_dim")) {
        layer.set(key, a.integer(key));
      }
      BIASES.forEach(key -> layer.set(key, a.flag(key, true)));
      PLACES.forEach(key -> copy(a, layer, key));
      layer
          .set("use_gated_mlp", a.flag("use_gated_mlp", false))
          .set("use_mlp_bias", a.flag("use_mlp_bias", true))
          .set("hidden_activation", a.any("hidden_activation", "gelu"))
          .set("layer_norm_eps", a.number("layer_norm_eps", 1e-5));
      parts.layer("layers/" + i, layer);
    }
  }
}
