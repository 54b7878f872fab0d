package dev.keralens.graph;

import dev.keralens.tensor.ElementType;
import java.util.List;

/** The output types and shapes of operators whose inputs are broadcast against one another. */
final class BroadcastShapes {
  private final ShapeInference node;

  private BroadcastShapes(ShapeInference node) {
    this.node = node;
  }

  static List<ValueType> infer(ShapeInference node) {
    BroadcastShapes shapes = new BroadcastShapes(node);
    return ShapeInference.one(shapes.type(), shapes.shape());
  }

  private ElementType type() {
    return switch (node.op()) {
      case POW -> node.input(0).type();
      case WHERE -> {
        if (node.input(0).type() != ElementType.BOOL) {
          throw node.error(
              "its condition is of type %s, expected BOOL".formatted(node.input(0).type()));
        }
        yield node.sameType(1);
      }
      case AND, OR, XOR -> {
        if (node.sameType(0) != ElementType.BOOL) {
          throw node.error("it takes truth values (BOOL)");
        }
        yield ElementType.BOOL;
      }
      case EQUAL, GREATER, GREATER_OR_EQUAL, LESS, LESS_OR_EQUAL -> {
        node.sameType(0);
        yield ElementType.BOOL;
      }
      default -> node.sameType(0);
    };
  }

  private Shape shape() {
    Shape first = node.input(0).shape();
    Shape shape = first;
    for (Value value : node.present()) {
      if (node.op() == Op.CLIP && value != node.input(0) && value.rank() != 0) {
        throw node.error("its bound is of shape %s, expected a scalar".formatted(value.shape()));
      }
      shape = node.broadcast(shape, value.shape());
    }
    if (node.op() == Op.PRELU && !shape.equals(first)) {
      throw node.error("its slope has more elements than its input");
    }
    return shape;
  }
}
