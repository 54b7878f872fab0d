package dev.keralens.keras.hub.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.build.CustomLayers;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.Inner;
import dev.keralens.keras.hub.argument.Levels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A pyramid of features from the levels of another backbone, and what finds objects in it. */
public final class RetinaNetBackbone {
  private static final int FILTERS = 256;

  private RetinaNetBackbone() {}

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    arguments.channelsLast();
    int least = arguments.integer("min_level");
    int most = arguments.integer("max_level");
    Levels encoder = arguments.encoder("image_encoder");
    int highest =
        encoder.shapes().keySet().stream().mapToInt(key -> key.charAt(1) - '0').max().orElse(0);
    int top = highest;
    if (most < highest) {
      throw arguments.unsupported(
          "max_level=%d below the highest level of its encoder, %d, is not read."
              .formatted(most, highest));
    }
    arguments.checkBlocks(most);
    List<String> keys = new ArrayList<>();
    for (int i = least; i <= top; i++) {
      keys.add("P" + i);
    }
    SymbolicTensor image = b.namedInput("inputs", arguments.shape("image_shape"));
    Map<String, SymbolicTensor> levels = encoder.only(keys).call(b, "backbone", image);
    List<int[]> shapes = new ArrayList<>();
    for (int i = least; i <= most; i++) {
      int[] before =
          i <= top ? arguments.level(levels, "P" + i).shape() : shapes.get(i - least - 1);
      int stride = i <= top ? 1 : 2;
      int high = Sizes.places(before[0], 3, stride, 1);
      shapes.add(new int[] {high, Sizes.places(before[1], 3, stride, 1), FILTERS});
    }
    List<SymbolicTensor> features =
        Inner.of("models.retinanet.feature_pyramid", "FeaturePyramid")
            .set("min_level", least)
            .set("max_level", most)
            .set("levels_to", top)
            .set("use_p5", arguments.flag("use_p5", false))
            .set("use_batch_norm", arguments.flag("use_fpn_batch_norm", false))
            .several(b, "fpn", shapes, levels.values().toArray(new SymbolicTensor[0]));
    for (int i = least; i <= most; i++) {
      arguments.output("P" + i, features.get(i - least));
      arguments.level("P" + i, features.get(i - least));
    }
    return features.get(0);
  }

  /**
   * The task: deltas of boxes and logits of classes for each anchor. What KerasHub makes of them,
   * and leaves out, when it predicts is no part of the model.
   */
  public static SymbolicTensor detector(
      ModelBuilder b, SymbolicTensor features, HubArguments arguments) {
    arguments.skip("label_encoder", "prediction_decoder", "bounding_box_format");
    JsonNode anchors = arguments.find("anchor_generator");
    JsonNode config = anchors == null ? null : anchors.path("config");
    int count =
        config == null
            ? 9
            : config.path("num_scales").asInt() * config.path("aspect_ratios").size();
    int classes = arguments.integer("num_classes");
    SymbolicTensor boxes = head(b, arguments, "box_head", 4 * count, 4, "box_pred_");
    SymbolicTensor logits =
        head(b, arguments, "classification_head", classes * count, classes, "cls_pred_");
    arguments.give("bbox_regression", boxes);
    arguments.give("cls_logits", logits);
    return boxes;
  }

  private static SymbolicTensor head(
      ModelBuilder b, HubArguments arguments, String name, int filters, int size, String level) {
    Inner head =
        Inner.of("models.retinanet.prediction_head", "PredictionHead")
            .set("output_filters", filters)
            .set("num_filters", FILTERS)
            .set("num_conv_layers", arguments.integer("pre_logits_num_conv_layers", 4))
            .set("use_group_norm", arguments.flag("use_prediction_head_norm", false));
    List<SymbolicTensor> all = new ArrayList<>();
    SymbolicTensor before = null;
    for (Map.Entry<String, SymbolicTensor> feature : arguments.outputs().entrySet()) {
      SymbolicTensor x = feature.getValue();
      int[] shape = Sizes.channels(x, filters);
      before =
          before == null ? head.call(b, name, shape, x) : CustomLayers.again(b, before, shape, x);
      all.add(b.reshape(-1, size).name(level + feature.getKey()).apply(before));
    }
    String joined = size == 4 && name.equals("box_head") ? "bbox_regression" : "cls_logits";
    return b.concatenate().set("axis", 1).name(joined).apply(all.toArray(new SymbolicTensor[0]));
  }
}
