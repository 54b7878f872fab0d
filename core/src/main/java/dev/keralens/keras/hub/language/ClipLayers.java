package dev.keralens.keras.hub.language;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The layers of CLIP, of which SigLIP shares some. */
public final class ClipLayers {
  public static final LayerType PICTURE =
      HubLayer.of(ClipLayers::pictureParts, ClipLayers::picture);
  public static final LayerType BLOCK = HubLayer.of(ClipLayers::blockParts, ClipLayers::block);
  public static final LayerType FIRST =
      HubLayer.of((parts, a) -> {}, (b, a) -> token(b, b.plain(b.input()), 0));
  public static final LayerType LAST_WORD = HubLayer.of((parts, a) -> {}, ClipLayers::lastWord);
  public static final LayerType HEAD =
      HubLayer.several((parts, a) -> parts.weight("logit_scale"), ClipLayers::head);

  private ClipLayers() {}

  static KerasTensor token(Block b, Value x, int place) {
    return KerasTensor.plain(b.graph().squeeze(b.slice(x, 1, place, place + 1), 1));
  }

  private static void pictureParts(Parts parts, HubArguments a) {
    int size = a.integer("image_size") / a.integer("patch_size");
    int width = a.integer("hidden_dim");
    int patch = a.integer("patch_size");
    a.channelsLast();
    parts.weight("class_embedding").constant("position_ids");
    Part cut = Part.conv2d(width, List.of(patch, patch)).set("strides", List.of(patch, patch));
    parts.layer("patch_embedding", cut.bias(false));
    parts.layer("position_embedding", Part.embedding(size * size + 1, width));
  }

  private static KerasTensor picture(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    int width = a.integer("hidden_dim");
    Value x = b.plain(b.flat(b.call("patch_embedding", b.input())));
    Value first = graph.reshape(b.weight("class_embedding", width), Shape.of(1, 1, width));
    x = graph.concat(1, List.of(b.forEachRow(first, x), x));
    return KerasTensor.plain(graph.add(x, places(b, x.shape().size(1), width)));
  }

  /** The vectors of places, whose numbers are a weight too. */
  static Value places(Block b, int count, int width) {
    Value numbers = b.graph().cast(b.weight("position_ids", 1, count), ElementType.INT64);
    Value table = b.table("position_embedding", count, width);
    return b.graph().node(Op.GATHER, Attributes.of("axis", 0), table, numbers);
  }

  private static void blockParts(Parts parts, HubArguments a) {
    parts
        .layer("layer_norm_1", Part.layerNormalization(1e-5))
        .layer("attention", attention(a))
        .layer("layer_norm_2", Part.layerNormalization(1e-5))
        .layer("dense_1", Part.dense(a.integer("intermediate_dim")))
        .layer("dense_2", Part.dense(a.integer("hidden_dim")));
  }

  static Part attention(HubArguments a) {
    int heads = a.integer("num_heads");
    int width = a.integer("hidden_dim");
    if (heads < 1 || width % heads != 0) {
      throw a.invalid("hidden_dim=%d is no multiple of num_heads=%d.".formatted(width, heads));
    }
    return Part.multiHeadAttention(heads, width / heads);
  }

  private static KerasTensor block(Block b, HubArguments a) {
    KerasTensor x = b.input();
    KerasTensor y =
        attend(b, "attention", b.call("layer_norm_1", x), a.flag("use_causal_mask", true));
    y = b.add(x, y);
    KerasTensor z = b.call("dense_1", b.call("layer_norm_2", y));
    z = Attending.activate(b, Attending.activation(a, "intermediate_activation", "quick_gelu"), z);
    return b.add(y, b.call("dense_2", z));
  }

  static KerasTensor attend(Block b, String attribute, KerasTensor x, boolean causal) {
    if (!causal) {
      return b.call(attribute, x, x, x);
    }
    Value mask = Attending.causal(b, null, x.value().shape().size(1));
    return b.call(attribute, Map.of("attention_mask", KerasTensor.plain(mask)), x, x, x);
  }

  /** The vector at the token of the highest number, of several the first: the end of the text. */
  private static KerasTensor lastWord(Block b, HubArguments a) {
    LayerCall layer = b.layer();
    GraphBuilder graph = b.graph();
    Value x = b.plain(layer.inputs().get(0));
    Value ids =
        graph.cast(
            b.plain(Objects.requireNonNull(layer.argument(1, "token_ids"))), ElementType.FLOAT32);
    int count = ids.shape().size(1);
    Value highest = graph.reduce(Op.REDUCE_MAX, ids, true, 1);
    Value is = graph.cast(graph.node(Op.EQUAL, ids, highest), ElementType.FLOAT32);
    float[] upTo = new float[Math.multiplyExact(count, count)];
    for (int i = 0; i < upTo.length; i++) {
      upTo[i] = i / count <= i % count ? 1 : 0;
    }
    Value seen = graph.matMul(is, graph.fixed(Tensor.of(upTo, count, count)));
    Value one = graph.node(Op.EQUAL, seen, graph.scalar(1));
    Value first = graph.mul(is, graph.cast(one, ElementType.FLOAT32));
    return KerasTensor.plain(graph.squeeze(graph.matMul(graph.unsqueeze(first, 1), x), 1));
  }

  private static List<KerasTensor> head(Block b, HubArguments a) {
    Value similarity = similarity(b);
    Value scale = b.graph().node(Op.EXP, b.weight("logit_scale"));
    KerasTensor logits = KerasTensor.plain(b.graph().mul(similarity, scale));
    return List.of(logits, logits);
  }

  /** The cosine of each picture and the text of its row, (batch, 1). */
  static Value similarity(Block b) {
    GraphBuilder graph = b.graph();
    LayerCall layer = b.layer();
    Value pictures = b.plain(layer.inputs().get(0));
    Value texts = b.plain(Objects.requireNonNull(layer.argument(1, "text_embedding")));
    Value product = graph.reduce(Op.REDUCE_SUM, graph.mul(pictures, texts), true, 1);
    return graph.div(product, graph.mul(length(graph, pictures), length(graph, texts)));
  }

  private static Value length(GraphBuilder graph, Value x) {
    return graph.node(Op.SQRT, graph.reduce(Op.REDUCE_SUM, graph.mul(x, x), true, 1));
  }
}
