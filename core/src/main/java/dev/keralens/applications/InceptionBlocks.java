package dev.keralens.applications;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/** What the Inception networks are made of: convolutions without bias, normalized, activated. */
final class InceptionBlocks {
  private final ModelBuilder b;

  InceptionBlocks(ModelBuilder b) {
    this.b = b;
  }

  /** The first layers, down to 35 x 35 where the picture is 299 x 299. */
  SymbolicTensor stem(SymbolicTensor input) {
    SymbolicTensor x = reduced(input, 32);
    x = valid(x, 32, 3);
    x = conv(x, 64, 3, 3);
    x = b.maxPooling2d(3).strides(2).apply(x);
    x = valid(x, 80, 1);
    x = valid(x, 192, 3);
    return b.maxPooling2d(3).strides(2).apply(x);
  }

  /** One, five and twice three pixels wide, beside a mean. */
  SymbolicTensor fine(SymbolicTensor x, String name, int narrow, int averaged) {
    SymbolicTensor one = conv(x, narrow, 1, 1);
    SymbolicTensor five = conv(conv(x, 48, 1, 1), 64, 5, 5);
    SymbolicTensor three = conv(conv(conv(x, 64, 1, 1), 96, 3, 3), 96, 3, 3);
    return join(name, one, five, three, average(x, averaged));
  }

  SymbolicTensor join(String name, SymbolicTensor... parts) {
    return Blocks.named(b.concatenate(), name).set("axis", 3).apply(parts);
  }

  SymbolicTensor average(SymbolicTensor x, int filters) {
    return conv(b.averagePooling2d(3).strides(1).padding("same").apply(x), filters, 1, 1);
  }

  /** At every other place. */
  SymbolicTensor reduced(SymbolicTensor x, int filters) {
    return finish(b.conv2d(filters, 3).strides(2).useBias(false).apply(x));
  }

  /** At the same places. */
  SymbolicTensor conv(SymbolicTensor x, int filters, int rows, int columns) {
    return finish(b.conv2d(filters, rows, columns).padding("same").useBias(false).apply(x));
  }

  private SymbolicTensor valid(SymbolicTensor x, int filters, int kernel) {
    return finish(b.conv2d(filters, kernel).useBias(false).apply(x));
  }

  private SymbolicTensor finish(SymbolicTensor x) {
    return b.activation("relu").apply(b.batchNormalization().scale(false).apply(x));
  }
}
