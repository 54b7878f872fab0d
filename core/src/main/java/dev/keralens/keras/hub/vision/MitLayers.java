package dev.keralens.keras.hub.vision;

import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Attention;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;
import java.util.List;

/** The layers of {@code MiTBackbone}. Tokens lie in a square, as KerasHub has them. */
public final class MitLayers {
  private static final String MODULE = "models.mit.mit_layers";

  public static final LayerType PATCHES = HubLayer.of(MitLayers::patchParts, MitLayers::patches);
  public static final LayerType ENCODER = HubLayer.of(MitLayers::encoderParts, MitLayers::encoder);
  public static final LayerType MIX = HubLayer.of(MitLayers::mixParts, MitLayers::mix);
  public static final LayerType ATTENTION =
      HubLayer.of(MitLayers::attentionParts, MitLayers::attention);
  public static final LayerType DROP_PATH =
      HubLayer.of((parts, a) -> a.skip("rate", "seed"), (b, a) -> b.input());

  private MitLayers() {}

  private static void patchParts(Parts parts, HubArguments a) {
    int width = a.integer("project_dim", 32);
    int patch = a.integer("patch_size", 7);
    parts
        .layer("padding", Part.zeroPadding2d(patch / 2))
        .layer("proj", Part.conv2d(width, patch).set("strides", a.integer("stride", 4)))
        .layer("norm", Part.layerNormalization(1e-5));
  }

  private static KerasTensor patches(Block b, HubArguments a) {
    return b.call("norm", b.flat(b.chain(b.input(), "padding", "proj")));
  }

  private static void encoderParts(Parts parts, HubArguments a) {
    int width = a.integer("project_dim");
    double epsilon = a.number("layer_norm_epsilon", 1e-6);
    a.skip("drop_prob");
    Part attention = Part.hub(MODULE, "SegFormerMultiheadAttention").set("project_dim", width);
    attention.set("num_heads", a.integer("num_heads")).set("sr_ratio", a.integer("sr_ratio", 1));
    Part mlp = Part.hub(MODULE, "MixFFN").set("channels", width).set("mid_channels", 4 * width);
    parts
        .layer("norm1", Part.layerNormalization(epsilon))
        .layer("attn", attention)
        .layer("drop_path", Part.hub(MODULE, "DropPath"))
        .layer("norm2", Part.layerNormalization(epsilon))
        .layer("mlp", mlp);
  }

  private static KerasTensor encoder(Block b, HubArguments a) {
    KerasTensor x = b.add(b.input(), b.chain(b.input(), "norm1", "attn", "drop_path"));
    return b.add(x, b.chain(x, "norm2", "mlp", "drop_path"));
  }

  private static void mixParts(Parts parts, HubArguments a) {
    parts
        .layer("fc1", Part.dense(a.integer("mid_channels")))
        .layer("dwconv", Part.depthwiseConv2d(3).set("padding", "same"))
        .layer("fc2", Part.dense(a.integer("channels")));
  }

  private static KerasTensor square(Block b, KerasTensor tokens) {
    int side = (int) Math.sqrt(tokens.shape().size(1));
    return b.image(tokens, side, side);
  }

  private static KerasTensor mix(Block b, HubArguments a) {
    KerasTensor x = b.flat(b.call("dwconv", square(b, b.call("fc1", b.input()))));
    return b.call("fc2", b.approximateGelu(x));
  }

  private static void attentionParts(Parts parts, HubArguments a) {
    int width = a.integer("project_dim");
    int ratio = a.integer("sr_ratio");
    for (String name : List.of("q", "k", "v", "proj")) {
      parts.layer(name, Part.dense(width));
    }
    if (ratio > 1) {
      parts.layer("sr", Part.conv2d(width, ratio).set("strides", ratio));
      parts.layer("norm", Part.layerNormalization(1e-5));
    }
  }

  /** Keys and values are of a smaller image. */
  private static KerasTensor attention(Block b, HubArguments a) {
    int heads = a.integer("num_heads");
    KerasTensor x = b.input();
    KerasTensor seen = b.has("sr") ? b.call("norm", b.flat(b.call("sr", square(b, x)))) : x;
    Value q = Attention.split(b, b.plain(b.call("q", x)), heads);
    Value k = Attention.split(b, b.plain(b.call("k", seen)), heads);
    Value v = Attention.split(b, b.plain(b.call("v", seen)), heads);
    int size = a.integer("project_dim") / heads;
    double scale = 1 / Math.sqrt(size);
    Value read = Attention.join(b, Attention.read(b, q, k, v, scale, null));
    return b.call("proj", KerasTensor.plain(read));
  }
}
