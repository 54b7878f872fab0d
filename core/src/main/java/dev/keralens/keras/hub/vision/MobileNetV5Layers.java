package dev.keralens.keras.hub.vision;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.RoundedChannels;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;

/**
 * The blocks of {@code MobileNetV5Backbone}. What a block takes has {@code in_chs} channels, which
 * KerasHub finds when it builds one.
 */
public final class MobileNetV5Layers {
  private static final String LAYERS = "models.mobilenetv5.mobilenetv5_layers";
  private static final String RMS = "rms_norm";

  public static final LayerType SCALE =
      HubLayer.of(MobileNetV5Layers::gammaParts, MobileNetV5Layers::scale);
  public static final LayerType NORMALIZATION =
      HubLayer.of(MobileNetV5Layers::gammaParts, MobileNetV5Layers::normalize);
  public static final LayerType CONVOLUTION =
      HubLayer.of(
          MobileNetV5Layers::convolutionParts,
          (b, a) -> b.callIf("act", b.chain(b.input(), "conv", "norm")));
  public static final LayerType EDGE =
      HubLayer.of(
          MobileNetV5Layers::edgeParts,
          (b, a) -> skipped(b, a, b.chain(b.input(), "conv_exp", "conv_pwl")));
  public static final LayerType UNIVERSAL =
      HubLayer.of(MobileNetV5Layers::universalParts, MobileNetV5Layers::universal);
  public static final LayerType POOLING =
      HubLayer.of(MobileNetV5Layers::poolingParts, MobileNetV5Layers::pooling);

  private MobileNetV5Layers() {}

  private static void gammaParts(Parts parts, HubArguments a) {
    a.channelsLast();
    a.skip("init_values", "gamma_initializer", "channel_axis");
    parts.weight("gamma");
  }

  private static KerasTensor scale(Block b, HubArguments a) {
    Value gamma = b.weight("gamma", a.integer("dim"));
    return KerasTensor.plain(b.graph().mul(b.plain(b.input()), gamma));
  }

  /** Divided by the root of the mean of the squares over the channels. */
  private static KerasTensor normalize(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    Value x = b.plain(b.input());
    Value mean = graph.reduceMean(graph.mul(x, x), true, x.rank() - 1);
    Value root =
        graph.node(Op.SQRT, graph.add(mean, graph.scalar(a.number("eps", 1e-6), x.type())));
    return KerasTensor.plain(graph.mul(graph.div(x, root), b.weight("gamma", a.integer("dim"))));
  }

  /** {@return the normalization of a name; where there is no such name it is refused} */
  static Part norm(HubArguments a, int channels, double epsilon) {
    return a.text("norm_layer", "batch_norm").equals(RMS)
        ? Part.hub(LAYERS, "RmsNorm2d").set("dim", channels)
        : checked(a, Part.batchNormalization(epsilon));
  }

  private static Part checked(HubArguments a, Part norm) {
    if (!a.text("norm_layer", "batch_norm").equals("batch_norm")) {
      throw a.unsupported("norm_layer: known are rms_norm and batch_norm.");
    }
    return norm;
  }

  private static void convolutionParts(Parts parts, HubArguments a) {
    a.channelsLast();
    a.skip("channel_axis", "act_layer");
    int out = a.integer("out_chs");
    Part conv = Part.conv2d(out, a.integer("kernel_size")).bias(a.flag("bias", false));
    conv.set("strides", a.integer("stride", 1)).set("groups", a.integer("groups", 1));
    conv.set("dilation_rate", a.integer("dilation", 1)).set("padding", a.text("pad_type", "same"));
    parts.layer("conv", conv).layer("norm", norm(a, out, 1e-5));
    if (a.flag("apply_act", true)) {
      parts.layer("act", Part.activation(a.any("act_layer", "relu")));
    }
  }

  /** {@return a convolution of a block, with the block's normalization and padding} */
  private static Part conv(HubArguments a, int filters, int kernel) {
    String norm = a.text("norm_layer", "batch_norm");
    return Part.hub(LAYERS, "ConvNormAct")
        .set("out_chs", filters)
        .set("kernel_size", kernel)
        .set("norm_layer", norm)
        .set("bias", norm.equals(RMS))
        .set("pad_type", a.text("pad_type", "same"))
        .set("act_layer", a.any("act_layer", "relu"));
  }

  private static Part depthwise(HubArguments a, int filters, int kernel, int stride) {
    return conv(a, filters, kernel)
        .set("groups", filters)
        .set("stride", stride)
        .set("dilation", a.integer("dilation", 1));
  }

  private static int middle(HubArguments a) {
    return RoundedChannels.of(a.integer("in_chs") * a.number("exp_ratio", 1));
  }

  /** {@return the sum with what the block takes, where both are of one shape} */
  static KerasTensor skipped(Block b, HubArguments a, KerasTensor x) {
    boolean skips = !a.flag("noskip", false);
    boolean same = a.integer("in_chs") == a.integer("filters") && a.integer("stride", 1) == 1;
    return same && skips ? b.add(x, b.input()) : x;
  }

  private static void edgeParts(Parts parts, HubArguments a) {
    a.channelsLast();
    Part first = conv(a, middle(a), a.integer("exp_kernel_size", 3));
    first.set("stride", a.integer("stride", 1)).set("dilation", a.integer("dilation", 1));
    Part last = conv(a, a.integer("filters"), a.integer("pw_kernel_size", 1));
    parts.layer("conv_exp", first).layer("conv_pwl", last.set("apply_act", false));
  }

  private static void universalParts(Parts parts, HubArguments a) {
    a.channelsLast();
    // Where no convolution has a window, there is nothing to dilate.
    a.skip("dilation");
    int filters = a.integer("filters");
    int middle = middle(a);
    int stride = a.integer("stride", 1);
    int start = a.integer("dw_kernel_size_start", 0);
    int between = a.integer("dw_kernel_size_mid", 3);
    int end = a.integer("dw_kernel_size_end", 0);
    if (start != 0) {
      Part conv = depthwise(a, a.integer("in_chs"), start, between == 0 ? stride : 1);
      parts.layer("dw_start", conv.set("apply_act", false));
    }
    parts.layer("pw_exp", conv(a, middle, 1));
    if (between != 0) {
      parts.layer("dw_mid", depthwise(a, middle, between, stride));
    }
    parts.layer("pw_proj", conv(a, filters, 1).set("apply_act", false));
    if (end != 0) {
      Part conv = depthwise(a, filters, end, start == 0 && between == 0 ? stride : 1);
      parts.layer("dw_end", conv.set("apply_act", false));
    }
    scaled(parts, a);
  }

  static void scaled(Parts parts, HubArguments a) {
    JsonNode initial = a.find("layer_scale_init_value");
    if (initial != null) {
      parts.layer("layer_scale", Part.hub(LAYERS, "LayerScale2d").set("dim", a.integer("filters")));
    }
  }

  private static KerasTensor universal(Block b, HubArguments a) {
    KerasTensor x = b.call("pw_exp", b.callIf("dw_start", b.input()));
    x = b.call("pw_proj", b.callIf("dw_mid", x));
    return skipped(b, a, b.callIf("layer_scale", b.callIf("dw_end", x)));
  }

  private static void poolingParts(Parts parts, HubArguments a) {
    String type = a.choice("pool_type", "avg", "max", "avgmax", "catavgmax");
    boolean keeps = !a.flag("flatten", false);
    Part mean = Part.keras("GlobalAveragePooling2D").set("keepdims", keeps);
    Part most = Part.keras("GlobalMaxPooling2D").set("keepdims", keeps);
    switch (type) {
      case "avg" -> parts.layer("pool", mean);
      case "max" -> parts.layer("pool", most);
      default -> parts.layer("pool_avg", mean).layer("pool_max", most);
    }
  }

  private static KerasTensor pooling(Block b, HubArguments a) {
    if (b.has("pool")) {
      return b.call("pool", b.input());
    }
    KerasTensor mean = b.call("pool_avg", b.input());
    KerasTensor most = b.call("pool_max", b.input());
    if (a.text("pool_type").equals("catavgmax")) {
      return b.concat(-1 + b.plain(mean).rank(), mean, most);
    }
    KerasTensor sum = b.add(mean, most);
    return new KerasTensor(b.graph().mul(sum.value(), 0.5), sum.layout());
  }
}
