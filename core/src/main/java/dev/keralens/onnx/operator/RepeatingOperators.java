package dev.keralens.onnx.operator;

import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;

/** Expand and Tile, which may repeat a value for each row of the batch. */
final class RepeatingOperators {
  private RepeatingOperators() {}

  static List<Known> expand(OnnxNode node) {
    Shape target = RearrangingOperators.shapeOf(node.numbers(1));
    Shape shape = broadcast(node.shape(0), target);
    if (node.known(0) instanceof Known.Uniform uniform) {
      return List.of(new Known.Uniform(uniform.type(), shape, uniform.number()));
    }
    Numbers numbers = node.numbersOrNull(0);
    if (numbers != null && numbers.size() == 1) {
      double number = numbers.single().number();
      return List.of(new Known.Uniform(numbers.type(), shape, number));
    }
    return repeated(node, shape);
  }

  private static List<Known> repeated(OnnxNode node, Shape shape) {
    Value x = node.value(0);
    Value out =
        shape.hasBatch() && !x.shape().hasBatch()
            ? node.fill().expand(x, shape)
            : node.builder().expand(x, shape);
    if (!out.shape().equals(shape)) {
      throw new IllegalArgumentException("%s cannot be repeated to %s".formatted(x.shape(), shape));
    }
    return OnnxNode.one(out);
  }

  private static Shape broadcast(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    int[] sizes = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int left = i <= a.rank() ? a.size(-i) : 1;
      int right = i <= b.rank() ? b.size(-i) : 1;
      if (left != right && left != 1 && right != 1) {
        throw new IllegalArgumentException("shapes %s and %s do not broadcast".formatted(a, b));
      }
      sizes[rank - i] = left == 1 ? right : left;
    }
    return Shape.of(sizes);
  }

  static List<Known> tile(OnnxNode node) {
    Shape shape = node.shape(0);
    Numbers repeats = node.numbers(1);
    if (repeats.size() != shape.rank()) {
      throw new IllegalArgumentException(
          "%d repeats for %d axes".formatted(repeats.size(), shape.rank()));
    }
    if (repeats.isFixed()) {
      return OnnxNode.one(
          node.builder().node(Op.TILE, node.value(0), node.builder().ints(repeats.ints())));
    }
    List<Linear> target = new ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      Linear repeat = repeats.elements().get(axis);
      if (shape.size(axis) != 1 && !repeat.equals(Linear.of(1))) {
        throw new Refusal("it repeats rows as often as the batch is long");
      }
      target.add(Linear.ofSize(shape.size(axis)).times(repeat));
    }
    return repeated(node, RearrangingOperators.shapeOf(Numbers.list(ElementType.INT64, target)));
  }
}
