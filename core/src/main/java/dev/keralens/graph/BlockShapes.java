package dev.keralens.graph;

import java.util.List;

/** The output shapes of operators that move blocks of places into channels, and back. */
final class BlockShapes {
  private final ShapeInference node;
  private final Shape shape;
  private final int block;

  private BlockShapes(ShapeInference node) {
    this.node = node;
    this.shape = node.input(0).shape();
    if (shape.rank() != 4) {
      throw node.error("its input has %d axes, expected 4".formatted(shape.rank()));
    }
    for (int axis = 1; axis < 4; axis++) {
      node.plainAxis(axis, shape);
    }
    this.block = node.attributes().getInt("blocksize", 1);
    if (block < 1) {
      throw node.error("its blocksize is %d, expected 1 or more".formatted(block));
    }
  }

  static List<ValueType> depthToSpace(ShapeInference node) {
    return ShapeInference.one(node.input(0).type(), new BlockShapes(node).depthToSpace());
  }

  static List<ValueType> spaceToDepth(ShapeInference node) {
    return ShapeInference.one(node.input(0).type(), new BlockShapes(node).spaceToDepth());
  }

  private Shape depthToSpace() {
    return Shape.of(
        shape.size(0),
        divided(1, node.size((long) block * block, 1)),
        node.size((long) shape.size(2) * block, 2),
        node.size((long) shape.size(3) * block, 3));
  }

  private Shape spaceToDepth() {
    return Shape.of(
        shape.size(0),
        node.size(Math.multiplyExact((long) shape.size(1) * block, block), 1),
        divided(2, block),
        divided(3, block));
  }

  private int divided(int axis, int by) {
    if (shape.size(axis) % by != 0) {
      throw node.error(
          "axis %d has the size %d, not a multiple of %d".formatted(axis, shape.size(axis), by));
    }
    return shape.size(axis) / by;
  }
}
