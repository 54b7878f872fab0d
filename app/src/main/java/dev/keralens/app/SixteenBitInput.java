package dev.keralens.app;

import dev.keralens.graph.Constant;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Network;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a model takes numbers of 0 to 65535: whether the first thing it does is to
 * scale its input by so little that 255 would be next to nothing.
 */
final class SixteenBitInput {
  /** 255 times a factor below this is nearly black; 65535 times 1/65535 is 1. */
  private static final double LARGEST_FACTOR = 0.2 / 255;

  /** At most one number a channel. */
  private static final int MOST_NUMBERS = 4;

  /** A square root, and the maximum with something small. */
  private static final int MOST_STEPS = 2;

  private static final Set<Op> MOVING = Set.of(Op.TRANSPOSE, Op.IDENTITY, Op.CAST, Op.RESHAPE);
  private static final Set<Op> SHIFTING = Set.of(Op.ADD, Op.SUB);

  private SixteenBitInput() {}

  /** What shows that a model takes numbers of 0 to 65535; nothing where it does not show. */
  static Optional<String> ground(Network network, KerasTensor input) {
    Value at = input.value();
    for (Node node : network.graph().nodes()) {
      if (node.inputs().isEmpty() || !node.inputs().contains(at)) {
        continue;
      }
      boolean isFirst = at.equals(node.optionalInput(0));
      if (isFirst && MOVING.contains(node.op())) {
        at = node.output();
      } else if (isFirst && SHIFTING.contains(node.op()) && isConstant(network, other(node, at))) {
        at = node.output();
      } else {
        return factor(network, node, at)
            .filter(factor -> Math.abs(factor) <= LARGEST_FACTOR && factor != 0)
            .map(factor -> "the model multiplies its input by %.3g".formatted(factor));
      }
    }
    return Optional.empty();
  }

  private static boolean isConstant(Network network, @Nullable Value value) {
    return value != null && network.graph().constant(value) != null;
  }

  private static Optional<Double> factor(Network network, Node node, Value at) {
    Value by = other(node, at);
    float[] numbers =
        by == null || by.shape().elements() > MOST_NUMBERS
            ? new float[0]
            : numbers(network, by, MOST_STEPS);
    if (!(node.op() == Op.MUL || node.op() == Op.DIV)) {
      return Optional.empty();
    }
    double largest = 0;
    for (float value : numbers) {
      double factor = node.op() == Op.MUL ? value : 1.0 / value;
      largest = Math.abs(factor) > Math.abs(largest) ? factor : largest;
    }
    boolean divides = node.op() == Op.MUL || at.equals(node.optionalInput(0));
    return divides ? Optional.of(largest) : Optional.empty();
  }

  /** What a node combines with a value. */
  private static @Nullable Value other(Node node, Value at) {
    return at.equals(node.optionalInput(0)) ? node.optionalInput(1) : node.optionalInput(0);
  }

  /** The numbers of a constant, or of what Keras makes of a variance; none if they are computed. */
  private static float[] numbers(Network network, Value value, int steps) {
    Constant constant = network.graph().constant(value);
    if (constant != null) {
      return constant.tensor().toFloatArray();
    }
    Node node = network.graph().producer(value).orElse(null);
    if (node == null || steps == 0 || !(node.op() == Op.SQRT || node.op() == Op.MAX)) {
      return new float[0];
    }
    float[] numbers = numbers(network, node.input(0), steps - 1);
    for (int i = 0; i < numbers.length && node.op() == Op.SQRT; i++) {
      numbers[i] = (float) Math.sqrt(numbers[i]);
    }
    return numbers;
  }
}
