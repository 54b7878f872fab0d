package dev.keralens.onnx.operator;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.List;
import java.util.function.Function;

/** Reshape, and what comes to the same. */
final class Reshaping {
  private Reshaping() {}

  static List<Known> reshape(OnnxNode node) {
    Shape target = target(node.shape(0), node);
    if (MergedRows.hides(node.shape(0), target, node.freesBatch())) {
      return MergedRows.together(node, target);
    }
    return to(node, target, b -> b.reshape(node.value(0), target));
  }

  /**
   * Gives an input another shape: constants as constants.
   *
   * @param shape the shape
   * @param otherwise what the graph does
   */
  static List<Known> to(OnnxNode node, Shape shape, Function<GraphBuilder, Value> otherwise) {
    if (shape.elements() != node.shape(0).elements()
        || shape.hasBatch() != node.shape(0).hasBatch()) {
      throw new IllegalArgumentException(
          "%s cannot take the shape %s".formatted(node.shape(0), shape));
    }
    if (node.known(0) instanceof Known.Uniform uniform) {
      return List.of(new Known.Uniform(uniform.type(), shape, uniform.number()));
    }
    if (node.known(0) instanceof Known.Weight) {
      int[] sizes = shape.sizes();
      return ConstantOperators.derived(node, sizes, tensor -> tensor.reshape(sizes));
    }
    return OnnxNode.one(otherwise.apply(node.builder()));
  }

  /**
   * The shape that Reshape's second input asks for: 0 is the size that the axis has, -1 what is
   * left over. Where the batch was of size one in the file and is free now, it is the first axis
   * that begins where the batch began.
   */
  static Shape target(Shape from, OnnxNode node) {
    Numbers numbers = node.numbers(1);
    boolean zeros = node.intAttribute("allowzero", 0) != 0;
    int[] sizes = new int[numbers.size()];
    int open = -1;
    long known = 1;
    boolean batched = false;
    for (int axis = 0; axis < sizes.length; axis++) {
      Linear size = numbers.elements().get(axis);
      if (size.equals(Linear.of(-1))) {
        if (open >= 0) {
          throw new IllegalArgumentException("two axes of its shape are left open");
        }
        open = axis;
        continue;
      }
      if (size.equals(Linear.ZERO) && !zeros) {
        if (axis >= from.rank()) {
          throw new IllegalArgumentException(
              "size %d of its new shape is 0, that of axis %1$d of the input %s, which has no such axis"
                  .formatted(axis, from));
        }
        sizes[axis] = from.size(axis);
      } else {
        sizes[axis] =
            RearrangingOperators.shapeOf(Numbers.list(numbers.type(), List.of(size))).size(0);
      }
      batched |= sizes[axis] < 0;
      known = Math.multiplyExact(known, (long) Math.abs(sizes[axis]));
    }
    if (open >= 0) {
      if (known == 0 || from.elements() % known != 0) {
        throw new IllegalArgumentException(
            "%s does not divide by the sizes that are given, %d".formatted(from, known));
      }
      sizes[open] = Math.toIntExact(from.elements() / known);
      if (from.hasBatch() && !batched && !node.freesBatch()) {
        sizes[open] = -sizes[open];
        batched = true;
      }
    }
    if (from.hasBatch() && !batched && node.freesBatch()) {
      freeBatch(sizes, from);
    }
    return Shape.of(sizes);
  }

  private static void freeBatch(int[] sizes, Shape from) {
    long before = 1;
    for (int axis = 0; axis < from.batchAxis(); axis++) {
      before *= from.size(axis);
    }
    long product = 1;
    for (int axis = 0; axis < sizes.length; axis++) {
      if (product == before) {
        sizes[axis] = -sizes[axis];
        return;
      }
      product *= sizes[axis];
    }
  }
}
