package dev.keralens.graph;

/** The output shapes of convolutions and poolings: operators that slide a window over an image. */
final class WindowShapes {
  private WindowShapes() {}

  static Shape infer(ShapeInference node) {
    Shape x = node.input(0).shape();
    int spatial = x.rank() - 2;
    if (spatial < 1) {
      throw node.error("its input needs a batch, a channel and at least one spatial axis");
    }
    Window window = Window.of(node.op(), node.attributes(), node.present());
    if (window.rank() != spatial) {
      throw node.error("it has %d spatial axes, its kernel %d".formatted(spatial, window.rank()));
    }
    Shape out = x;
    if (node.op() == Op.CONV || node.op() == Op.CONV_TRANSPOSE) {
      out = x.with(1, channels(node, x));
    }
    for (int i = 0; i < spatial; i++) {
      int size =
          node.op() == Op.CONV_TRANSPOSE
              ? window.transposedSize(i, x.size(i + 2))
              : window.outputSize(i, x.size(i + 2));
      if (size < 1) {
        throw node.error("the image is smaller than the window");
      }
      out = out.with(i + 2, size);
    }
    return out;
  }

  private static int channels(ShapeInference node, Shape x) {
    Shape kernel = node.input(1).shape();
    int group = node.attributes().getInt("group", 1);
    boolean transposed = node.op() == Op.CONV_TRANSPOSE;
    int expected = transposed ? kernel.size(0) : kernel.size(1) * group;
    if (x.size(1) != expected) {
      throw node.error("its kernel takes %d channels, got %d".formatted(expected, x.size(1)));
    }
    return transposed ? kernel.size(1) * group : kernel.size(0);
  }
}
