package dev.keralens.keras.hub.vision;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
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

/** The decoder of {@code DFineBackbone}: queries that become boxes, finer with each layer. */
public final class DFineDecoding {
  private static final String LAYERS = "models.d_fine.d_fine_layers";
  private static final String MLP_LAYERS = "dense_layers";
  private static final double EPSILON = 1e-5;
  private static final int BINS = 32;
  private static final int TOP = 4;

  public static final LayerType GATE = HubLayer.of(DFineDecoding::gateParts, DFineDecoding::gate);
  public static final LayerType MLP =
      HubLayer.of(DFineDecoding::mlpParts, (b, a) -> b.list(MLP_LAYERS, b.input()));
  public static final LayerType QUALITY =
      HubLayer.of(DFineDecoding::qualityParts, DFineDecoding::quality);
  public static final LayerType INTEGRAL = HubLayer.of((parts, a) -> {}, DFineDecoding::integral);
  public static final LayerType LAYER =
      HubLayer.several(DFineDecoding::layerParts, DFineDecoding::layer);
  public static final LayerType DECODER =
      HubLayer.several(DFineDecoding::decoderParts, DFineDecoding::decoder);

  private DFineDecoding() {}

  private static void gateParts(Parts parts, HubArguments a) {
    Part gate = Part.dense(2 * a.integer("hidden_dim")).set("activation", "sigmoid");
    parts.layer("gate", gate).layer("norm", Part.layerNormalization(EPSILON));
  }

  /** As much of each of two as both say. */
  private static KerasTensor gate(Block b, HubArguments a) {
    int width = a.integer("hidden_dim");
    KerasTensor x = b.layer().inputs().get(0);
    KerasTensor y = b.argument(1, "hidden_states");
    Value gates = b.plain(b.call("gate", b.concat(2, x, y)));
    KerasTensor first = KerasTensor.plain(b.slice(gates, 2, 0, width));
    KerasTensor second = KerasTensor.plain(b.slice(gates, 2, width, 2 * width));
    return b.call("norm", b.add(b.multiply(first, x), b.multiply(second, y)));
  }

  /** {@return dense layers with relu between them} */
  static Part mlp(String className, int hidden, int out, int layers) {
    return Part.hub(LAYERS, className)
        .set("hidden_dim", hidden)
        .set("output_dim", out)
        .set("num_layers", layers);
  }

  private static Part head(int hidden, int out, int layers) {
    return mlp("DFineMLPPredictionHead", hidden, out, layers);
  }

  private static void mlpParts(Parts parts, HubArguments a) {
    int layers = a.integer("num_layers");
    a.checkBlocks(layers);
    for (int i = 0; i < layers; i++) {
      boolean last = i == layers - 1;
      Part dense = Part.dense(a.integer(last ? "output_dim" : "hidden_dim"));
      parts.layer(MLP_LAYERS + "/" + i, last ? dense : dense.set("activation", "relu"));
    }
    a.skip("hidden_dim");
  }

  private static void qualityParts(Parts parts, HubArguments a) {
    int layers = a.integer("num_lqe_layers");
    parts.layer("reg_conf", mlp("DFineMLP", a.integer("lqe_hidden_dim"), 1, layers));
  }

  /** Scores, corrected by how sure each side of the box is. */
  private static KerasTensor quality(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    KerasTensor scores = b.layer().inputs().get(0);
    Value corners = b.plain(b.argument(1, "pred_corners"));
    int count = corners.shape().size(1);
    Value shares = b.softmax(b.reshape(corners, count, 4, BINS + 1));
    Value top =
        graph.nodes(Op.TOP_K, Attributes.of("axis", 3), 2, List.of(shares, graph.ints(TOP))).get(0);
    Value all = graph.concat(3, List.of(top, graph.reduceMean(top, true, 3)));
    Value flat = b.reshape(all, count, 4 * (TOP + 1));
    return b.add(scores, b.call("reg_conf", KerasTensor.plain(flat)));
  }

  /** The mean distance of each side: of bins, by their shares. */
  private static KerasTensor integral(Block b, HubArguments a) {
    Value corners = b.plain(b.layer().inputs().get(0));
    Value distances = b.plain(b.argument(1, "project"));
    int count = corners.shape().size(1);
    Value shares = b.softmax(b.reshape(corners, count, 4, BINS + 1));
    Value mean = b.graph().matMul(shares, b.graph().unsqueeze(distances, 1));
    return KerasTensor.plain(b.reshape(mean, count, 4));
  }

  private static void layerParts(Parts parts, HubArguments a) {
    int width = a.integer("hidden_dim");
    int heads = a.integer("decoder_attention_heads");
    Part places = Part.hub("models.d_fine.d_fine_attention", "DFineMultiscaleDeformableAttention");
    places
        .set("decoder_attention_heads", heads)
        .set("decoder_n_points", a.integers("decoder_n_points"))
        .set("decoder_method", a.text("decoder_method"))
        .set("spatial_shapes", a.integerLists("spatial_shapes"));
    parts
        .layer("self_attn", DFineAttention.toAll(width, heads))
        .layer("self_attn_layer_norm", Part.layerNormalization(EPSILON))
        .layer("encoder_attn", places)
        .layer("gateway", Part.hub(LAYERS, "DFineGate").set("hidden_dim", width))
        .layer("fc1", Part.dense(a.integer("decoder_ffn_dim")).set("activation", "relu"))
        .layer("fc2", Part.dense(width))
        .layer("final_layer_norm", Part.layerNormalization(EPSILON));
  }

  private static List<KerasTensor> layer(Block b, HubArguments a) {
    KerasTensor x = b.layer().inputs().get(0);
    KerasTensor places = b.argument(1, "position_embeddings");
    List<KerasTensor> own = b.several("self_attn", x, places);
    x = b.call("self_attn_layer_norm", b.add(x, own.get(0)));
    List<KerasTensor> read =
        b.several(
            "encoder_attn",
            b.add(x, places),
            b.argument(2, "reference_points"),
            b.argument(3, "encoder_hidden_states"));
    x = b.call("gateway", x, read.get(0));
    x = b.call("final_layer_norm", b.add(x, b.chain(x, "fc1", "fc2")));
    return List.of(x, own.get(1), read.get(1));
  }

  private static void decoderParts(Parts parts, HubArguments a) {
    int width = a.integer("hidden_dim");
    int layers = a.integer("num_decoder_layers");
    a.checkBlocks(layers);
    for (int i = 0; i < layers; i++) {
      Part layer = Part.hub("models.d_fine.d_fine_decoder", "DFineDecoderLayer");
      layer
          .set("hidden_dim", width)
          .set("decoder_attention_heads", a.integer("decoder_attention_heads"))
          .set("decoder_ffn_dim", a.integer("decoder_ffn_dim"))
          .set("decoder_n_points", a.integers("decoder_n_points"))
          .set("decoder_method", a.text("decoder_method"))
          .set("spatial_shapes", a.integerLists("spatial_shapes"));
      Part quality = Part.hub(LAYERS, "DFineLQE");
      quality
          .set("lqe_hidden_dim", a.integer("lqe_hidden_dim"))
          .set("num_lqe_layers", a.integer("num_lqe_layers"));
      parts
          .layer("decoder_layers/" + i, layer)
          .layer("class_embed/" + i, Part.dense(a.integer("num_labels")))
          .layer("bbox_embed/" + i, head(width, 4 * (BINS + 1), 3))
          .layer("lqe_layers/" + i, quality);
    }
    parts
        .layer("query_pos_head", head(2 * width, width, 2))
        .layer("pre_bbox_head", mlp("DFineMLP", width, 4, 3))
        .layer("integral", Part.hub(LAYERS, "DFineIntegral"))
        .constant("reg_scale")
        .constant("upsampling_factor");
  }

  /** What the layers give on the way. */
  private static final class Found {
    final List<KerasTensor> states = new ArrayList<>();
    final List<KerasTensor> own = new ArrayList<>();
    final List<KerasTensor> read = new ArrayList<>();
    final List<Value> logits = new ArrayList<>();
    final List<Value> boxes = new ArrayList<>();
    final List<Value> corners = new ArrayList<>();
    final List<Value> first = new ArrayList<>();
  }

  /**
   * The last states; those of all layers; logits, boxes, corners and the first boxes, stacked; then
   * states, attention of queries and attention to places of the last layer.
   */
  private static List<KerasTensor> decoder(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    KerasTensor memory = b.argument(1, "encoder_hidden_states");
    KerasTensor x = b.layer().inputs().get(0);
    Value scale = graph.abs(b.weight("reg_scale", 1));
    KerasTensor bins = KerasTensor.plain(bins(b, scale));
    Value box = graph.node(Op.SIGMOID, b.plain(b.argument(2, "reference_points")));
    KerasTensor corners = null;
    KerasTensor before = null;
    Value first = box;
    Found found = new Found();
    for (int i = 0; i < b.count("decoder_layers"); i++) {
      Value places = b.plain(b.call("query_pos_head", KerasTensor.plain(box)));
      places = graph.node(Op.CLIP, places, graph.scalar(-10), graph.scalar(10));
      List<KerasTensor> out =
          b.several(
              "decoder_layers/" + i, x, KerasTensor.plain(places), KerasTensor.plain(box), memory);
      x = out.get(0);
      if (i == 0) {
        Value moved = graph.add(b.plain(b.call("pre_bbox_head", x)), beforeSigmoid(graph, box));
        Value refined = graph.node(Op.SIGMOID, moved);
        found.boxes.add(refined);
        first = DFineQueries.stopped(graph, refined);
      }
      KerasTensor with = before == null ? x : b.add(x, before);
      KerasTensor next = b.call("bbox_embed/" + i, with);
      corners = corners == null ? next : b.add(next, corners);
      Value distances = b.plain(b.call("integral", corners, bins));
      Value last = moved(b, first, distances, scale);
      box = DFineQueries.stopped(graph, last);
      before = KerasTensor.plain(DFineQueries.stopped(graph, b.plain(x)));
      note(b, found, i, x, corners, last);
      found.first.add(first);
      found.states.add(x);
      found.own.add(out.get(1));
      found.read.add(out.get(2));
    }
    found.first.add(first);
    return all(b, found);
  }

  private static void note(
      Block b, Found found, int i, KerasTensor x, KerasTensor corners, Value box) {
    KerasTensor scores = b.call("class_embed/" + i, x);
    if (i == 0) {
      found.logits.add(b.plain(scores));
      found.corners.add(b.plain(corners));
    }
    found.logits.add(b.plain(b.call("lqe_layers/" + i, scores, corners)));
    found.corners.add(b.plain(corners));
    found.boxes.add(box);
  }

  private static List<KerasTensor> all(Block b, Found found) {
    List<KerasTensor> all = new ArrayList<>();
    all.add(found.states.get(found.states.size() - 1));
    all.add(stacked(b, found.states.stream().map(b::plain).toList()));
    all.add(stacked(b, found.logits));
    all.add(stacked(b, found.boxes));
    all.add(stacked(b, found.corners));
    all.add(stacked(b, found.first));
    all.add(all.get(0));
    all.add(found.own.get(found.own.size() - 1));
    all.add(found.read.get(found.read.size() - 1));
    return all;
  }

  private static KerasTensor stacked(Block b, List<Value> values) {
    List<Value> apart = values.stream().map(x -> b.graph().unsqueeze(x, 1)).toList();
    return KerasTensor.plain(b.graph().concat(1, apart));
  }

  /** The logarithm of x / (1 - x), with shares near 0 and 1 kept away from them. */
  private static Value beforeSigmoid(GraphBuilder graph, Value x) {
    Value share = graph.node(Op.CLIP, x, graph.scalar(0), graph.scalar(1));
    Value least = graph.scalar(1e-5f);
    Value rest = graph.max(graph.sub(graph.scalar(1), share), least);
    return graph.node(Op.LOG, graph.div(graph.max(share, least), rest));
  }

  /** How far each bin reaches: (bins), dense near 0. */
  private static Value bins(Block b, Value scale) {
    GraphBuilder graph = b.graph();
    Value bound = graph.mul(graph.abs(b.weight("upsampling_factor", 1)), scale);
    Value one = graph.scalar(1);
    Value step = graph.node(Op.POW, graph.add(bound, one), graph.scalar(2f / (BINS - 2)));
    int half = BINS / 2 - 1;
    float[] down = new float[half];
    float[] up = new float[half];
    for (int i = 0; i < half; i++) {
      down[i] = half - i;
      up[i] = i + 1;
    }
    Value left = graph.sub(one, graph.node(Op.POW, step, graph.constant(Tensor.of(down, half))));
    Value right = graph.sub(graph.node(Op.POW, step, graph.constant(Tensor.of(up, half))), one);
    Value wide = graph.mul(bound, 2);
    Value zero = graph.mul(bound, 0);
    return graph.reshape(
        graph.concat(0, List.of(graph.neg(wide), left, zero, right, wide)), Shape.of(BINS + 1));
  }

  /** A box with each side moved by a distance. */
  private static Value moved(Block b, Value box, Value distances, Value scale) {
    GraphBuilder graph = b.graph();
    Value middle = b.slice(box, 2, 0, 2);
    Value unit = graph.div(b.slice(box, 2, 2, 4), scale);
    Value half = graph.mul(scale, 0.5);
    Value back = graph.mul(graph.add(half, b.slice(distances, 2, 0, 2)), unit);
    Value forth = graph.mul(graph.add(half, b.slice(distances, 2, 2, 4)), unit);
    Value low = graph.sub(middle, back);
    Value high = graph.add(middle, forth);
    return graph.concat(2, List.of(graph.mul(graph.add(low, high), 0.5), graph.sub(high, low)));
  }
}
