package dev.keralens.keras.hub.vision;

import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;
import java.util.ArrayList;
import java.util.List;

/** Layers over the levels of a pyramid: of DeepLab and of RetinaNet. */
public final class PyramidLayers {
  private static final String BRANCHES = "aspp_parallel_channels/";

  public static final LayerType POOLING =
      HubLayer.of(PyramidLayers::poolingParts, PyramidLayers::pooling);
  public static final LayerType FEATURES =
      HubLayer.several(PyramidLayers::featureParts, PyramidLayers::features);
  public static final LayerType PREDICTION =
      HubLayer.of(PyramidLayers::predictionParts, PyramidLayers::prediction);

  private PyramidLayers() {}

  private static Part branch(HubArguments a, Part conv) {
    return Part.sequential(
        conv.bias(false).named("conv"),
        Part.keras("BatchNormalization").named("bn"),
        Part.activation(a.any("activation", "relu")).named("activation"));
  }

  private static void poolingParts(Parts parts, HubArguments a) {
    int channels = a.integer("num_channels", 256);
    List<Integer> rates = a.integers("dilation_rates");
    a.skip("dropout");
    parts.layer(BRANCHES + 0, branch(a, Part.conv2d(channels, 1)));
    for (int i = 0; i < rates.size(); i++) {
      Part conv = Part.conv2d(channels, 3).set("padding", "same");
      parts.layer(BRANCHES + (i + 1), branch(a, conv.set("dilation_rate", rates.get(i))));
    }
    parts.layer(
        BRANCHES + (rates.size() + 1),
        Part.sequential(
            Part.keras("GlobalAveragePooling2D").set("keepdims", true).named("pooling"),
            Part.conv2d(channels, 1).bias(false).named("conv"),
            Part.keras("BatchNormalization").named("bn"),
            Part.activation(a.any("activation", "relu")).named("activation")));
    parts.layer("projection", branch(a, Part.conv2d(channels, 1)));
  }

  /** Convolutions of several reaches, and the mean of all places, which is the same for each. */
  private static KerasTensor pooling(Block b, HubArguments a) {
    int count = b.count("aspp_parallel_channels");
    List<KerasTensor> branches = new ArrayList<>();
    for (int i = 0; i < count - 1; i++) {
      branches.add(b.call(BRANCHES + i, b.input()));
    }
    Value mean = b.plain(b.call(BRANCHES + (count - 1), b.input()));
    Value zeros = b.graph().mul(b.plain(branches.get(0)), 0);
    branches.add(KerasTensor.plain(b.graph().add(zeros, mean)));
    return b.call("projection", b.concat(3, branches.toArray(new KerasTensor[0])));
  }

  private static void featureParts(Parts parts, HubArguments a) {
    a.channelsLast();
    a.skip("kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer");
    a.skip("batch_norm_momentum");
    int filters = a.integer("num_filters", 256);
    int top = a.integer("levels_to");
    int least = a.integer("min_level");
    int most = a.integer("max_level");
    boolean normalized = a.flag("use_batch_norm", false);
    double epsilon = a.number("batch_norm_epsilon", 0.001);
    a.checkBlocks(most);
    for (int i = least; i <= top; i++) {
      Part conv = Part.conv2d(filters, 1).set("padding", "same");
      parts.layer("lateral_conv_layers/P" + i, conv);
    }
    for (int i = least; normalized && i <= top; i++) {
      parts.layer("lateral_batch_norm_layers/P" + i, Part.batchNormalization(epsilon));
    }
    for (int i = least; i <= most; i++) {
      Part conv = Part.conv2d(filters, 3).set("padding", "same").set("strides", i > top ? 2 : 1);
      parts.layer("output_conv_layers/P" + i, conv);
    }
    for (int i = least; normalized && i <= most; i++) {
      parts.layer("output_batch_norms/P" + i, Part.batchNormalization(epsilon));
    }
    parts.layer("top_down_op", Part.keras("UpSampling2D").set("size", 2));
  }

  /** The levels from the least to the most. */
  private static List<KerasTensor> features(Block b, HubArguments a) {
    int least = a.integer("min_level");
    int top = a.integer("levels_to");
    int most = a.integer("max_level");
    List<KerasTensor> levels = new ArrayList<>();
    for (int i = top; i >= least; i--) {
      KerasTensor x = b.call("lateral_conv_layers/P" + i, b.argument(i - least, "P" + i));
      if (i < top) {
        x = b.add(x, b.call("top_down_op", levels.get(0)));
      }
      levels.add(0, b.callIf("lateral_batch_norm_layers/P" + i, x));
    }
    for (int i = top; i >= least; i--) {
      levels.set(i - least, b.call("output_conv_layers/P" + i, levels.get(i - least)));
    }
    boolean direct = a.flag("use_p5", false);
    String activation = a.text("activation", "relu");
    for (int i = top + 1; i <= most; i++) {
      boolean first = i == top + 1;
      KerasTensor from =
          first && direct ? b.argument(top - least, "P" + top) : levels.get(i - least - 1);
      KerasTensor x = first ? from : b.activate(activation, from);
      x = b.call("output_conv_layers/P" + i, x);
      levels.add(b.callIf("output_batch_norms/P" + i, x));
    }
    return levels;
  }

  private static void predictionParts(Parts parts, HubArguments a) {
    a.channelsLast();
    a.skip("kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer");
    a.skip("use_prior_probability", "prior_probability");
    boolean grouped = a.flag("use_group_norm", false);
    int count = a.integer("num_conv_layers");
    a.checkBlocks(count);
    for (int i = 0; i < count; i++) {
      Part conv = Part.conv2d(a.integer("num_filters"), 3).set("padding", "same");
      parts.layer("conv_layers/" + i, conv.bias(!grouped));
      if (grouped) {
        parts.layer("group_norm_layers/" + i, Part.keras("GroupNormalization").set("groups", 32));
      }
    }
    Part last = Part.conv2d(a.integer("output_filters"), 3).set("padding", "same");
    parts.layer("prediction_layer", last);
  }

  private static KerasTensor prediction(Block b, HubArguments a) {
    KerasTensor x = b.input();
    String activation = a.text("activation", "relu");
    for (int i = 0; i < b.count("conv_layers"); i++) {
      x = b.callIf("group_norm_layers/" + i, b.call("conv_layers/" + i, x));
      x = b.activate(activation, x);
    }
    return b.call("prediction_layer", x);
  }
}
