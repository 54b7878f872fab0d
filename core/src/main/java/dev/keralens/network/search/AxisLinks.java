package dev.keralens.network.search;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which axes of an operator's operands are the same as those of its results: the one walk over
 * operators that {@link AxisRoles} and {@link PlaceRules} share.
 */
final class AxisLinks {
  private final Graph graph;
  private final Joiner joiner;
  private final Grouper grouper;

  /** Hears of two axes that are the same one. */
  @FunctionalInterface
  interface Joiner {
    void join(Value from, int axisFrom, Value to, int axisTo);
  }

  /**
   * Hears of the smallest groups of axes that hold the same elements before and after a reshape.
   */
  @FunctionalInterface
  interface Grouper {
    void group(Value from, List<Integer> axesFrom, Value to, List<Integer> axesTo);
  }

  AxisLinks(Graph graph, Joiner joiner, Grouper grouper) {
    this.graph = graph;
    this.joiner = joiner;
    this.grouper = grouper;
  }

  /** Adds those of an operator. */
  void add(Node node) {
    switch (node.op()) {
      case TRANSPOSE -> transposed(node);
      case RESHAPE, FLATTEN, SQUEEZE, UNSQUEEZE -> reshaped(node.input(0), node.output());
      case MAT_MUL -> product(node);
      case EINSUM -> einsum(node);
      case GATHER -> gathered(node);
      case GEMM,
          ONE_HOT,
          GATHER_ND,
          CONV,
          CONV_TRANSPOSE,
          AVERAGE_POOL,
          MAX_POOL,
          LP_POOL,
          GLOBAL_AVERAGE_POOL,
          GLOBAL_MAX_POOL,
          DEPTH_TO_SPACE,
          SPACE_TO_DEPTH -> {}
      case SCATTER_ND -> kept(node, List.of(node.input(0)));
      default -> {
        if (isReduction(node)) {
          reduced(node);
        } else {
          kept(node, node.inputs());
        }
      }
    }
  }

  /**
   * Whether a pooling is one over channels: with an axis put in before them, and a window that
   * reaches along them alone, neighbouring channels are added up, as for PyTorch's
   * LocalResponseNorm.
   */
  static boolean poolsChannels(Node node) {
    int[] kernel = node.attributes().getInts("kernel_shape");
    int[] strides = node.attributes().getInts("strides");
    return (node.op() == Op.AVERAGE_POOL || node.op() == Op.LP_POOL)
        && node.input(0).shape().size(1) == 1
        && kernel != null
        && kernel.length > 1
        && kernel[0] > 1
        && Arrays.stream(kernel).skip(1).allMatch(size -> size == 1)
        && (strides == null || Arrays.stream(strides).allMatch(stride -> stride == 1));
  }

  static boolean isReduction(Node node) {
    return node.op().name().startsWith("REDUCE_")
        || node.op() == Op.ARG_MAX
        || node.op() == Op.ARG_MIN;
  }

  private void transposed(Node node) {
    int[] order = node.attributes().getInts("perm");
    int rank = node.output().rank();
    for (int axis = 0; axis < rank; axis++) {
      int from = order == null ? rank - 1 - axis : order[axis];
      joiner.join(node.input(0), from, node.output(), axis);
    }
  }

  /**
   * Operators whose operands broadcast to the result, axes counted from the last. An axis of size 1
   * that is repeated is none of those that it is repeated along: a step of a mask is no feature.
   */
  private void kept(Node node, List<@Nullable Value> operands) {
    for (Value result : node.outputs()) {
      for (Value operand : operands) {
        if (operand == null || graph.constant(operand) != null || operand.rank() > result.rank()) {
          continue;
        }
        int missing = result.rank() - operand.rank();
        for (int axis = 0; axis < operand.rank(); axis++) {
          int size = operand.shape().size(axis);
          if (size != 1 || result.shape().size(axis + missing) == 1) {
            joiner.join(operand, axis, result, axis + missing);
          }
        }
      }
    }
  }

  private void reduced(Node node) {
    Value x = node.input(0);
    Value result = node.output();
    if (result.rank() == x.rank()) {
      kept(node, List.of(x));
      return;
    }
    boolean[] gone = new boolean[x.rank()];
    for (int axis : graph.reducedAxes(node)) {
      gone[axis] = true;
    }
    int to = 0;
    for (int axis = 0; axis < x.rank() && to < result.rank(); axis++) {
      if (!gone[axis]) {
        joiner.join(x, axis, result, to++);
      }
    }
  }

  private void product(Node node) {
    Value left = node.input(0);
    Value right = node.input(1);
    Value out = node.output();
    if (left.rank() < 2 || right.rank() < 2) {
      return;
    }
    for (Value operand : List.of(left, right)) {
      int missing = out.rank() - operand.rank();
      for (int axis = 0; axis < operand.rank() - 2; axis++) {
        joiner.join(operand, axis, out, axis + missing);
      }
    }
    joiner.join(left, left.rank() - 2, out, out.rank() - 2);
    joiner.join(right, right.rank() - 1, out, out.rank() - 1);
    joiner.join(left, left.rank() - 1, right, right.rank() - 2);
  }

  /** The letters of two operands and of the result; fewer where there are other operands. */
  static String[] equation(Node node) {
    String[] sides = node.attributes().getString("equation", "").replace(" ", "").split("->|,", -1);
    boolean plain =
        sides.length == node.inputs().size() + 1
            && Arrays.stream(sides).noneMatch(side -> side.contains("."));
    return plain ? sides : new String[0];
  }

  private void einsum(Node node) {
    String[] sides = equation(node);
    for (int i = 0; i + 1 < sides.length; i++) {
      for (int axis = 0; axis < sides[i].length(); axis++) {
        int to = sides[sides.length - 1].indexOf(sides[i].charAt(axis));
        if (to >= 0) {
          joiner.join(node.input(i), axis, node.output(), to);
        }
      }
    }
  }

  private void gathered(Node node) {
    Value x = node.input(0);
    int places = node.input(1).rank();
    int along = Math.floorMod(node.attributes().getInt("axis", 0), x.rank());
    for (int axis = 0; axis < x.rank(); axis++) {
      if (axis != along) {
        joiner.join(x, axis, node.output(), axis < along ? axis : axis + places - 1);
      } else if (places == 1) {
        joiner.join(x, axis, node.output(), axis);
      }
    }
  }

  /** Axes before and after a reshape fall into the smallest groups of the same product. */
  private void reshaped(Value x, Value out) {
    int[] before = Arrays.stream(x.shape().sizes()).map(Math::abs).toArray();
    int[] after = Arrays.stream(out.shape().sizes()).map(Math::abs).toArray();
    int i = 0;
    int j = 0;
    while (i < before.length && j < after.length) {
      List<Integer> left = new ArrayList<>(List.of(i));
      List<Integer> right = new ArrayList<>(List.of(j));
      long sizeLeft = before[i++];
      long sizeRight = after[j++];
      while (sizeLeft != sizeRight) {
        if (sizeLeft < sizeRight && i < before.length) {
          left.add(i);
          sizeLeft *= before[i++];
        } else if (sizeRight < sizeLeft && j < after.length) {
          right.add(j);
          sizeRight *= after[j++];
        } else {
          return;
        }
      }
      grouper.group(x, left, out, right);
    }
  }
}
