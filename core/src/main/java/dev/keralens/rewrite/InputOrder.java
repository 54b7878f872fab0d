package dev.keralens.rewrite;

import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Brings images to channels first before they are scaled and shifted by channel, as preprocessing
 * layers do, or multiplied with masks, not after it: with three channels on the last axis, the
 * engine computes three numbers at a time.
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
      value = step.input(1 - other(step));
    }
    if (!channelsFirst || steps.isEmpty()) {
      return null;
    }
    GraphBuilder b = pass.builder();
    Value moved = b.transpose(pass.copy(value), order);
    for (Node step : steps) {
      int other = other(step);
      List<@Nullable Value> operands = new ArrayList<>(List.of(moved, moved));
      operands.set(other, channelsFirst(step.input(other), rank, pass));
      moved = b.nodes(step.op(), step.attributes(), 1, operands).get(0);
    }
    return moved;
  }

  /** The arithmetic with channels or masks that computes a value, where nobody else reads it. */
  private static @Nullable Node step(Value value, Pass pass) {
    Node node =
        pass.isReadOnce(value) ? pass.producer(value, Op.ADD, Op.SUB, Op.MUL, Op.DIV) : null;
    return node != null && other(node) >= 0 ? node : null;
  }

  /**
   * The position of the operand that needs no transposition to come channels first, where the other
   * one has all pixels and channels; -1 if there is none.
   */
  private static int other(Node node) {
    Shape whole = node.output().shape();
    for (int i = 0; i < 2; i++) {
      Shape images = node.input(1 - i).shape();
      boolean all =
          images.rank() == whole.rank()
              && whole.size(0) == Shape.BATCH
              && images.remove(0).equals(whole.remove(0));
      if (all && (isPerChannel(node.input(i)) || isMask(node.input(i), whole))) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isPerChannel(Value value) {
    int[] sizes = value.shape().sizes();
    return !value.shape().hasBatch()
        && (sizes.length == 0 || Tensor.elements(sizes) == sizes[sizes.length - 1]);
  }

  private static boolean isMask(Value value, Shape images) {
    return value.rank() == images.rank() && value.shape().size(-1) == 1;
  }

  private static Value channelsFirst(Value value, int rank, Pass pass) {
    Shape shape = value.shape();
    Shape first =
        isPerChannel(value)
            ? Shape.of(
                IntStream.range(1, rank).map(axis -> axis == 1 ? channels(shape) : 1).toArray())
            : shape.remove(rank - 1).insert(1, 1);
    return pass.builder().reshape(pass.copy(value), first);
  }

  private static int channels(Shape shape) {
    return shape.rank() == 0 ? 1 : shape.size(-1);
  }
}
