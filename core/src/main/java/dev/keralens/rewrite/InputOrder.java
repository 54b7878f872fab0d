package dev.keralens.rewrite;

import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings images to channels first before they are scaled and shifted by channel, as preprocessing
 * layers do, not after it: with three channels on the last axis, the engine computes three numbers
 * at a time.
 */
final class InputOrder {

  private InputOrder() {}

  static Graph rewrite(Graph graph) {
    return Pass.run(
        graph, (node, pass) -> node.op() == Op.TRANSPOSE ? transposedFirst(node, pass) : null);
  }

  private static @Nullable Value transposedFirst(Node transpose, Pass pass) {
    int rank = transpose.output().rank();
    int[] order = KerasTensor.channelsFirst(rank);
    boolean channelsFirst =
        rank >= 3 && Arrays.equals(transpose.attributes().getInts("perm"), order);
    Deque<Node> steps = new ArrayDeque<>();
    Value value = transpose.input(0);
    for (Node step = step(value, pass); step != null; step = step(value, pass)) {
      steps.push(step);
      value = step.input(constantInput(step) == 0 ? 1 : 0);
    }
    if (!channelsFirst || steps.isEmpty()) {
      return null;
    }
    GraphBuilder b = pass.builder();
    Value moved = b.transpose(pass.copy(value), order);
    for (Node step : steps) {
      int constant = constantInput(step);
      List<@Nullable Value> operands = new ArrayList<>(List.of(moved, moved));
      operands.set(constant, channelsFirst(step.input(constant), rank, pass));
      moved = b.nodes(step.op(), step.attributes(), 1, operands).get(0);
    }
    return moved;
  }

  /**
   * The arithmetic with what is the same for all images that computes a value, where nobody else
   * reads it.
   */
  private static @Nullable Node step(Value value, Pass pass) {
    Node node =
        pass.isReadOnce(value) ? pass.producer(value, Op.ADD, Op.SUB, Op.MUL, Op.DIV) : null;
    return node != null && constantInput(node) >= 0 ? node : null;
  }

  /**
   * The position of the operand that is one number, or one for each channel; -1 if there is none.
   */
  private static int constantInput(Node node) {
    for (int i = 0; i < 2; i++) {
      Shape shape = node.input(i).shape();
      boolean other = node.input(1 - i).shape().equals(node.output().shape());
      if (other && !shape.hasBatch() && perChannel(shape.sizes())) {
        return i;
      }
    }
    return -1;
  }

  private static boolean perChannel(int[] shape) {
    return shape.length == 0 || Tensor.elements(shape) == shape[shape.length - 1];
  }

  private static Value channelsFirst(Value value, int rank, Pass pass) {
    int[] shape = value.shape().sizes();
    if (shape.length == 0 || shape[shape.length - 1] == 1) {
      return pass.builder().reshape(pass.copy(value), Shape.of());
    }
    int[] sizes = new int[rank - 1];
    Arrays.fill(sizes, 1);
    sizes[0] = shape[shape.length - 1];
    return pass.builder().reshape(pass.copy(value), Shape.of(sizes));
  }
}
