package dev.keralens.keras.hub.language;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Blocks of attention and a dense net, of KerasHub's layers and of Whisper. */
public final class TransformerLayers {
  private static final String WHISPER = "models.whisper.whisper_cached_multi_head_attention";
  private static final String SELF = "_self_attention_layer";
  private static final String CROSS = "_cross_attention_layer";

  public static final LayerType ENCODER = encoder(false);
  public static final LayerType WHISPER_ENCODER = encoder(true);
  public static final LayerType DECODER = decoder(false);
  public static final LayerType WHISPER_DECODER = decoder(true);
  public static final LayerType WHISPER_ATTENTION =
      HubLayer.of(TransformerLayers::whisperParts, TransformerLayers::whisperAttention);
  public static final LayerType PADDER = HubLayer.of((parts, a) -> {}, TransformerLayers::pad);

  private TransformerLayers() {}

  private static LayerType encoder(boolean whisper) {
    return HubLayer.of((parts, a) -> parts(parts, a, whisper, false), TransformerLayers::encode);
  }

  private static LayerType decoder(boolean whisper) {
    return HubLayer.of(
        (parts, a) -> parts(parts, a, whisper, a.find("encoder_sequence_shape") != null),
        TransformerLayers::decode);
  }

  private static void parts(Parts parts, HubArguments a, boolean whisper, boolean crosses) {
    double epsilon = a.number("layer_norm_epsilon", 1e-5);
    double dropout = a.number("dropout", 0);
    a.skip("kernel_initializer", "bias_initializer", "num_heads", "decoder_sequence_shape");
    addAttention(parts, SELF, dropout, whisper);
    parts.layer(SELF + "_norm", Part.layerNormalization(epsilon));
    if (crosses) {
      addAttention(parts, CROSS, dropout, whisper);
      parts.layer(CROSS + "_norm", Part.layerNormalization(epsilon));
    }
    parts.layer("_feedforward_layer_norm", Part.layerNormalization(epsilon));
    parts.layer("_feedforward_intermediate_dense", Part.dense(a.integer("intermediate_dim")));
    parts.layer("_feedforward_output_dense", Attending.open());
  }

  /** Sizes are those of the kernels; Whisper's keys have no bias. */
  private static void addAttention(Parts parts, String name, double dropout, boolean whisper) {
    if (!whisper) {
      parts.layer(name, Part.multiHeadAttention(1, 1).set("dropout", dropout));
      return;
    }
    parts.layer(name, Part.hub(WHISPER, "WhisperCachedMultiHeadAttention"));
  }

  private static void whisperParts(Parts parts, HubArguments a) {
    parts.layer("query_dense", Attending.heads(true));
    parts.layer("key_dense", Attending.heads(false));
    parts.layer("value_dense", Attending.heads(true));
    parts.layer("output_dense", Attending.together("abcd,cde->abe"));
  }

  private static KerasTensor whisperAttention(Block b, HubArguments a) {
    LayerCall layer = b.layer();
    Value query = b.plain(layer.inputs().get(0));
    Value value = b.plain(Objects.requireNonNull(layer.argument(1, "value")));
    KerasTensor given = layer.argument(-1, "attention_mask");
    Value mask = given == null ? null : Attending.truth(b, given);
    Value q = Attending.project(b, "query_dense", query, true);
    Value k = Attending.project(b, "key_dense", value, false);
    Value v = Attending.project(b, "value_dense", value, true);
    Value scores = Attending.scores(b, q, k, 1 / Math.sqrt(q.shape().size(-1)));
    return Attending.dense(b, "output_dense", Attending.mixed(b, scores, mask, v));
  }

  private static KerasTensor attend(
      Block b, String name, KerasTensor query, KerasTensor value, @Nullable Value mask) {
    return mask == null
        ? b.call(name, query, value)
        : b.call(name, Map.of("attention_mask", KerasTensor.plain(mask)), query, value);
  }

  private static KerasTensor encode(Block b, HubArguments a) {
    LayerCall layer = b.layer();
    if (layer.arguments().flag("return_attention_scores")) {
      throw layer.unsupported("return_attention_scores=True is not read.");
    }
    KerasTensor x = layer.inputs().get(0);
    Value mask =
        Attending.mask(
            b, x, layer.argument(1, "padding_mask"), layer.argument(2, "attention_mask"));
    boolean first = a.flag("normalize_first", false);
    KerasTensor before = first ? b.call(SELF + "_norm", x) : x;
    KerasTensor y = b.add(attend(b, SELF, before, before, mask), x);
    y = first ? y : b.call(SELF + "_norm", y);
    return feedForward(b, a, x, y, first);
  }

  /** What is given has the mask of the layer's input. */
  private static KerasTensor feedForward(
      Block b, HubArguments a, KerasTensor input, KerasTensor x, boolean first) {
    KerasTensor y = first ? b.call("_feedforward_layer_norm", x) : x;
    y = b.call("_feedforward_intermediate_dense", y);
    y = Attending.activate(b, Attending.activation(a, "activation", "relu"), y);
    y = b.add(b.call("_feedforward_output_dense", y), x);
    y = first ? y : b.call("_feedforward_layer_norm", y);
    b.layer().setMask(y, b.layer().mask(input));
    return y;
  }

  private static KerasTensor decode(Block b, HubArguments a) {
    LayerCall layer = b.layer();
    for (String cache : new String[] {"self_attention_cache", "cross_attention_cache"}) {
      if (layer.arguments().get(-1, cache) != null) {
        throw layer.unsupported("it is called with %s, which is not read.".formatted(cache));
      }
    }
    KerasTensor x = layer.argument(0, "decoder_sequence");
    KerasTensor sound = layer.argument(1, "encoder_sequence");
    boolean crosses = a.find("encoder_sequence_shape") != null;
    if (x == null || crosses != (sound != null)) {
      throw layer.invalid("it is not called with the sequences that it was built for.");
    }
    Value mask =
        Attending.mask(
            b,
            x,
            layer.argument(2, "decoder_padding_mask"),
            layer.argument(3, "decoder_attention_mask"));
    if (layer.arguments().get(-1, "use_causal_mask") == null
        || layer.arguments().flag("use_causal_mask")) {
      mask = Attending.causal(b, mask, x.value().shape().size(1));
    }
    boolean first = a.flag("normalize_first", false);
    KerasTensor before = Attending.unmasked(b, first ? b.call(SELF + "_norm", x) : x);
    KerasTensor y = b.add(attend(b, SELF, before, before, mask), x);
    y = first ? y : b.call(SELF + "_norm", y);
    if (sound != null) {
      Value other =
          Attending.mask(
              b,
              sound,
              layer.argument(4, "encoder_padding_mask"),
              layer.argument(5, "encoder_attention_mask"));
      KerasTensor query = Attending.unmasked(b, first ? b.call(CROSS + "_norm", y) : y);
      KerasTensor value = Attending.unmasked(b, sound);
      y = b.add(attend(b, CROSS, query, value, other), y);
      y = first ? y : b.call(CROSS + "_norm", y);
    }
    return feedForward(b, a, x, y, first);
  }

  /** One place of zeros before and behind. */
  private static KerasTensor pad(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    return KerasTensor.plain(
        graph.pad(b.plain(b.input()), new int[] {0, 1, 0}, new int[] {0, 1, 0}, 0));
  }
}
