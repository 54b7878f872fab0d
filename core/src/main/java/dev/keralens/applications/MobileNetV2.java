package dev.keralens.applications;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/**
 * Blocks that widen, convolve each channel, and narrow again without an activation.
 *
 * <p>Sandler et al.: MobileNetV2: Inverted Residuals and Linear Bottlenecks, 2018,
 * https://arxiv.org/abs/1801.04381, table 2.
 */
final class MobileNetV2 {
  /** Filters, strides of the first block, number of blocks, expansion. */
  private static final int[][] STAGES = {
    {16, 1, 1, 1},
    {24, 2, 2, 6},
    {32, 2, 3, 6},
    {64, 2, 4, 6},
    {96, 1, 3, 6},
    {160, 2, 3, 6},
    {320, 1, 1, 6}
  };

  private final ModelBuilder b;

  private MobileNetV2(ModelBuilder b) {
    this.b = b;
  }

  static SymbolicTensor build(ModelBuilder b, SymbolicTensor input, Options o) {
    MobileNetV2 network = new MobileNetV2(b);
    SymbolicTensor x =
        b.conv2d(Blocks.eighths(32 * o.alpha), 3)
            .strides(2)
            .padding("same")
            .useBias(false)
            .name("Conv1")
            .apply(input);
    x = b.relu(6).name("Conv1_relu").apply(network.normalized(x, "bn_Conv1"));
    int block = 0;
    for (int[] stage : STAGES) {
      int filters = Blocks.eighths((int) (stage[0] * o.alpha));
      for (int i = 0; i < stage[2]; i++) {
        x = network.block(x, filters, i == 0 ? stage[1] : 1, stage[3], block++);
      }
    }
    int last = o.alpha > 1 ? Blocks.eighths(1280 * o.alpha) : 1280;
    x = b.conv2d(last, 1).useBias(false).name("Conv_1").apply(x);
    x = b.relu(6).name("out_relu").apply(network.normalized(x, "Conv_1_bn"));
    return Blocks.head(b, x, o, "", "");
  }

  private SymbolicTensor block(
      SymbolicTensor input, int filters, int stride, int expansion, int number) {
    String prefix = number == 0 ? "expanded_conv_" : "block_" + number + "_";
    SymbolicTensor x = input;
    if (number > 0) {
      x =
          b.conv2d(expansion * input.channels(), 1)
              .padding("same")
              .useBias(false)
              .name(prefix + "expand")
              .apply(x);
      x = b.relu(6).name(prefix + "expand_relu").apply(normalized(x, prefix + "expand_BN"));
    }
    if (stride == 2) {
      x = Blocks.evenPadding(b, x, 3).name(prefix + "pad").apply(x);
    }
    x =
        b.depthwiseConv2d(3)
            .strides(stride)
            .padding(stride == 1 ? "same" : "valid")
            .useBias(false)
            .name(prefix + "depthwise")
            .apply(x);
    x = b.relu(6).name(prefix + "depthwise_relu").apply(normalized(x, prefix + "depthwise_BN"));
    x = b.conv2d(filters, 1).padding("same").useBias(false).name(prefix + "project").apply(x);
    x = normalized(x, prefix + "project_BN");
    return input.channels() == filters && stride == 1
        ? b.add().name(prefix + "add").apply(input, x)
        : x;
  }

  private SymbolicTensor normalized(SymbolicTensor x, String name) {
    return b.batchNormalization().set("momentum", 0.999).name(name).apply(x);
  }
}
