package dev.keralens.keras.hub.vision;

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

/** What joins places and stages in {@code MobileNetV5Backbone}: attention, and the last layer. */
public final class MobileNetV5Joining {
  private static final String MODULE = "models.mobilenetv5.mobilenetv5_attention";
  private static final String CPE = "conv_cpe_dw";

  public static final LayerType ATTENTION =
      HubLayer.of(MobileNetV5Joining::attentionParts, MobileNetV5Joining::attention);
  public static final LayerType MULTI_QUERY =
      HubLayer.of(MobileNetV5Joining::queryParts, MobileNetV5Joining::query);
  public static final LayerType FUSION =
      HubLayer.of(MobileNetV5Joining::fusionParts, MobileNetV5Joining::fusion);

  private MobileNetV5Joining() {}

  private static void attentionParts(Parts parts, HubArguments a) {
    a.channelsLast();
    int in = a.integer("in_chs");
    int dilation = a.integer("dilation", 1);
    String padding = a.text("pad_type", "same");
    if (a.flag("use_cpe", false)) {
      Part conv = Part.depthwiseConv2d(a.integer("cpe_dw_kernel_size", 3)).set("padding", "same");
      parts.layer(CPE, conv.set("dilation_rate", dilation));
    }
    parts.layer("norm", MobileNetV5Layers.norm(a, in, 1e-3));
    Part inner = Part.hub(MODULE, "MultiQueryAttention2d").set("filters", a.integer("filters"));
    inner
        .set("in_chs", in)
        .set("num_heads", a.integer("num_heads"))
        .set("key_dim", a.integer("key_dim", 64))
        .set("value_dim", a.integer("value_dim", 64))
        .set("kv_stride", a.integer("kv_stride", 1))
        .set("dilation", dilation)
        .set("padding", padding)
        .set("norm_layer", a.text("norm_layer", "batch_norm"));
    parts.layer("attn", inner);
    MobileNetV5Layers.scaled(parts, a);
  }

  private static KerasTensor attention(Block b, HubArguments a) {
    KerasTensor x = b.input();
    if (b.has(CPE)) {
      x = b.add(x, b.call(CPE, x));
    }
    KerasTensor read = b.callIf("layer_scale", b.chain(x, "norm", "attn"));
    boolean same = a.integer("in_chs") == a.integer("filters") && a.integer("stride", 1) == 1;
    return same ? b.add(read, x) : read;
  }

  private static int size(HubArguments a, String key) {
    int size = a.integer(key, 0);
    return size == 0 ? a.integer("in_chs") / a.integer("num_heads") : size;
  }

  private static void queryParts(Parts parts, HubArguments a) {
    a.channelsLast();
    int size = size(a, "key_dim");
    Part query = Part.conv2d(a.integer("num_heads") * size, 1).bias(false);
    parts.layer("query_layers/0", query);
    reading(parts, a, "key_layers/", size);
    reading(parts, a, "value_layers/", size(a, "value_dim"));
    parts.layer("output_proj_layers/0", Part.conv2d(a.integer("filters"), 1).bias(false));
  }

  /** What makes keys, or values: of fewer places, where there is a stride. */
  private static void reading(Parts parts, HubArguments a, String list, int size) {
    int stride = a.integer("kv_stride", 1);
    int dilation = a.integer("dilation", 1);
    String padding = a.text("padding", "same");
    Part norm = MobileNetV5Layers.norm(a, a.integer("in_chs"), 1e-3);
    int next = 0;
    if (stride > 1) {
      Part conv = Part.depthwiseConv2d(3).set("strides", stride).bias(false);
      conv.set("dilation_rate", dilation).set("padding", padding);
      parts.layer(list + next++, conv);
      parts.layer(list + next++, norm);
    }
    parts.layer(list + next, Part.conv2d(size, 1).bias(false));
  }

  /** All heads' queries read one set of keys and values. */
  private static KerasTensor query(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    int heads = a.integer("num_heads");
    KerasTensor image = b.list("query_layers", b.input());
    Value shaped = b.plain(image);
    int height = shaped.shape().size(1);
    int width = shaped.shape().size(2);
    Value q = Attention.split(b, b.plain(b.flat(image)), heads);
    Value k = graph.unsqueeze(b.plain(b.flat(b.list("key_layers", b.input()))), 1);
    Value v = graph.unsqueeze(b.plain(b.flat(b.list("value_layers", b.input()))), 1);
    Value read = Attention.read(b, q, k, v, 1 / Math.sqrt(size(a, "key_dim")), null);
    KerasTensor joined = KerasTensor.plain(Attention.join(b, read));
    return b.call("output_proj_layers/0", b.image(joined, height, width));
  }

  private static void fusionParts(Parts parts, HubArguments a) {
    a.channelsLast();
    int filters = a.integer("filters");
    int in = a.integers("in_chs").stream().mapToInt(Integer::intValue).sum();
    Part inner = Part.hub("models.mobilenetv5.mobilenetv5_blocks", "UniversalInvertedResidual");
    inner
        .set("filters", filters)
        .set("in_chs", in)
        .set("dw_kernel_size_mid", 0)
        .set("exp_ratio", 2)
        .set("noskip", true)
        .set("act_layer", a.any("act_layer", "gelu"))
        .set("norm_layer", a.text("norm_layer"));
    parts.layer("ffn", inner).layer("norm", MobileNetV5Layers.norm(a, filters, 1e-3));
  }

  /** Stages in the size of the first, joined, and then in the size that is asked for. */
  private static KerasTensor fusion(Block b, HubArguments a) {
    int count = a.integers("in_chs").size();
    Value first = b.plain(b.input());
    int height = first.shape().size(1);
    int width = first.shape().size(2);
    KerasTensor[] stages = new KerasTensor[count];
    for (int i = 0; i < count; i++) {
      Value stage = i == 0 ? first : b.plain(b.argument(i, "a stage"));
      Value high = b.gather(stage, 1, nearest(stage.shape().size(1), height));
      stages[i] = KerasTensor.plain(b.gather(high, 2, nearest(stage.shape().size(2), width)));
    }
    KerasTensor x = b.call("ffn", count == 1 ? stages[0] : b.concat(3, stages));
    List<Integer> size = a.integers("output_resolution");
    return b.call("norm", resized(b, x, size.get(0), size.get(1)));
  }

  private static int[] nearest(int from, int to) {
    int[] places = new int[to];
    for (int i = 0; i < to; i++) {
      places[i] = Math.min(from - 1, (int) ((i + 0.5f) * ((float) from / to)));
    }
    return places;
  }

  /** Means of equal windows where they fit, else bilinear. */
  private static KerasTensor resized(Block b, KerasTensor image, int height, int width) {
    Value x = b.plain(image);
    int high = x.shape().size(1);
    int wide = x.shape().size(2);
    int channels = x.shape().size(3);
    if (high == height && wide == width) {
      return image;
    }
    if (high % height == 0 && wide % width == 0) {
      Value parted = b.reshape(x, height, high / height, width, wide / width, channels);
      return KerasTensor.plain(b.graph().reduceMean(parted, false, 2, 4));
    }
    Value rows = b.reshape(x, high, wide * channels);
    Value down =
        b.reshape(b.graph().matMul(between(b, high, height), rows), height, wide, channels);
    return KerasTensor.plain(b.graph().matMul(between(b, wide, width), down));
  }

  /** (to, from): how much of each place is in each new one. */
  private static Value between(Block b, int from, int to) {
    float[] shares = new float[to * from];
    for (int i = 0; i < to; i++) {
      double place = Math.max(0, Math.min(from - 1, (i + 0.5) * from / to - 0.5));
      int low = (int) place;
      shares[i * from + low] += (float) (1 - (place - low));
      shares[i * from + Math.min(from - 1, low + 1)] += (float) (place - low);
    }
    return b.graph().fixed(Tensor.of(shares, to, from));
  }
}
