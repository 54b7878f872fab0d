package dev.keralens.graph;

import java.util.List;

/** The checks of normalizations and of softmax, whose output has the shape of their input. */
final class NormalizationShapes {
  private NormalizationShapes() {}

  static List<ValueType> batch(ShapeInference node) {
    axis(node);
    channels(node, node.input(0).shape(), 5);
    return same(node);
  }

  static List<ValueType> instance(ShapeInference node) {
    Shape x = node.input(0).shape();
    axis(node);
    plain(node, x, 2, x.rank());
    channels(node, x, 3);
    return same(node);
  }

  static List<ValueType> layer(ShapeInference node) {
    Shape x = node.input(0).shape();
    int axis = axis(node);
    plain(node, x, axis, x.rank());
    layer(node, x, axis);
    return same(node);
  }

  static List<ValueType> localResponse(ShapeInference node) {
    axis(node);
    plain(node, node.input(0).shape(), 1, 2);
    return same(node);
  }

  /** Softmax, its logarithm, and the norm along one axis. */
  static List<ValueType> alongAxis(ShapeInference node) {
    int axis = axis(node);
    plain(node, node.input(0).shape(), axis, axis + 1);
    return same(node);
  }

  private static int axis(ShapeInference node) {
    Shape x = node.input(0).shape();
    return node.axis(node.attributes().getInt("axis", -1), x.rank());
  }

  private static List<ValueType> same(ShapeInference node) {
    return ShapeInference.one(node.sameType(0), node.input(0).shape());
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
