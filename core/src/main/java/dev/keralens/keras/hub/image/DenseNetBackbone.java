package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import java.util.List;

/** Blocks whose outputs are all joined to what came before. */
public final class DenseNetBackbone {
  private static final double EPSILON = 1.001e-5;

  private final ModelBuilder b;
  private final int growth;

  private DenseNetBackbone(ModelBuilder b, int growth) {
    this.b = b;
    this.growth = growth;
  }

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    List<Integer> repeats = arguments.blocks("stackwise_num_repeats");
    double compression = arguments.number("compression_ratio", 0.5);
    SymbolicTensor x = b.input(arguments.shape("image_shape"));
    return new DenseNetBackbone(b, arguments.integer("growth_rate", 32))
        .body(x, repeats, compression, arguments);
  }

  private SymbolicTensor body(
      SymbolicTensor image, List<Integer> repeats, double compression, HubArguments arguments) {
    SymbolicTensor x =
        b.conv2d(64, 7).strides(2).padding("same").useBias(false).name("conv1_conv").apply(image);
    x = activated(x, "conv1_bn", "conv1_relu");
    x = b.maxPooling2d(3).strides(2).padding("same").name("pool1").apply(x);
    for (int stack = 1; stack <= repeats.size(); stack++) {
      for (int i = 1; i <= repeats.get(stack - 1); i++) {
        x = block(x, "stack%d_block%d".formatted(stack, i));
      }
      arguments.level("P" + (stack + 1), x);
      if (stack < repeats.size()) {
        x = transition(x, compression, "transition" + stack);
      }
    }
    return activated(x, "bn", "relu");
  }

  private SymbolicTensor block(SymbolicTensor before, String name) {
    SymbolicTensor x = activated(before, name + "_1_bn", name + "_1_relu");
    x = b.conv2d(4 * growth, 1).useBias(false).name(name + "_1_conv").apply(x);
    x = activated(x, name + "_2_bn", name + "_2_relu");
    x = b.conv2d(growth, 3).padding("same").useBias(false).name(name + "_2_conv").apply(x);
    return b.concatenate().name(name + "_concat").apply(before, x);
  }

  private SymbolicTensor transition(SymbolicTensor before, double compression, String name) {
    SymbolicTensor x = activated(before, name + "_bn", name + "_relu");
    int channels = (int) (x.channels() * compression);
    x = b.conv2d(channels, 1).useBias(false).name(name + "_conv").apply(x);
    return b.averagePooling2d(2).strides(2).name(name + "_pool").apply(x);
  }

  private SymbolicTensor activated(SymbolicTensor x, String normalization, String activation) {
    SymbolicTensor normalized =
        b.batchNormalization().epsilon(EPSILON).name(normalization).apply(x);
    return b.activation("relu").name(activation).apply(normalized);
  }
}
