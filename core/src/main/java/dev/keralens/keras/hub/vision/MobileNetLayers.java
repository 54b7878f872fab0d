package dev.keralens.keras.hub.vision;

import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.RoundedChannels;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;

/** The blocks of {@code MobileNetBackbone}. */
public final class MobileNetLayers {
  private static final String MODULE = "models.mobilenet.mobilenet_backbone";
  private static final double EPSILON = 1e-5;

  public static final LayerType SQUEEZE =
      HubLayer.of(MobileNetLayers::squeezeParts, MobileNetLayers::squeeze);
  public static final LayerType DEPTHWISE =
      HubLayer.of(MobileNetLayers::depthwiseParts, MobileNetLayers::depthwise);
  public static final LayerType INVERTED =
      HubLayer.of(MobileNetLayers::invertedParts, MobileNetLayers::inverted);
  public static final LayerType CONVOLUTION =
      HubLayer.of(
          MobileNetLayers::convolutionParts,
          (b, a) -> b.chain(b.input(), "conv", "batch_normalization", "activation_layer"));

  private MobileNetLayers() {}

  private static void squeezeParts(Parts parts, HubArguments a) {
    a.skip("spatial_dims");
    parts
        .layer("conv_reduce", Part.conv2d(a.integer("bottleneck_filters"), 1))
        .layer("activation1", Part.activation(a.any("squeeze_activation", "relu")))
        .layer("conv_expand", Part.conv2d(a.integer("filters"), 1))
        .layer("gate", Part.activation(a.any("excite_activation", "sigmoid")));
  }

  private static KerasTensor squeeze(Block b, HubArguments a) {
    KerasTensor x = b.chain(b.mean(b.input()), "conv_reduce", "activation1", "conv_expand", "gate");
    return b.multiply(b.input(), x);
  }

  private static Part excited(int filters, double ratio) {
    return Part.hub(MODULE, "SqueezeAndExcite2D")
        .set("filters", filters)
        .set("bottleneck_filters", RoundedChannels.of(filters * ratio))
        .set("excite_activation", "hard_sigmoid");
  }

  private static void depthwiseParts(Parts parts, HubArguments a) {
    int in = a.integer("infilters");
    double ratio = a.number("squeeze_excite_ratio", 0);
    Part conv = Part.conv2d(in, a.integer("kernel_size", 3)).set("groups", in).bias(false);
    parts
        .layer("pad", Part.zeroPadding2d(1))
        .layer("conv1", conv.set("strides", a.integer("stride", 2)))
        .layer("batch_normalization1", Part.batchNormalization(EPSILON))
        .layer("activation1", Part.keras("ReLU"));
    if (ratio != 0) {
      parts.layer("se_layer", excited(in, ratio));
    }
    parts
        .layer("conv2", Part.conv2d(a.integer("filters"), 1).bias(false))
        .layer("batch_normalization2", Part.batchNormalization(EPSILON));
  }

  private static KerasTensor depthwise(Block b, HubArguments a) {
    KerasTensor x = b.chain(b.input(), "pad", "conv1", "batch_normalization1", "activation1");
    x = b.chain(b.callIf("se_layer", x), "conv2", "batch_normalization2");
    return a.flag("residual", false) ? b.add(x, b.input()) : x;
  }

  private static void invertedParts(Parts parts, HubArguments a) {
    int wide = RoundedChannels.of(a.number("expansion"));
    double ratio = a.number("squeeze_excite_ratio", 0);
    Part second = Part.conv2d(wide, a.integer("kernel_size")).set("groups", wide).bias(false);
    parts
        .layer("conv1", Part.conv2d(wide, 1).bias(false))
        .layer("batch_normalization1", Part.batchNormalization(EPSILON))
        .layer("activation1", Part.activation(a.any("activation", "linear")))
        .layer("pad", Part.zeroPadding2d(a.integer("padding")))
        .layer("conv2", second.set("strides", a.integer("stride")))
        .layer("batch_normalization2", Part.batchNormalization(EPSILON))
        .layer("activation2", Part.activation(a.any("activation", "linear")));
    if (ratio != 0) {
      parts.layer("squeeze_excite", excited(wide, ratio));
    }
    parts
        .layer("conv3", Part.conv2d(a.integer("filters"), 1).bias(false))
        .layer("batch_normalization3", Part.batchNormalization(EPSILON));
  }

  private static KerasTensor inverted(Block b, HubArguments a) {
    KerasTensor x = b.chain(b.input(), "conv1", "batch_normalization1", "activation1", "pad");
    x = b.chain(x, "conv2", "batch_normalization2", "activation2");
    x = b.chain(b.callIf("squeeze_excite", x), "conv3", "batch_normalization3");
    boolean same = a.integer("infilters") == a.integer("filters");
    return a.integer("stride") == 1 && same ? b.add(b.input(), x) : x;
  }

  private static void convolutionParts(Parts parts, HubArguments a) {
    parts
        .layer("conv", Part.conv2d(a.integer("filter"), 1).bias(false))
        .layer("batch_normalization", Part.batchNormalization(EPSILON))
        .layer("activation_layer", Part.activation(a.any("activation", "linear")));
  }
}
