package dev.keralens.grad;

import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds ReLU in all its forms: Relu, a Clip from zero as ReLU6 is, ThresholdedRelu, the maximum of
 * a value and zero, a value that is kept where it is above a threshold and else zero, and a value
 * times whether it is above a threshold. Zeros may be of any shape, also one for each row of the
 * batch ({@code zeros_like}).
 */
final class RectifiedInput {
  /** A constant of more elements is not looked through. */
  private static final long MOST_ZEROS = 1 << 22;

  /** Further back nothing is looked for: a deep network is not walked through at each node. */
  private static final int MOST_STEPS = 16;

  private RectifiedInput() {}

  /** {@return the position of the input that a node rectifies; -1 where it is no ReLU} */
  static int of(Node node, GraphBuilder graph) {
    return switch (node.op()) {
      case RELU, THRESHOLDED_RELU -> 0;
      case CLIP -> isZero(node.optionalInput(1), graph) ? 0 : -1;
      case MAX -> node.inputs().size() == 2 ? beside(node, graph) : -1;
      case WHERE -> kept(node, graph);
      case MUL -> masked(node, graph);
      default -> -1;
    };
  }

  /** The one of two inputs that is not zero. */
  private static int beside(Node node, GraphBuilder graph) {
    boolean first = isZero(node.input(0), graph);
    boolean second = isZero(node.input(1), graph);
    return first == second ? -1 : first ? 1 : 0;
  }

  /** Of a Where, what is kept above a threshold and else zero. */
  private static int kept(Node node, GraphBuilder graph) {
    for (int input = 1; input <= 2; input++) {
      if (isZero(node.input(3 - input), graph)
          && isAbove(node.input(0), node.input(input), input == 1, graph)) {
        return input;
      }
    }
    return -1;
  }

  /** Of a product, what is multiplied with 1 where it is above a threshold and else with 0. */
  private static int masked(Node node, GraphBuilder graph) {
    for (int input = 0; input < 2; input++) {
      Node mask = graph.producerOf(node.input(1 - input));
      if (mask != null
          && mask.op() == Op.CAST
          && isAbove(mask.input(0), node.input(input), true, graph)) {
        return input;
      }
    }
    return -1;
  }

  /** Whether a condition is that a value is above a threshold, or, where so wanted, below it. */
  private static boolean isAbove(Value condition, Value value, boolean above, GraphBuilder graph) {
    Node node = graph.producerOf(condition);
    if (node == null) {
      return false;
    }
    boolean greater;
    switch (node.op()) {
      case NOT -> {
        return isAbove(node.input(0), value, !above, graph);
      }
      case GREATER, GREATER_OR_EQUAL -> greater = true;
      case LESS, LESS_OR_EQUAL -> greater = false;
      default -> {
        return false;
      }
    }
    boolean first = node.input(0).equals(value);
    boolean second = node.input(1).equals(value);
    Value threshold = node.input(first ? 1 : 0);
    return first != second && isSteady(threshold, graph) && (first == greater) == above;
  }

  /** Whether all elements of a value are zero, whatever the inputs. */
  private static boolean isZero(@Nullable Value value, GraphBuilder graph) {
    return isZero(value, graph, MOST_STEPS);
  }

  private static boolean isZero(@Nullable Value value, GraphBuilder graph, int steps) {
    Constant constant = value == null ? null : graph.constantOf(value);
    if (constant != null) {
      return constant.type().isFloating() && isZero(constant);
    }
    Node node = value == null || steps == 0 ? null : graph.producerOf(value);
    return node != null
        && switch (node.op()) {
          case LESS, GREATER -> node.input(0).equals(node.input(1));
          case CAST, EXPAND, IDENTITY, RESHAPE, SLICE, SQUEEZE, TRANSPOSE, UNSQUEEZE ->
              isZero(node.input(0), graph, steps - 1);
          case ADD -> node.inputs().stream().distinct().allMatch(x -> isZero(x, graph, steps - 1));
          case MUL -> node.inputs().stream().distinct().anyMatch(x -> isZero(x, graph, steps - 1));
          default -> false;
        };
  }

  private static boolean isNumberZero(Value value, GraphBuilder graph) {
    return value.shape().elements() == 1 && isZero(value, graph);
  }

  private static boolean isZero(Constant constant) {
    if (Tensor.elements(constant.shape()) > MOST_ZEROS) {
      return false;
    }
    for (float element : constant.tensor().toFloatArray()) {
      if (element != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether a value is the same for all inputs: a constant, or one that is made for each row of the
   * batch, in few steps.
   */
  static boolean isSteady(Value value, GraphBuilder graph) {
    return isSteady(value, graph, MOST_STEPS);
  }

  private static boolean isSteady(Value value, GraphBuilder graph, int steps) {
    if (graph.constantOf(value) != null) {
      return true;
    }
    Node node = graph.producerOf(value);
    if (node == null || steps == 0) {
      return false;
    }
    List<@Nullable Value> inputs = node.inputs();
    boolean same =
        switch (node.op()) {
          case EQUAL, GREATER, GREATER_OR_EQUAL, LESS, LESS_OR_EQUAL, SUB ->
              Objects.equals(inputs.get(0), inputs.get(1));
          case MUL -> inputs.stream().anyMatch(x -> x != null && isNumberZero(x, graph));
          default -> false;
        };
    return same
        || (!inputs.isEmpty()
            && inputs.stream()
                .distinct()
                .allMatch(x -> x == null || isSteady(x, graph, steps - 1)));
  }
}
