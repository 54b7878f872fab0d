package dev.keralens.applications;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/**
 * Blocks in which each layer sees what all layers before it gave.
 *
 * <p>Huang et al.: Densely Connected Convolutional Networks, 2017,
 * https://arxiv.org/abs/1608.06993, table 1.
 */
final class DenseNet {
  private static final double EPSILON = 1.001e-5;
  private static final int GROWTH = 32;

  private final ModelBuilder b;

  private DenseNet(ModelBuilder b) {
    this.b = b;
  }

  /** The number of layers of each block. */
  static Architecture of(int... blocks) {
    return (b, x, o) -> new DenseNet(b).build(x, o, blocks);
  }

  private SymbolicTensor build(SymbolicTensor input, Options o, int[] blocks) {
    SymbolicTensor x = b.zeroPadding2d(3).apply(input);
    x = b.conv2d(64, 7).strides(2).useBias(false).name("conv1_conv").apply(x);
    x = activated(x, "conv1_bn", "conv1_relu");
    x = b.zeroPadding2d(1).apply(x);
    x = b.maxPooling2d(3).strides(2).name("pool1").apply(x);
    for (int i = 0; i < blocks.length; i++) {
      if (i > 0) {
        x = transition(x, "pool" + (i + 1));
      }
      for (int layer = 1; layer <= blocks[i]; layer++) {
        x = layer(x, "conv" + (i + 2) + "_block" + layer);
      }
    }
    x = activated(x, "bn", "relu");
    return Blocks.head(b, x, o, "avg_pool", "max_pool");
  }

  private SymbolicTensor transition(SymbolicTensor input, String name) {
    SymbolicTensor x = activated(input, name + "_bn", name + "_relu");
    x = b.conv2d(input.channels() / 2, 1).useBias(false).name(name + "_conv").apply(x);
    return b.averagePooling2d(2).name(name + "_pool").apply(x);
  }

  private SymbolicTensor layer(SymbolicTensor input, String name) {
    SymbolicTensor x = activated(input, name + "_0_bn", name + "_0_relu");
    x = b.conv2d(4 * GROWTH, 1).useBias(false).name(name + "_1_conv").apply(x);
    x = activated(x, name + "_1_bn", name + "_1_relu");
    x = b.conv2d(GROWTH, 3).padding("same").useBias(false).name(name + "_2_conv").apply(x);
    return b.concatenate().set("axis", 3).name(name + "_concat").apply(input, x);
  }

  private SymbolicTensor activated(SymbolicTensor x, String normalization, String activation) {
    SymbolicTensor y = b.batchNormalization().epsilon(EPSILON).name(normalization).apply(x);
    return b.activation("relu").name(activation).apply(y);
  }
}
