package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.Inner;
import dev.keralens.keras.hub.argument.RoundedChannels;
import java.util.List;

/** Inverted bottlenecks: MobileNet v3. */
public final class MobileNetBackbone {
  private static final String MODULE = "models.mobilenet.mobilenet_backbone";

  private MobileNetBackbone() {}

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    arguments.skip("output_num_filters", "output_activation");
    int first = RoundedChannels.of(arguments.integer("input_num_filters", 16));
    SymbolicTensor x = b.input(arguments.shape("image_shape"));
    x = b.zeroPadding2d(1).name("input_pad").apply(x);
    x = b.conv2d(first, 3).strides(2).useBias(false).name("input_conv").apply(x);
    x = b.batchNormalization().epsilon(1e-5).name("input_batch_norm").apply(x);
    String activation = arguments.text("input_activation", "hard_swish");
    x = b.activation(activation.equals("hard_swish") ? "hard_silu" : activation).apply(x);
    int filters = arguments.integer("depthwise_filters");
    int stride = arguments.integer("depthwise_stride");
    x =
        Inner.of(MODULE, "DepthwiseConvBlock")
            .set("infilters", first)
            .set("filters", filters)
            .set("stride", stride)
            .set("squeeze_excite_ratio", arguments.find("squeeze_and_excite"))
            .set("residual", arguments.flag("depthwise_residual", false))
            .call(b, "block_0_0", Sizes.windows(x, 3, stride, 1, filters), x);
    List<Integer> blocks = arguments.blocks("stackwise_num_blocks");
    for (int stack = 0; stack < blocks.size(); stack++) {
      for (int i = 0; i < blocks.get(stack); i++) {
        x = inverted(b, arguments, x, stack, i);
      }
    }
    int last = RoundedChannels.of(arguments.integer("last_layer_filter"));
    return Inner.of(MODULE, "ConvBnActBlock")
        .set("filter", last)
        .set("activation", "hard_swish")
        .call(b, "block_%d_0".formatted(blocks.size() + 1), Sizes.channels(x, last), x);
  }

  private static SymbolicTensor inverted(
      ModelBuilder b, HubArguments arguments, SymbolicTensor x, int stack, int i) {
    int filters = RoundedChannels.of(arguments.at("stackwise_num_filters", stack, i).intValue());
    int kernel = arguments.at("stackwise_kernel_size", stack, i).intValue();
    int stride = arguments.at("stackwise_num_strides", stack, i).intValue();
    int padding = arguments.at("stackwise_padding", stack, i).intValue();
    return Inner.of(MODULE, "InvertedResidualBlock")
        .set("expansion", arguments.at("stackwise_expansion", stack, i))
        .set("infilters", x.channels())
        .set("filters", filters)
        .set("kernel_size", kernel)
        .set("stride", stride)
        .set("squeeze_excite_ratio", arguments.at("stackwise_se_ratio", stack, i))
        .set("activation", arguments.at("stackwise_activation", stack, i))
        .set("padding", padding)
        .call(
            b,
            "block_%d_%d".formatted(stack + 1, i),
            Sizes.windows(x, kernel, stride, padding, filters),
            x);
  }

  /** The task: a convolution of what the pooling gives. */
  public static SymbolicTensor classifier(
      ModelBuilder b, SymbolicTensor features, HubArguments arguments) {
    SymbolicTensor x = b.globalAveragePooling2d().keepdims(true).name("pooler").apply(features);
    LayerSpec conv = b.conv2d(arguments.integer("num_features", 1024), 1).activation("hard_silu");
    x = b.flatten().apply(conv.name("classifier_conv").apply(x));
    return b.dense(arguments.integer("num_classes")).name("predictions").apply(x);
  }
}
