package dev.keralens.applications;

import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/** What several networks have in common. */
final class Blocks {
  private Blocks() {}

  /** Mean over the image and a dense classifier, or what the pooling option says. */
  static SymbolicTensor head(
      ModelBuilder b, SymbolicTensor x, Options o, String average, String max) {
    if (!o.includeTop) {
      return pooled(b, x, o, average, max);
    }
    SymbolicTensor pooled = named(b.globalAveragePooling2d(), average).apply(x);
    return classifier(b, pooled, o);
  }

  static SymbolicTensor classifier(ModelBuilder b, SymbolicTensor x, Options o) {
    return b.dense(o.classes).activation(o.classifierActivation).name("predictions").apply(x);
  }

  /** The output of a network without its top. */
  static SymbolicTensor pooled(
      ModelBuilder b, SymbolicTensor x, Options o, String average, String max) {
    return switch (o.pooling) {
      case NONE -> x;
      case AVG -> named(b.globalAveragePooling2d(), average).apply(x);
      case MAX -> named(b.globalMaxPooling2d(), max).apply(x);
    };
  }

  /** A layer with a name, or, where that is empty, with one that Keras would number. */
  static LayerSpec named(LayerSpec layer, String name) {
    return name.isEmpty() ? layer : layer.name(name);
  }

  /**
   * Zeros before a strided "valid" convolution, so that it sees what TensorFlow's "same" would show
   * it: one side more than the other where the size is even. Where a size is open it counts as
   * even.
   */
  static LayerSpec evenPadding(ModelBuilder b, SymbolicTensor x, int kernel) {
    int half = kernel / 2;
    int top = half - (isOdd(x.size(0)) ? 0 : 1);
    int left = half - (isOdd(x.size(1)) ? 0 : 1);
    return b.zeroPadding2d(top, half, left, half);
  }

  private static boolean isOdd(int size) {
    return size != ModelBuilder.OPEN && size % 2 == 1;
  }

  /**
   * {@return the multiple of 8 that is nearest to a number of channels, and not less than nine
   * tenths of it}
   */
  static int eighths(double channels) {
    int rounded = Math.max(8, (int) (channels + 4) / 8 * 8);
    return rounded < 0.9 * channels ? rounded + 8 : rounded;
  }
}
