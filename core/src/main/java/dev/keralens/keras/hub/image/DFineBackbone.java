package dev.keralens.keras.hub.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.keras.build.KerasFunctions;
import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.Inner;
import dev.keralens.keras.hub.argument.Levels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Levels of another backbone, attention over them, and queries that become boxes: D-FINE.
 *
 * <pre>
 * picture: backbone, levels, encoder, places: anchors, the best of them are queries
 *          places, queries: decoder, boxes and logits
 * </pre>
 */
public final class DFineBackbone {
  private static final String LAYERS = "models.d_fine.d_fine_layers";
  private static final double EPSILON = 1e-5;
  private static final int CORNERS = 4 * 33;

  private final ModelBuilder b;
  private final HubArguments a;
  private final int width;
  private final int queries;
  private final int labels;
  private final List<List<Integer>> sizes = new ArrayList<>();

  private DFineBackbone(ModelBuilder b, HubArguments a) {
    this.b = b;
    this.a = a;
    width = a.integer("hidden_dim");
    queries = a.integer("num_queries");
    labels = a.integer("num_labels");
    int[] picture = a.pair("anchor_image_size");
    for (int stride : a.integers("feat_strides")) {
      if (stride < 1 || stride > Math.min(picture[0], picture[1])) {
        throw a.invalid("feat_strides=%d does not fit anchor_image_size.".formatted(stride));
      }
      sizes.add(List.of(picture[0] / stride, picture[1] / stride));
    }
  }

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    arguments.channelsLast();
    // Noise that is added while training.
    arguments.skip("num_denoising", "label_noise_ratio", "box_noise_scale", "seed");
    if (arguments.find("labels") != null) {
      throw arguments.unsupported(
          "labels are given: its queries are drawn at random. Build it with labels=None.");
    }
    int layers = arguments.integer("num_decoder_layers");
    int evaluated = arguments.integer("eval_idx");
    if (layers < 1 || evaluated < -layers || evaluated >= layers) {
      throw arguments.invalid(
          "eval_idx=%d is none of %d decoder layers.".formatted(evaluated, layers));
    }
    return new DFineBackbone(b, arguments).written();
  }

  private SymbolicTensor written() {
    int[] shape = a.shape("image_shape");
    int[] picture = a.pair("anchor_image_size");
    for (int i = 0; i < 2; i++) {
      shape[i] = shape[i] == ModelBuilder.OPEN ? picture[i] : shape[i];
    }
    List<SymbolicTensor> sources = sources(encoded(features(b.namedInput("pixel_values", shape))));
    SymbolicTensor flat =
        Inner.of(LAYERS, "DFineSourceFlattener")
            .call(
                b,
                "source_flattener",
                new int[] {places(), width},
                sources.toArray(new SymbolicTensor[0]));
    List<SymbolicTensor> start = queries(flat);
    a.output("init_reference_points", start.get(0));
    a.output("enc_topk_logits", start.get(2));
    a.output("enc_topk_bboxes", start.get(3));
    return decoded(flat, start);
  }

  private int places() {
    return sizes.stream().mapToInt(size -> size.get(0) * size.get(1)).sum();
  }

  private static String member(String key, int index) {
    return String.format(Locale.ROOT, "%s/%04d", key, index);
  }

  private int count() {
    int count = a.integers("decoder_in_channels").size();
    int levels = a.integer("num_feature_levels");
    if (count < 1
        || a.integers("encoder_in_channels").size() != count
        || levels < count
        || sizes.size() != levels) {
      throw a.invalid(
          "decoder_in_channels, encoder_in_channels (%d each), feat_strides and num_feature_levels (%d each) do not fit."
              .formatted(count, levels));
    }
    a.checkBlocks(levels);
    return count;
  }

  /** The levels of the backbone, brought to one number of channels. */
  private List<SymbolicTensor> features(SymbolicTensor picture) {
    ObjectNode backbone = a.model("backbone");
    Levels levels = a.outputsOf("backbone");
    List<String> keys = new ArrayList<>(levels.shapes().keySet());
    Map<String, SymbolicTensor> found = levels.call(b, backbone, picture);
    keys = a.find("out_features") == null ? keys : a.texts("out_features");
    if (keys.size() != count()) {
      throw a.invalid("out_features=%s, expected %d.".formatted(keys, count()));
    }
    List<SymbolicTensor> features = new ArrayList<>();
    for (String key : keys) {
      int i = features.size();
      SymbolicTensor x = a.level(found, key);
      x = conv(a.integer("encoder_hidden_dim"), 1, 1, "encoder_input_proj_conv_" + i).apply(x);
      features.add(norm("encoder_input_proj_bn_" + i).apply(x));
    }
    return features;
  }

  private LayerSpec conv(int filters, int kernel, int stride, String name) {
    return b.conv2d(filters, kernel).strides(stride).padding("same").useBias(false).name(name);
  }

  private LayerSpec norm(String name) {
    return b.batchNormalization().epsilon(EPSILON).name(name);
  }

  private List<SymbolicTensor> encoded(List<SymbolicTensor> features) {
    int channels = a.integer("encoder_hidden_dim");
    List<int[]> shapes = new ArrayList<>();
    for (int i = 0; i < features.size(); i++) {
      shapes.add(new int[] {sizes.get(i).get(0), sizes.get(i).get(1), channels});
    }
    List<Integer> attended = a.integers("encode_proj_layers");
    if (attended.isEmpty() || attended.stream().anyMatch(i -> i < 0 || i >= features.size())) {
      throw a.invalid("encode_proj_layers=%s are no levels.".formatted(attended));
    }
    boolean attends = a.integer("num_encoder_layers") > 0;
    List<Integer> states = new ArrayList<>(attends ? attended : List.of());
    if (attends) {
      states.add(attended.get(attended.size() - 1));
    }
    states.forEach(level -> shapes.add(shapes.get(level)));
    for (int level : attends ? attended : List.<Integer>of()) {
      int places = sizes.get(level).get(0) * sizes.get(level).get(1);
      shapes.add(new int[] {a.integer("num_attention_heads"), places, places});
    }
    List<SymbolicTensor> all =
        Inner.of("models.d_fine.d_fine_hybrid_encoder", "DFineHybridEncoder")
            .set("levels", features.size())
            .copy(a, "encoder_hidden_dim", "encode_proj_layers", "num_attention_heads")
            .copy(a, "encoder_ffn_dim", "num_encoder_layers", "hidden_expansion")
            .copy(a, "depth_multiplier")
            .several(b, "hybrid_encoder", shapes, features.toArray(new SymbolicTensor[0]));
    List<SymbolicTensor> levels = all.subList(0, features.size());
    a.output("encoder_last_hidden_state", levels.get(0));
    for (int i = features.size(); i < all.size(); i++) {
      int state = i - features.size();
      boolean isState = state < states.size();
      a.output(
          isState
              ? member("encoder_hidden_states", state)
              : member("encoder_attentions", state - states.size()),
          all.get(i));
    }
    return levels;
  }

  /** The levels that queries look at: those of the encoder, and coarser ones. */
  private List<SymbolicTensor> sources(List<SymbolicTensor> levels) {
    List<Integer> channels = a.integers("decoder_in_channels");
    boolean same = width == channels.get(channels.size() - 1);
    List<SymbolicTensor> sources = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      boolean coarser = i >= levels.size();
      SymbolicTensor x = coarser && i > levels.size() ? sources.get(i - 1) : last(levels, i);
      if (!same) {
        int kernel = coarser ? 3 : 1;
        String name = "decoder_input_proj_%s%d_" + i;
        x = conv(width, kernel, coarser ? 2 : 1, name.formatted("conv", kernel)).apply(x);
        x = norm(name.formatted("bn", kernel)).apply(x);
      }
      sources.add(x);
    }
    return sources;
  }

  private static SymbolicTensor last(List<SymbolicTensor> levels, int index) {
    return levels.get(Math.min(index, levels.size() - 1));
  }

  private List<SymbolicTensor> queries(SymbolicTensor flat) {
    int[] shape = {places(), width};
    SymbolicTensor memory =
        Inner.of(LAYERS, "DFineAnchorGenerator")
            .set("spatial_shapes", sizes)
            .call(b, "anchor_generator", shape, flat);
    memory = b.dense(width).name("enc_output_dense").apply(memory);
    memory = b.layerNormalization().epsilon(EPSILON).name("enc_output_ln").apply(memory);
    SymbolicTensor logits = b.dense(labels).name("enc_score_head").apply(memory);
    SymbolicTensor boxes =
        Inner.of(LAYERS, "DFineMLPPredictionHead")
            .set("hidden_dim", width)
            .set("output_dim", 4)
            .set("num_layers", 3)
            .call(b, "enc_bbox_head", new int[] {places(), 4}, memory);
    a.output("enc_outputs_class", logits);
    a.output("enc_outputs_coord_logits", boxes);
    List<int[]> shapes =
        List.of(
            new int[] {queries, 4},
            new int[] {queries, width},
            new int[] {queries, labels},
            new int[] {queries, 4});
    return Inner.of(LAYERS, "DFineInitialQueryAndReferenceGenerator")
        .copy(a, "num_queries", "hidden_dim", "learn_initial_query")
        .set("spatial_shapes", sizes)
        .several(b, "initial_query_reference_generator", shapes, logits, boxes, memory);
  }

  private SymbolicTensor decoded(SymbolicTensor flat, List<SymbolicTensor> start) {
    int layers = a.integer("num_decoder_layers");
    int heads = a.integer("decoder_attention_heads");
    JsonNode given = a.find("decoder_n_points");
    List<Integer> points =
        given != null && given.isArray()
            ? a.integers("decoder_n_points")
            : Collections.nCopies(sizes.size(), a.integer("decoder_n_points"));
    if (points.size() != sizes.size()) {
      throw a.invalid("decoder_n_points=%s, expected %d.".formatted(points, sizes.size()));
    }
    if (heads < 1 || width % heads != 0) {
      throw a.invalid("hidden_dim=%d does not divide into %d heads.".formatted(width, heads));
    }
    a.checkBlocks(layers);
    int total = points.stream().mapToInt(Integer::intValue).sum();
    String method = a.text("decoder_method", "default");
    List<String> keys = new ArrayList<>();
    List<int[]> shapes = new ArrayList<>();
    add(keys, shapes, "last_hidden_state", queries, width);
    add(keys, shapes, "intermediate_hidden_states", layers, queries, width);
    add(keys, shapes, "intermediate_logits", layers + 1, queries, labels);
    add(keys, shapes, "intermediate_reference_points", layers + 1, queries, 4);
    add(keys, shapes, "intermediate_predicted_corners", layers + 1, queries, CORNERS);
    add(keys, shapes, "initial_reference_points", layers + 1, queries, 4);
    add(keys, shapes, "decoder_hidden_states", queries, width);
    add(keys, shapes, "decoder_attentions", heads, queries, queries);
    add(keys, shapes, "cross_attentions", queries, heads, total);
    List<SymbolicTensor> all =
        Inner.of("models.d_fine.d_fine_decoder", "DFineDecoder")
            .copy(a, "hidden_dim", "num_decoder_layers", "decoder_attention_heads", "num_labels")
            .copy(a, "decoder_ffn_dim", "lqe_hidden_dim", "num_lqe_layers")
            .set("decoder_method", method.equals("discrete") ? method : "default")
            .set("decoder_n_points", points)
            .set("spatial_shapes", sizes)
            .several(b, "decoder", shapes, start.get(1), flat, start.get(0));
    for (int i = 0; i < all.size(); i++) {
      // KerasHub's model gives what the last layer does for each layer.
      int times = i < 6 ? 1 : layers + (i == 6 ? 1 : 0);
      for (int time = 0; time < times; time++) {
        a.output(i < 6 ? keys.get(i) : member(keys.get(i), time), all.get(i));
      }
    }
    return all.get(0);
  }

  private static void add(List<String> keys, List<int[]> shapes, String key, int... shape) {
    keys.add(key);
    shapes.add(shape);
  }

  /**
   * The task: logits of classes and boxes of each query, (middle x, middle y, width, height) as
   * shares of the picture, and what is learnt from beside them. What KerasHub decodes and
   * suppresses when it predicts is no part of the model.
   */
  public static SymbolicTensor detector(ModelBuilder b, SymbolicTensor features, HubArguments a) {
    a.skip("prediction_decoder", "bounding_box_format", "activation", "use_focal_loss");
    a.skip("matcher_class_cost", "matcher_bbox_cost", "matcher_ciou_cost", "matcher_alpha");
    a.skip("matcher_gamma", "weight_loss_vfl", "weight_loss_bbox", "weight_loss_ciou");
    a.skip("weight_loss_fgl", "weight_loss_ddf", "ddf_temperature");
    if (a.integer("num_classes") != a.ofBackbone("num_labels").asInt()) {
      throw a.invalid(
          "num_classes=%d, but num_labels=%s of its backbone."
              .formatted(a.integer("num_classes"), a.ofBackbone("num_labels")));
    }
    for (String key :
        List.of(
            "enc_topk_bboxes",
            "enc_topk_logits",
            "initial_reference_points",
            "intermediate_logits",
            "intermediate_predicted_corners",
            "intermediate_reference_points")) {
      a.give(key, a.output(key));
    }
    SymbolicTensor logits = KerasFunctions.token(b, a.output("intermediate_logits"), -1);
    a.give("logits", logits);
    SymbolicTensor boxes = a.output("intermediate_reference_points");
    a.give("pred_boxes", KerasFunctions.token(b, boxes, -1));
    return logits;
  }
}
