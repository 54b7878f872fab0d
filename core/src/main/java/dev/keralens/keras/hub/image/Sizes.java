package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/** The shapes that layers of KerasHub's own give: (height, width, channels). */
final class Sizes {
  private Sizes() {}

  /** {@return an image with other channels} */
  static int[] channels(SymbolicTensor x, int channels) {
    return new int[] {x.size(0), x.size(1), channels};
  }

  /** {@return what windows over an image with a margin give} */
  static int[] windows(SymbolicTensor x, int kernel, int stride, int margin, int channels) {
    return new int[] {
      places(x.size(0), kernel, stride, margin), places(x.size(1), kernel, stride, margin), channels
    };
  }

  static int places(int size, int kernel, int stride, int margin) {
    return size == ModelBuilder.OPEN ? size : (size + 2 * margin - kernel) / stride + 1;
  }
}
