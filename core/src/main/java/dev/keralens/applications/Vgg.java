package dev.keralens.applications;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/**
 * VGG: blocks of 3x3 convolutions.
 *
 * <p>Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition, 2015,
 * https://arxiv.org/abs/1409.1556, table 1, columns D and E.
 */
final class Vgg {
  private static final int[] FILTERS = {64, 128, 256, 512, 512};

  private Vgg() {}

  static SymbolicTensor vgg16(ModelBuilder b, SymbolicTensor x, Options o) {
    return build(b, x, o, 2, 2, 3, 3, 3);
  }

  static SymbolicTensor vgg19(ModelBuilder b, SymbolicTensor x, Options o) {
    return build(b, x, o, 2, 2, 4, 4, 4);
  }

  private static SymbolicTensor build(
      ModelBuilder b, SymbolicTensor input, Options o, int... convolutions) {
    SymbolicTensor x = input;
    for (int block = 0; block < convolutions.length; block++) {
      String name = "block" + (block + 1);
      for (int i = 1; i <= convolutions[block]; i++) {
        x =
            b.conv2d(FILTERS[block], 3)
                .padding("same")
                .activation("relu")
                .name(name + "_conv" + i)
                .apply(x);
      }
      x = b.maxPooling2d(2).name(name + "_pool").apply(x);
    }
    if (!o.includeTop) {
      return Blocks.pooled(b, x, o, "", "");
    }
    x = b.flatten().name("flatten").apply(x);
    x = b.dense(4096).activation("relu").name("fc1").apply(x);
    x = b.dense(4096).activation("relu").name("fc2").apply(x);
    return Blocks.classifier(b, x, o);
  }
}
