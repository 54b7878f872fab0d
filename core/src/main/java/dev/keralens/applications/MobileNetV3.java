package dev.keralens.applications;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/**
 * MobileNetV2's blocks with squeeze-and-excitation, found by search.
 *
 * <p>Howard et al.: Searching for MobileNetV3, 2019, https://arxiv.org/abs/1905.02244, tables 1 and
 * 2.
 */
final class MobileNetV3 {
  /**
   * A block.
   *
   * @param expansion how much wider it is inside
   * @param filters its outputs
   * @param large whether its kernels are 5x5
   * @param stride its stride
   * @param squeezes whether it has squeeze-and-excitation
   * @param swish whether its activation is hard swish, not ReLU
   */
  private record Block(
      double expansion, int filters, boolean large, int stride, boolean squeezes, boolean swish) {}

  private static final Block[] SMALL = {
    new Block(1, 16, false, 2, true, false),
    new Block(72. / 16, 24, false, 2, false, false),
    new Block(88. / 24, 24, false, 1, false, false),
    new Block(4, 40, true, 2, true, true),
    new Block(6, 40, true, 1, true, true),
    new Block(6, 40, true, 1, true, true),
    new Block(3, 48, true, 1, true, true),
    new Block(3, 48, true, 1, true, true),
    new Block(6, 96, true, 2, true, true),
    new Block(6, 96, true, 1, true, true),
    new Block(6, 96, true, 1, true, true)
  };

  private static final Block[] LARGE = {
    new Block(1, 16, false, 1, false, false),
    new Block(4, 24, false, 2, false, false),
    new Block(3, 24, false, 1, false, false),
    new Block(3, 40, true, 2, true, false),
    new Block(3, 40, true, 1, true, false),
    new Block(3, 40, true, 1, true, false),
    new Block(6, 80, false, 2, false, true),
    new Block(2.5, 80, false, 1, false, true),
    new Block(2.3, 80, false, 1, false, true),
    new Block(2.3, 80, false, 1, false, true),
    new Block(6, 112, false, 1, true, true),
    new Block(6, 112, false, 1, true, true),
    new Block(6, 160, true, 2, true, true),
    new Block(6, 160, true, 1, true, true),
    new Block(6, 160, true, 1, true, true)
  };

  private final ModelBuilder b;
  private final Options o;

  private MobileNetV3(ModelBuilder b, Options o) {
    this.b = b;
    this.o = o;
  }

  static SymbolicTensor small(ModelBuilder b, SymbolicTensor input, Options o) {
    return new MobileNetV3(b, o).build(input, SMALL, 1024);
  }

  static SymbolicTensor large(ModelBuilder b, SymbolicTensor input, Options o) {
    return new MobileNetV3(b, o).build(input, LARGE, 1280);
  }

  private SymbolicTensor build(SymbolicTensor input, Block[] blocks, int pointFilters) {
    SymbolicTensor x = input;
    if (o.includePreprocessing) {
      x = b.rescaling(1 / 127.5, -1).apply(x);
    }
    x = b.conv2d(16, 3).strides(2).padding("same").useBias(false).name("conv").apply(x);
    x = activated(normalized(x, "conv_bn"), true);
    for (int i = 0; i < blocks.length; i++) {
      x = block(x, blocks[i], i);
    }
    x = pointwise(x, Blocks.eighths(x.channels() * 6), "conv_1");
    x = activated(normalized(x, "conv_1_bn"), true);
    if (!o.includeTop) {
      return Blocks.pooled(b, x, o, "avg_pool", "max_pool");
    }
    x = b.globalAveragePooling2d().keepdims(true).apply(x);
    int last = o.alpha > 1 ? Blocks.eighths(pointFilters * o.alpha) : pointFilters;
    x = b.conv2d(last, 1).padding("same").name("conv_2").apply(x);
    x = b.dropout(0.2).apply(activated(x, true));
    x = b.conv2d(o.classes, 1).padding("same").name("logits").apply(x);
    x = b.flatten().apply(x);
    return b.activation(o.classifierActivation).name("predictions").apply(x);
  }

  private SymbolicTensor block(SymbolicTensor input, Block block, int number) {
    String prefix = number == 0 ? "expanded_conv_" : "expanded_conv_" + number + "_";
    int filters = Blocks.eighths(block.filters() * o.alpha);
    int inside = Blocks.eighths(input.channels() * block.expansion());
    int kernel = block.large() && !o.minimalistic ? 5 : 3;
    SymbolicTensor x = input;
    if (number > 0) {
      x = normalized(pointwise(x, inside, prefix + "expand"), prefix + "expand_bn");
      x = activated(x, block.swish());
    }
    if (block.stride() == 2) {
      x = Blocks.evenPadding(b, x, kernel).name(prefix + "depthwise_pad").apply(x);
    }
    x =
        b.depthwiseConv2d(kernel)
            .strides(block.stride())
            .padding(block.stride() == 1 ? "same" : "valid")
            .useBias(false)
            .name(prefix + "depthwise")
            .apply(x);
    x = activated(normalized(x, prefix + "depthwise_bn"), block.swish());
    if (block.squeezes() && !o.minimalistic) {
      x = excited(x, inside, prefix + "squeeze_excite_");
    }
    x = normalized(pointwise(x, filters, prefix + "project"), prefix + "project_bn");
    return block.stride() == 1 && input.channels() == filters
        ? b.add().name(prefix + "add").apply(input, x)
        : x;
  }

  private SymbolicTensor excited(SymbolicTensor input, int filters, String prefix) {
    SymbolicTensor x =
        b.globalAveragePooling2d().keepdims(true).name(prefix + "avg_pool").apply(input);
    int squeezed = Blocks.eighths(filters * 0.25);
    x = b.conv2d(squeezed, 1).padding("same").name(prefix + "conv").apply(x);
    x = b.relu().name(prefix + "relu").apply(x);
    x = b.conv2d(filters, 1).padding("same").name(prefix + "conv_1").apply(x);
    x = b.relu(6).apply(x.plus(3)).times(1. / 6);
    return b.multiply().name(prefix + "mul").apply(input, x);
  }

  private SymbolicTensor activated(SymbolicTensor x, boolean swish) {
    return swish && !o.minimalistic ? b.activation("hard_silu").apply(x) : b.relu().apply(x);
  }

  private SymbolicTensor pointwise(SymbolicTensor x, int filters, String name) {
    return b.conv2d(filters, 1).padding("same").useBias(false).name(name).apply(x);
  }

  private SymbolicTensor normalized(SymbolicTensor x, String name) {
    return b.batchNormalization().set("momentum", 0.999).name(name).apply(x);
  }
}
