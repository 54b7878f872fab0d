package dev.keralens.applications;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/**
 * Residual networks of bottleneck blocks, with the activation after (v1) or before (v2) each
 * convolution.
 *
 * <p>He et al.: Deep Residual Learning for Image Recognition, 2016,
 * https://arxiv.org/abs/1512.03385; Identity Mappings in Deep Residual Networks, 2016,
 * https://arxiv.org/abs/1603.05027.
 */
final class ResNet {
  private static final double EPSILON = 1.001e-5;

  private final ModelBuilder b;
  private final boolean preactivated;

  private ResNet(ModelBuilder b, boolean preactivated) {
    this.b = b;
    this.preactivated = preactivated;
  }

  /** Activation after the convolution; the number of blocks of each stack. */
  static Architecture v1(int... blocks) {
    return (b, x, o) -> new ResNet(b, false).build(x, o, blocks);
  }

  /** Activation before the convolution; the number of blocks of each stack. */
  static Architecture v2(int... blocks) {
    return (b, x, o) -> new ResNet(b, true).build(x, o, blocks);
  }

  private SymbolicTensor build(SymbolicTensor input, Options o, int[] blocks) {
    SymbolicTensor x = b.zeroPadding2d(3).name("conv1_pad").apply(input);
    x = b.conv2d(64, 7).strides(2).name("conv1_conv").apply(x);
    if (!preactivated) {
      x = activated(x, "conv1");
    }
    x = b.zeroPadding2d(1).name("pool1_pad").apply(x);
    x = b.maxPooling2d(3).strides(2).name("pool1_pool").apply(x);
    for (int stack = 0; stack < blocks.length; stack++) {
      x = stack(x, 64 << stack, blocks[stack], stack, "conv" + (stack + 2));
    }
    if (preactivated) {
      x = activated(x, "post");
    }
    return Blocks.head(b, x, o, "avg_pool", "max_pool");
  }

  /** V1 halves the image in the first block of a stack, v2 in the last. */
  private SymbolicTensor stack(SymbolicTensor x, int filters, int blocks, int stack, String name) {
    SymbolicTensor out = x;
    for (int i = 1; i <= blocks; i++) {
      String block = name + "_block" + i;
      if (preactivated) {
        out = v2Block(out, filters, i == blocks && stack < 3 ? 2 : 1, i == 1, block);
      } else {
        out = v1Block(out, filters, i == 1 && stack > 0 ? 2 : 1, i == 1, block);
      }
    }
    return out;
  }

  private SymbolicTensor v1Block(
      SymbolicTensor input, int filters, int stride, boolean projects, String name) {
    SymbolicTensor shortcut = input;
    if (projects) {
      shortcut = b.conv2d(4 * filters, 1).strides(stride).name(name + "_0_conv").apply(input);
      shortcut = normalized(shortcut, name + "_0_bn");
    }
    SymbolicTensor x = b.conv2d(filters, 1).strides(stride).name(name + "_1_conv").apply(input);
    x = activated(x, name + "_1");
    x = b.conv2d(filters, 3).padding("same").name(name + "_2_conv").apply(x);
    x = activated(x, name + "_2");
    x = b.conv2d(4 * filters, 1).name(name + "_3_conv").apply(x);
    x = normalized(x, name + "_3_bn");
    x = b.add().name(name + "_add").apply(shortcut, x);
    return b.activation("relu").name(name + "_out").apply(x);
  }

  private SymbolicTensor v2Block(
      SymbolicTensor input, int filters, int stride, boolean projects, String name) {
    SymbolicTensor before = activated(input, name + "_preact");
    SymbolicTensor shortcut = input;
    if (projects) {
      shortcut = b.conv2d(4 * filters, 1).strides(stride).name(name + "_0_conv").apply(before);
    } else if (stride > 1) {
      shortcut = b.maxPooling2d(1).strides(stride).apply(input);
    }
    SymbolicTensor x = b.conv2d(filters, 1).useBias(false).name(name + "_1_conv").apply(before);
    x = activated(x, name + "_1");
    x = b.zeroPadding2d(1).name(name + "_2_pad").apply(x);
    x = b.conv2d(filters, 3).strides(stride).useBias(false).name(name + "_2_conv").apply(x);
    x = activated(x, name + "_2");
    x = b.conv2d(4 * filters, 1).name(name + "_3_conv").apply(x);
    return b.add().name(name + "_out").apply(shortcut, x);
  }

  private SymbolicTensor normalized(SymbolicTensor x, String name) {
    return b.batchNormalization().epsilon(EPSILON).name(name).apply(x);
  }

  private SymbolicTensor activated(SymbolicTensor x, String name) {
    return b.activation("relu").name(name + "_relu").apply(normalized(x, name + "_bn"));
  }
}
