package dev.keralens.keras.hub.vision;

import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The encoder of {@code DFineBackbone}: attention on some levels, and paths down and up again. */
public final class DFineEncoding {
  private static final String MODULE = "models.d_fine.d_fine_encoder";
  private static final double EPSILON = 1e-5;

  public static final LayerType LAYER =
      HubLayer.several(DFineEncoding::layerParts, DFineEncoding::layer);
  public static final LayerType ENCODER =
      HubLayer.several(DFineEncoding::encoderParts, DFineEncoding::encoder);
  public static final LayerType HYBRID =
      HubLayer.several(DFineEncoding::hybridParts, DFineEncoding::hybrid);
  public static final LayerType FLATTENER = HubLayer.of((parts, a) -> {}, DFineEncoding::flattened);

  private DFineEncoding() {}

  private static void layerParts(Parts parts, HubArguments a) {
    int width = a.integer("encoder_hidden_dim");
    parts
        .layer("self_attn", DFineAttention.toAll(width, a.integer("num_attention_heads")))
        .layer("self_attn_layer_norm", Part.layerNormalization(EPSILON))
        .layer("fc1", Part.dense(a.integer("encoder_ffn_dim")).set("activation", "gelu"))
        .layer("fc2", Part.dense(width))
        .layer("final_layer_norm", Part.layerNormalization(EPSILON));
  }

  private static List<KerasTensor> layer(Block b, HubArguments a) {
    KerasTensor x = b.layer().inputs().get(0);
    List<KerasTensor> read = b.several("self_attn", x, b.argument(1, "position_embeddings"));
    x = b.call("self_attn_layer_norm", b.add(x, read.get(0)));
    x = b.call("final_layer_norm", b.add(x, b.chain(x, "fc1", "fc2")));
    return List.of(x, read.get(1));
  }

  private static void encoderParts(Parts parts, HubArguments a) {
    int layers = a.integer("num_encoder_layers");
    a.checkBlocks(layers);
    for (int i = 0; i < layers; i++) {
      Part layer = Part.hub(MODULE, "DFineEncoderLayer");
      for (String key : List.of("encoder_hidden_dim", "num_attention_heads", "encoder_ffn_dim")) {
        layer.set(key, a.integer(key));
      }
      parts.layer("encoder_layer/" + i, layer);
    }
  }

  /** What the last layer gives, and its attention. */
  private static List<KerasTensor> encoder(Block b, HubArguments a) {
    List<KerasTensor> out = b.layer().inputs();
    for (int i = 0; i < b.count("encoder_layer"); i++) {
      out = b.several("encoder_layer/" + i, out.get(0), b.argument(1, "position_embeddings"));
    }
    return out;
  }

  private static void hybridParts(Parts parts, HubArguments a) {
    int width = a.integer("encoder_hidden_dim");
    int layers = a.integer("num_encoder_layers");
    for (int i = 0; i < a.integers("encode_proj_layers").size(); i++) {
      Part encoder = Part.hub(MODULE, "DFineEncoder").set("num_encoder_layers", layers);
      for (String key : List.of("encoder_hidden_dim", "num_attention_heads", "encoder_ffn_dim")) {
        encoder.set(key, a.integer(key));
      }
      parts.layer("encoder/" + i, encoder);
    }
    int blocks = (int) Math.rint(3 * a.number("depth_multiplier"));
    Part joining = DFineConvolutions.aggregation(width, a.number("hidden_expansion"), blocks);
    for (int i = 0; i < a.integer("levels") - 1; i++) {
      parts
          .layer("lateral_convs/" + i, DFineConvolutions.convolution(width, 1, 1, 1, "linear"))
          .layer("fpn_blocks/" + i, joining)
          .layer("downsample_convs/" + i, DFineConvolutions.down(width))
          .layer("pan_blocks/" + i, joining);
    }
    parts.layer("upsample", Part.keras("UpSampling2D").set("size", 2));
  }

  /**
   * The levels, the finest first; then what the attention takes and gives; then the attention
   * itself.
   */
  private static List<KerasTensor> hybrid(Block b, HubArguments a) {
    int count = a.integer("levels");
    List<KerasTensor> levels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      levels.add(b.argument(i, "level " + i));
    }
    List<KerasTensor> states = new ArrayList<>();
    List<KerasTensor> attentions = new ArrayList<>();
    List<Integer> attended = a.integers("encode_proj_layers");
    if (a.integer("num_encoder_layers") > 0) {
      for (int i = 0; i < attended.size(); i++) {
        KerasTensor before = levels.get(attended.get(i));
        states.add(before);
        List<KerasTensor> out = b.several("encoder/" + i, b.flat(before), places(b, before));
        int[] size = b.plain(before).shape().sizes();
        levels.set(attended.get(i), b.image(out.get(0), size[1], size[2]));
        attentions.add(out.get(1));
      }
      states.add(levels.get(attended.get(attended.size() - 1)));
    }
    List<KerasTensor> all = new ArrayList<>(joined(b, levels));
    all.addAll(states);
    all.addAll(attentions);
    return all;
  }

  /** Coarse levels into fine ones, and back. */
  private static List<KerasTensor> joined(Block b, List<KerasTensor> levels) {
    int last = levels.size() - 1;
    List<KerasTensor> down = new ArrayList<>();
    KerasTensor x = levels.get(last);
    for (int i = 0; i < last; i++) {
      KerasTensor lateral = b.call("lateral_convs/" + i, x);
      down.add(0, lateral);
      KerasTensor larger = b.call("upsample", lateral);
      x = b.call("fpn_blocks/" + i, b.concat(3, larger, levels.get(last - i - 1)));
    }
    down.add(0, x);
    List<KerasTensor> up = new ArrayList<>(List.of(x));
    for (int i = 0; i < last; i++) {
      KerasTensor smaller = b.call("downsample_convs/" + i, up.get(i));
      up.add(b.call("pan_blocks/" + i, b.concat(3, smaller, down.get(i + 1))));
    }
    return up;
  }

  /**
   * Sines and cosines of columns and rows. As in KerasHub, columns count in the outer loop, though
   * the places are counted by rows.
   */
  private static KerasTensor places(Block b, KerasTensor image) {
    int[] size = b.plain(image).shape().sizes();
    int height = size[1];
    int width = size[2];
    int features = size[3];
    if (features % 4 != 0) {
      throw new IllegalArgumentException(
          "encoder_hidden_dim=%d is no multiple of 4.".formatted(features));
    }
    int quarter = features / 4;
    float[] values = new float[Math.multiplyExact(height * width, features)];
    for (int place = 0; place < height * width; place++) {
      int column = place / height;
      int row = place % height;
      for (int i = 0; i < quarter; i++) {
        double wave = Math.pow(10_000, -i / (double) quarter);
        int at = place * features + i;
        values[at] = (float) Math.sin(column * wave);
        values[at + quarter] = (float) Math.cos(column * wave);
        values[at + 2 * quarter] = (float) Math.sin(row * wave);
        values[at + 3 * quarter] = (float) Math.cos(row * wave);
      }
    }
    return KerasTensor.plain(b.graph().constant(Tensor.of(values, 1, height * width, features)));
  }

  /** The places of all levels, one after another. */
  private static KerasTensor flattened(Block b, HubArguments a) {
    int count = b.layer().arguments().positional().size();
    List<Value> levels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      levels.add(b.plain(b.flat(b.argument(i, "level " + i))));
    }
    return KerasTensor.plain(b.graph().concat(1, levels));
  }
}
