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
import java.util.Objects;

/**
 * DeBERTa's blocks: besides what words say, the scores of attention tell what a word says of a
 * place, and a place of a word. Places are distances, of which far ones share buckets.
 */
public final class DebertaLayers {
  private static final String MODULE = "models.deberta_v3.disentangled_self_attention";
  private static final String SELF = "_self_attention_layer";

  public static final LayerType RELATIVE =
      HubLayer.of(DebertaLayers::relativeParts, DebertaLayers::relative);
  public static final LayerType ENCODER = HubLayer.of(DebertaLayers::parts, DebertaLayers::encode);
  public static final LayerType ATTENTION =
      HubLayer.of(DebertaLayers::attentionParts, DebertaLayers::attend);

  private DebertaLayers() {}

  private static void relativeParts(Parts parts, HubArguments a) {
    parts.weight("rel_embedding");
    parts.layer("layer_norm", Part.layerNormalization(a.number("layer_norm_epsilon", 1e-5)));
    a.skip("kernel_initializer");
  }

  private static KerasTensor relative(Block b, HubArguments a) {
    int rows = 2 * a.integer("bucket_size");
    Value table = b.weight("rel_embedding", rows, a.integer("hidden_dim"));
    KerasTensor normal = b.call("layer_norm", KerasTensor.plain(b.graph().unsqueeze(table, 0)));
    return KerasTensor.plain(b.forEachRow(b.plain(normal), b.plain(b.input())));
  }

  private static void parts(Parts parts, HubArguments a) {
    double epsilon = a.number("layer_norm_epsilon", 1e-5);
    a.skip("dropout", "kernel_initializer", "bias_initializer");
    Part attention =
        Part.hub(MODULE, "DisentangledSelfAttention")
            .set("num_heads", a.integer("num_heads"))
            .set("max_position_embeddings", a.integer("max_position_embeddings", 512))
            .set("bucket_size", a.integer("bucket_size", 256));
    parts
        .layer(SELF, attention)
        .layer(SELF + "_norm", Part.layerNormalization(epsilon))
        .layer("_feedforward_layer_norm", Part.layerNormalization(epsilon))
        .layer("_feedforward_intermediate_dense", Part.dense(a.integer("intermediate_dim")))
        .layer("_feedforward_output_dense", Attending.open());
  }

  private static KerasTensor encode(Block b, HubArguments a) {
    LayerCall layer = b.layer();
    KerasTensor x = layer.inputs().get(0);
    KerasTensor places = layer.argument(1, "rel_embeddings");
    if (places == null) {
      throw layer.invalid("it is called without rel_embeddings.");
    }
    Value mask =
        Attending.mask(
            b, x, layer.argument(2, "padding_mask"), layer.argument(3, "attention_mask"));
    KerasTensor seen =
        mask == null ? b.call(SELF, x, places) : b.call(SELF, x, places, KerasTensor.plain(mask));
    KerasTensor y = b.call(SELF + "_norm", b.add(seen, x));
    KerasTensor z = b.call("_feedforward_intermediate_dense", y);
    z = Attending.activate(b, Attending.activation(a, "activation", "relu"), z);
    KerasTensor out =
        b.call("_feedforward_layer_norm", b.add(b.call("_feedforward_output_dense", z), y));
    layer.setMask(out, layer.mask(x));
    return out;
  }

  private static void attentionParts(Parts parts, HubArguments a) {
    a.skip("hidden_dim", "num_heads", "dropout", "kernel_initializer", "bias_initializer");
    parts
        .layer("_query_dense", Attending.heads(true))
        .layer("_key_dense", Attending.heads(true))
        .layer("_value_dense", Attending.heads(true))
        .layer("_output_dense", Attending.together("abc,cd->abd"));
  }

  private static KerasTensor attend(Block b, HubArguments a) {
    LayerCall layer = b.layer();
    Value x = b.plain(layer.inputs().get(0));
    Value places = b.plain(Objects.requireNonNull(layer.argument(1, "rel_embeddings")));
    KerasTensor mask = layer.argument(2, "attention_mask");
    Value queries = Attending.project(b, "_query_dense", x, true);
    Value keys = Attending.project(b, "_key_dense", x, true);
    Value values = Attending.project(b, "_value_dense", x, true);
    Value placeQueries = Attending.project(b, "_query_dense", places, true);
    Value placeKeys = Attending.project(b, "_key_dense", places, true);
    double scale = 1 / Math.sqrt(3.0 * queries.shape().size(-1));
    int[] buckets =
        buckets(
            x.shape().size(1),
            a.integer("bucket_size", 256),
            a.integer("max_position_embeddings", 512));
    GraphBuilder graph = b.graph();
    Value scores = Attending.scores(b, queries, keys, scale);
    Value toPlaces = Attending.scores(b, queries, placeKeys, scale);
    Value ofPlaces = Attending.scores(b, keys, placeQueries, scale);
    int span = a.integer("bucket_size", 256);
    scores = graph.add(scores, gathered(graph, toPlaces, buckets, span, 1));
    Value turned = graph.transpose(gathered(graph, ofPlaces, buckets, span, -1), 0, 1, 3, 2);
    scores = graph.add(scores, turned);
    return Attending.dense(
        b,
        "_output_dense",
        Attending.mixed(b, scores, mask == null ? null : Attending.truth(b, mask), values));
  }

  /** Of each row of scores (batch, heads, places, buckets), those of the distances. */
  private static Value gathered(
      GraphBuilder graph, Value scores, int[] buckets, int span, int sign) {
    Shape shape = scores.shape();
    int places = shape.size(2);
    int[] index = new int[buckets.length];
    for (int i = 0; i < index.length; i++) {
      int bucket = Math.max(0, Math.min(2 * span - 1, sign * buckets[i] + span));
      index[i] = i / places * shape.size(3) + bucket;
    }
    Value flat =
        graph.reshape(
            scores,
            Shape.of(shape.size(0), shape.size(1), Math.multiplyExact(places, shape.size(3))));
    Value found = graph.node(Op.GATHER, Attributes.of("axis", 2), flat, graph.ints(index));
    return graph.reshape(found, Shape.of(shape.size(0), shape.size(1), places, places));
  }

  /** The bucket of each distance, as KerasHub computes it in single precision. */
  private static int[] buckets(int places, int size, int longest) {
    int mid = size / 2;
    int[] buckets = new int[Math.multiplyExact(places, places)];
    float whole = (float) Math.log((float) (longest - 1) / (float) mid);
    for (int i = 0; i < buckets.length; i++) {
      int distance = i / places - i % places;
      int far = Math.abs(distance) < mid ? mid - 1 : Math.abs(distance);
      if (far <= mid) {
        buckets[i] = distance;
      } else {
        float steps = (float) Math.log((float) far / (float) mid) * (mid - 1);
        buckets[i] = ((int) Math.ceil(steps / whole) + mid) * Integer.signum(distance);
      }
    }
    return buckets;
  }
}
