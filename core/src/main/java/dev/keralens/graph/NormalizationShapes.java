package dev.keralens.graph;

/** The checks of normalizations and of softmax, whose output has the shape of their input. */
final class NormalizationShapes {
  private NormalizationShapes() {}

  static void check(ShapeInference node) {
    Shape x = node.input(0).shape();
    int axis = node.axis(node.attributes().getInt("axis", -1), x.rank());
    switch (node.op()) {
      case BATCH_NORMALIZATION -> channels(node, x, 5);
      case INSTANCE_NORMALIZATION -> {
        plain(node, x, 2, x.rank());
        channels(node, x, 3);
      }
      case LAYER_NORMALIZATION -> {
        plain(node, x, axis, x.rank());
        layer(node, x, axis);
      }
      case LRN -> plain(node, x, 1, 2);
      case LOG_SOFTMAX, LP_NORMALIZATION, SOFTMAX -> plain(node, x, axis, axis + 1);
      default -> throw new AssertionError(node.op());
    }
  }

  private static void plain(ShapeInference node, Shape x, int from, int to) {
    for (int axis = from; axis < to; axis++) {
      node.plainAxis(axis, x);
    }
  }

  private static void channels(ShapeInference node, Shape x, int inputs) {
    Shape expected = Shape.of(x.size(1));
    for (int i = 1; i < inputs; i++) {
      Shape actual = node.input(i).shape();
      if (!actual.equals(expected)) {
        throw node.error("input %d is of shape %s, expected %s".formatted(i, actual, expected));
      }
    }
  }

  private static void layer(ShapeInference node, Shape x, int axis) {
    Shape normalized = x;
    for (int i = 0; i < axis; i++) {
      normalized = normalized.remove(0);
    }
    for (Value value : node.present().subList(1, node.present().size())) {
      if (!node.broadcast(normalized, value.shape()).equals(normalized)) {
        throw node.error("%s does not fit the normalized axes".formatted(value.shape()));
      }
    }
  }
}
