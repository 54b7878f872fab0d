package dev.keralens.applications;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/**
 * Parallel convolutions of several sizes.
 *
 * <p>Szegedy et al.: Rethinking the Inception Architecture for Computer Vision, 2016,
 * https://arxiv.org/abs/1512.00567.
 */
final class InceptionV3Network {
  private final ModelBuilder b;
  private final InceptionBlocks blocks;

  private InceptionV3Network(ModelBuilder b) {
    this.b = b;
    blocks = new InceptionBlocks(b);
  }

  static SymbolicTensor build(ModelBuilder b, SymbolicTensor x, Options o) {
    InceptionV3Network network = new InceptionV3Network(b);
    SymbolicTensor body = network.coarse(network.middle(network.fine(network.blocks.stem(x))));
    return Blocks.head(b, body, o, o.includeTop ? "avg_pool" : "", "");
  }

  /** Three blocks at 35 x 35. */
  private SymbolicTensor fine(SymbolicTensor input) {
    SymbolicTensor x = input;
    int[] pooled = {32, 64, 64};
    for (int i = 0; i < 3; i++) {
      x = blocks.fine(x, "mixed" + i, 64, pooled[i]);
    }
    return x;
  }

  /** A reduction, and four blocks at 17 x 17. */
  private SymbolicTensor middle(SymbolicTensor input) {
    SymbolicTensor three = blocks.reduced(input, 384);
    SymbolicTensor twice = blocks.reduced(blocks.conv(blocks.conv(input, 64, 1, 1), 96, 3, 3), 96);
    SymbolicTensor x =
        blocks.join("mixed3", three, twice, b.maxPooling2d(3).strides(2).apply(input));
    int[] filters = {128, 160, 160, 192};
    for (int i = 0; i < 4; i++) {
      int f = filters[i];
      SymbolicTensor one = blocks.conv(x, 192, 1, 1);
      SymbolicTensor seven = blocks.conv(blocks.conv(blocks.conv(x, f, 1, 1), f, 1, 7), 192, 7, 1);
      SymbolicTensor long7 = blocks.conv(blocks.conv(blocks.conv(x, f, 1, 1), f, 7, 1), f, 1, 7);
      long7 = blocks.conv(blocks.conv(long7, f, 7, 1), 192, 1, 7);
      x = blocks.join("mixed" + (4 + i), one, seven, long7, blocks.average(x, 192));
    }
    return x;
  }

  /** A reduction, and two blocks at 8 x 8. */
  private SymbolicTensor coarse(SymbolicTensor input) {
    SymbolicTensor three = blocks.reduced(blocks.conv(input, 192, 1, 1), 320);
    SymbolicTensor seven =
        blocks.conv(blocks.conv(blocks.conv(input, 192, 1, 1), 192, 1, 7), 192, 7, 1);
    seven = blocks.reduced(seven, 192);
    SymbolicTensor x =
        blocks.join("mixed8", three, seven, b.maxPooling2d(3).strides(2).apply(input));
    for (int i = 0; i < 2; i++) {
      SymbolicTensor one = blocks.conv(x, 320, 1, 1);
      SymbolicTensor split = blocks.conv(x, 384, 1, 1);
      split =
          blocks.join("mixed9_" + i, blocks.conv(split, 384, 1, 3), blocks.conv(split, 384, 3, 1));
      SymbolicTensor twice = blocks.conv(blocks.conv(x, 448, 1, 1), 384, 3, 3);
      twice = blocks.join("", blocks.conv(twice, 384, 1, 3), blocks.conv(twice, 384, 3, 1));
      x = blocks.join("mixed" + (9 + i), one, split, twice, blocks.average(x, 192));
    }
    return x;
  }
}
