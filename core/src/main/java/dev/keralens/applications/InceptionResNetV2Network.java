package dev.keralens.applications;

import dev.keralens.keras.build.ApplicationLayers;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/**
 * Inception blocks around which the input is added.
 *
 * <p>Szegedy et al.: Inception-v4, Inception-ResNet and the Impact of Residual Connections on
 * Learning, 2017, https://arxiv.org/abs/1602.07261.
 */
final class InceptionResNetV2Network {
  private final ModelBuilder b;
  private final InceptionBlocks blocks;

  private InceptionResNetV2Network(ModelBuilder b) {
    this.b = b;
    blocks = new InceptionBlocks(b);
  }

  static SymbolicTensor build(ModelBuilder b, SymbolicTensor x, Options o) {
    InceptionResNetV2Network network = new InceptionResNetV2Network(b);
    SymbolicTensor body =
        network.body(network.blocks.fine(network.blocks.stem(x), "mixed_5b", 96, 64));
    return Blocks.head(b, body, o, o.includeTop ? "avg_pool" : "", "");
  }

  private SymbolicTensor body(SymbolicTensor input) {
    SymbolicTensor x = input;
    for (int i = 1; i <= 10; i++) {
      SymbolicTensor one = blocks.conv(x, 32, 1, 1);
      SymbolicTensor two = blocks.conv(blocks.conv(x, 32, 1, 1), 32, 3, 3);
      SymbolicTensor three = blocks.conv(blocks.conv(blocks.conv(x, 32, 1, 1), 48, 3, 3), 64, 3, 3);
      x = residual(x, "block35_" + i, 0.17, true, one, two, three);
    }
    SymbolicTensor first = blocks.reduced(x, 384);
    SymbolicTensor second = blocks.reduced(blocks.conv(blocks.conv(x, 256, 1, 1), 256, 3, 3), 384);
    x = blocks.join("mixed_6a", first, second, b.maxPooling2d(3).strides(2).apply(x));
    for (int i = 1; i <= 20; i++) {
      SymbolicTensor one = blocks.conv(x, 192, 1, 1);
      SymbolicTensor seven =
          blocks.conv(blocks.conv(blocks.conv(x, 128, 1, 1), 160, 1, 7), 192, 7, 1);
      x = residual(x, "block17_" + i, 0.1, true, one, seven);
    }
    first = blocks.reduced(blocks.conv(x, 256, 1, 1), 384);
    second = blocks.reduced(blocks.conv(x, 256, 1, 1), 288);
    SymbolicTensor third = blocks.reduced(blocks.conv(blocks.conv(x, 256, 1, 1), 288, 3, 3), 320);
    x = blocks.join("mixed_7a", first, second, third, b.maxPooling2d(3).strides(2).apply(x));
    for (int i = 1; i <= 10; i++) {
      SymbolicTensor one = blocks.conv(x, 192, 1, 1);
      SymbolicTensor three =
          blocks.conv(blocks.conv(blocks.conv(x, 192, 1, 1), 224, 1, 3), 256, 3, 1);
      x = residual(x, "block8_" + i, i < 10 ? 0.2 : 1, i < 10, one, three);
    }
    x = b.conv2d(1536, 1).padding("same").useBias(false).name("conv_7b").apply(x);
    x = b.batchNormalization().scale(false).name("conv_7b_bn").apply(x);
    return b.activation("relu").name("conv_7b_ac").apply(x);
  }

  private SymbolicTensor residual(
      SymbolicTensor x, String name, double scale, boolean activated, SymbolicTensor... branches) {
    SymbolicTensor up = blocks.join(name + "_mixed", branches);
    up = b.conv2d(x.channels(), 1).padding("same").name(name + "_conv").apply(up);
    SymbolicTensor sum = ApplicationLayers.customScale(b, scale).apply(x, up);
    return activated ? b.activation("relu").name(name + "_ac").apply(sum) : sum;
  }
}
