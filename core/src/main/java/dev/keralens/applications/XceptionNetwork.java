package dev.keralens.applications;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/**
 * Residual blocks of separable convolutions.
 *
 * <p>Chollet: Xception: Deep Learning with Depthwise Separable Convolutions, 2017,
 * https://arxiv.org/abs/1610.02357, figure 5.
 */
final class XceptionNetwork {
  private final ModelBuilder b;

  private XceptionNetwork(ModelBuilder b) {
    this.b = b;
  }

  static SymbolicTensor build(ModelBuilder b, SymbolicTensor x, Options o) {
    return Blocks.head(b, new XceptionNetwork(b).body(x), o, o.includeTop ? "avg_pool" : "", "");
  }

  private SymbolicTensor body(SymbolicTensor input) {
    SymbolicTensor x = b.conv2d(32, 3).strides(2).useBias(false).name("block1_conv1").apply(input);
    x = relu(normalized(x, "block1_conv1_bn"), "block1_conv1_act");
    x = b.conv2d(64, 3).useBias(false).name("block1_conv2").apply(x);
    x = relu(normalized(x, "block1_conv2_bn"), "block1_conv2_act");
    x = downward(x, "block2", 128, 128, false);
    x = downward(x, "block3", 256, 256, true);
    x = downward(x, "block4", 728, 728, true);
    for (int block = 5; block <= 12; block++) {
      SymbolicTensor residual = x;
      for (int i = 1; i <= 3; i++) {
        String name = "block" + block + "_sepconv" + i;
        x = separable(relu(x, name + "_act"), 728, name);
      }
      x = b.add().apply(x, residual);
    }
    x = downward(x, "block13", 728, 1024, true);
    x = relu(separable(x, 1536, "block14_sepconv1"), "block14_sepconv1_act");
    return relu(separable(x, 2048, "block14_sepconv2"), "block14_sepconv2_act");
  }

  /** Two separable convolutions and a pooling, beside a strided convolution. */
  private SymbolicTensor downward(
      SymbolicTensor input, String block, int first, int second, boolean startsWithRelu) {
    SymbolicTensor residual =
        b.conv2d(second, 1).strides(2).padding("same").useBias(false).apply(input);
    residual = b.batchNormalization().apply(residual);
    SymbolicTensor x = startsWithRelu ? relu(input, block + "_sepconv1_act") : input;
    x = separable(x, first, block + "_sepconv1");
    x = separable(relu(x, block + "_sepconv2_act"), second, block + "_sepconv2");
    x = b.maxPooling2d(3).strides(2).padding("same").name(block + "_pool").apply(x);
    return b.add().apply(x, residual);
  }

  private SymbolicTensor separable(SymbolicTensor x, int filters, String name) {
    SymbolicTensor y =
        b.separableConv2d(filters, 3).padding("same").useBias(false).name(name).apply(x);
    return normalized(y, name + "_bn");
  }

  private SymbolicTensor normalized(SymbolicTensor x, String name) {
    return b.batchNormalization().name(name).apply(x);
  }

  private SymbolicTensor relu(SymbolicTensor x, String name) {
    return b.activation("relu").name(name).apply(x);
  }
}
