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

  private InceptionV3Network(ModelBuilder b) {
    this.b = b;
  }

  static SymbolicTensor build(ModelBuilder b, SymbolicTensor x, Options o) {
    InceptionV3Network network = new InceptionV3Network(b);
    SymbolicTensor body = network.coarse(network.middle(network.fine(network.stem(x))));
    return Blocks.head(b, body, o, o.includeTop ? "avg_pool" : "", "");
  }

  private SymbolicTensor stem(SymbolicTensor input) {
    SymbolicTensor x = reduced(input, 32);
    x = valid(x, 32, 3);
    x = conv(x, 64, 3, 3);
    x = b.maxPooling2d(3).strides(2).apply(x);
    x = valid(x, 80, 1);
    x = valid(x, 192, 3);
    return b.maxPooling2d(3).strides(2).apply(x);
  }

  /** Three blocks at 35 x 35. */
  private SymbolicTensor fine(SymbolicTensor input) {
    SymbolicTensor x = input;
    int[] pooled = {32, 64, 64};
    for (int i = 0; i < 3; i++) {
      SymbolicTensor one = conv(x, 64, 1, 1);
      SymbolicTensor five = conv(conv(x, 48, 1, 1), 64, 5, 5);
      SymbolicTensor three = conv(conv(conv(x, 64, 1, 1), 96, 3, 3), 96, 3, 3);
      x = join("mixed" + i, one, five, three, average(x, pooled[i]));
    }
    return x;
  }

  /** A reduction, and four blocks at 17 x 17. */
  private SymbolicTensor middle(SymbolicTensor input) {
    SymbolicTensor three = reduced(input, 384);
    SymbolicTensor twice = reduced(conv(conv(input, 64, 1, 1), 96, 3, 3), 96);
    SymbolicTensor x = join("mixed3", three, twice, b.maxPooling2d(3).strides(2).apply(input));
    int[] filters = {128, 160, 160, 192};
    for (int i = 0; i < 4; i++) {
      int f = filters[i];
      SymbolicTensor one = conv(x, 192, 1, 1);
      SymbolicTensor seven = conv(conv(conv(x, f, 1, 1), f, 1, 7), 192, 7, 1);
      SymbolicTensor long7 = conv(conv(conv(x, f, 1, 1), f, 7, 1), f, 1, 7);
      long7 = conv(conv(long7, f, 7, 1), 192, 1, 7);
      x = join("mixed" + (4 + i), one, seven, long7, average(x, 192));
    }
    return x;
  }

  /** A reduction, and two blocks at 8 x 8. */
  private SymbolicTensor coarse(SymbolicTensor input) {
    SymbolicTensor three = reduced(conv(input, 192, 1, 1), 320);
    SymbolicTensor seven = conv(conv(conv(input, 192, 1, 1), 192, 1, 7), 192, 7, 1);
    seven = reduced(seven, 192);
    SymbolicTensor x = join("mixed8", three, seven, b.maxPooling2d(3).strides(2).apply(input));
    for (int i = 0; i < 2; i++) {
      SymbolicTensor one = conv(x, 320, 1, 1);
      SymbolicTensor split = conv(x, 384, 1, 1);
      split = join("mixed9_" + i, conv(split, 384, 1, 3), conv(split, 384, 3, 1));
      SymbolicTensor twice = conv(conv(x, 448, 1, 1), 384, 3, 3);
      twice = join("", conv(twice, 384, 1, 3), conv(twice, 384, 3, 1));
      x = join("mixed" + (9 + i), one, split, twice, average(x, 192));
    }
    return x;
  }

  private SymbolicTensor join(String name, SymbolicTensor... parts) {
    return Blocks.named(b.concatenate(), name).set("axis", 3).apply(parts);
  }

  private SymbolicTensor average(SymbolicTensor x, int filters) {
    return conv(b.averagePooling2d(3).strides(1).padding("same").apply(x), filters, 1, 1);
  }

  private SymbolicTensor reduced(SymbolicTensor x, int filters) {
    return finish(b.conv2d(filters, 3).strides(2).useBias(false).apply(x));
  }

  private SymbolicTensor valid(SymbolicTensor x, int filters, int kernel) {
    return finish(b.conv2d(filters, kernel).useBias(false).apply(x));
  }

  private SymbolicTensor conv(SymbolicTensor x, int filters, int rows, int columns) {
    return finish(b.conv2d(filters, rows, columns).padding("same").useBias(false).apply(x));
  }

  private SymbolicTensor finish(SymbolicTensor x) {
    return b.activation("relu").apply(b.batchNormalization().scale(false).apply(x));
  }
}
