package dev.keralens.keras.hub.vision;

import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;

/** The blocks of {@code EfficientNetBackbone} that are not of its first version. */
public final class EfficientNetLayers {
  public static final LayerType UNFUSED =
      HubLayer.of(EfficientNetLayers::unfusedParts, EfficientNetLayers::unfused);
  public static final LayerType FUSED =
      HubLayer.of(EfficientNetLayers::fusedParts, EfficientNetLayers::fused);
  public static final LayerType CONVOLUTION =
      HubLayer.of(EfficientNetLayers::convolutionParts, EfficientNetLayers::convolution);

  private EfficientNetLayers() {}

  private static Part normalization(HubArguments a) {
    return Part.batchNormalization(a.number("batch_norm_epsilon", 1e-3));
  }

  private static Part activation(HubArguments a) {
    return Part.activation(a.any("activation", "swish"));
  }

  private static void common(HubArguments a) {
    a.channelsLast();
    a.skip("batch_norm_momentum", "dropout");
  }

  private static void squeezeParts(Parts parts, HubArguments a) {
    int in = a.integer("input_filters");
    int squeezed = Math.max(1, (int) (in * a.number("se_ratio", 0)));
    Part reduce = Part.conv2d(squeezed, 1).set("padding", "same");
    Part expand = Part.conv2d(in * a.integer("expand_ratio", 1), 1).set("padding", "same");
    if (squeezes(a)) {
      parts
          .layer("se_conv1", reduce.set("activation", a.any("activation", "swish")))
          .layer("se_conv2", expand.set("activation", "sigmoid"));
    }
  }

  private static boolean squeezes(HubArguments a) {
    double ratio = a.number("se_ratio", 0);
    return ratio > 0 && ratio <= 1;
  }

  private static KerasTensor squeezed(Block b, HubArguments a, KerasTensor x) {
    return squeezes(a) ? b.multiply(x, b.chain(b.mean(x), "se_conv1", "se_conv2")) : x;
  }

  private static KerasTensor residual(Block b, HubArguments a, KerasTensor x) {
    boolean same = a.integer("input_filters") == a.integer("output_filters");
    boolean none = a.flag("nores", false);
    return a.integer("strides", 1) == 1 && same && !none ? b.add(x, b.input()) : x;
  }

  private static void unfusedParts(Parts parts, HubArguments a) {
    common(a);
    int ratio = a.integer("expand_ratio", 1);
    int kernel = a.integer("kernel_size", 3);
    if (ratio != 1) {
      int filters = a.integer("input_filters") * ratio;
      parts
          .layer("conv1", Part.conv2d(filters, 1).set("padding", "same").bias(false))
          .layer("bn1", normalization(a));
    }
    Part depthwise = Part.depthwiseConv2d(kernel).set("strides", a.integer("strides", 1));
    parts
        .layer("act", activation(a))
        .layer("depthwise", depthwise.set("padding", "same").bias(false))
        .layer("bn2", normalization(a));
    squeezeParts(parts, a);
    int last = ratio != 1 ? 1 : kernel;
    parts
        .layer("output_conv_pad", Part.zeroPadding2d(last / 2))
        .layer("output_conv", Part.conv2d(a.integer("output_filters"), last).bias(false))
        .layer("bn3", normalization(a));
  }

  private static KerasTensor unfused(Block b, HubArguments a) {
    KerasTensor x = b.has("conv1") ? b.chain(b.input(), "conv1", "bn1", "act") : b.input();
    x = squeezed(b, a, b.chain(x, "depthwise", "bn2", "act"));
    return residual(b, a, b.chain(x, "output_conv_pad", "output_conv", "bn3"));
  }

  private static void fusedParts(Parts parts, HubArguments a) {
    common(a);
    int filters = a.integer("input_filters") * a.integer("expand_ratio", 1);
    int kernel = a.integer("kernel_size", 3);
    Part conv = Part.conv2d(filters, kernel).set("strides", a.integer("strides", 1));
    parts
        .layer("conv1_pad", Part.zeroPadding2d(kernel / 2))
        .layer("conv1", conv.bias(false))
        .layer("bn1", normalization(a))
        .layer("act", activation(a));
    squeezeParts(parts, a);
    int last = a.integer("projection_kernel_size", 1);
    parts
        .layer("output_conv_pad", Part.zeroPadding2d(last / 2))
        .layer("output_conv", Part.conv2d(a.integer("output_filters"), last).bias(false))
        .layer("bn2", normalization(a));
    if (a.find("projection_activation") != null && a.integer("expand_ratio", 1) == 1) {
      parts.layer("projection_act", Part.activation(a.find("projection_activation")));
    }
  }

  private static KerasTensor fused(Block b, HubArguments a) {
    KerasTensor x = squeezed(b, a, b.chain(b.input(), "conv1_pad", "conv1", "bn1", "act"));
    x = b.chain(x, "output_conv_pad", "output_conv", "bn2");
    return residual(b, a, b.callIf("projection_act", x));
  }

  private static void convolutionParts(Parts parts, HubArguments a) {
    common(a);
    int kernel = a.integer("kernel_size", 3);
    Part conv = Part.conv2d(a.integer("output_filters"), kernel);
    parts
        .layer("conv1_pad", Part.zeroPadding2d(kernel / 2))
        .layer("conv1", conv.set("strides", a.integer("strides", 1)).bias(false))
        .layer("bn1", normalization(a))
        .layer("act", activation(a));
  }

  private static KerasTensor convolution(Block b, HubArguments a) {
    return residual(b, a, b.chain(b.input(), "conv1_pad", "conv1", "bn1", "act"));
  }
}
