package dev.keralens.network.search;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Where an operator puts what lies along an axis of its operand. */
public final class AxisMove {
  /** Nowhere: it is summed, mixed, or put in another order. */
  public static final int NOWHERE = -1;

  private AxisMove() {}

  /**
   * {@return the axis of the node's outputs along which the same places lie in the same order,
   * though some may be added or left out; {@link #NOWHERE} where there is none}
   *
   * @param graph the graph
   * @param node the operator
   * @param operand the position of the operand
   * @param axis an axis of the operand, not the batch's
   */
  public static int of(Graph graph, Node node, int operand, int axis) {
    int rank = node.input(operand).rank();
    return switch (node.op()) {
      case TRANSPOSE -> {
        int[] order = node.attributes().getInts("perm");
        yield order == null
            ? rank - 1 - axis
            : IntStream.range(0, rank).filter(i -> order[i] == axis).findFirst().orElse(NOWHERE);
      }
      case RESHAPE, FLATTEN, SQUEEZE, UNSQUEEZE ->
          operand == 0 ? reshaped(node.input(0), node.output(), axis, 1) : NOWHERE;
      case MAT_MUL -> {
        int summed = operand == 0 ? rank - 1 : rank - 2;
        yield rank < 2 || axis == summed ? NOWHERE : axis + node.output().rank() - rank;
      }
      case EINSUM -> {
        String[] sides = AxisLinks.equation(node);
        yield sides.length == 0
            ? NOWHERE
            : sides[sides.length - 1].indexOf(sides[operand].charAt(axis));
      }
      case GATHER -> operand == 0 ? gathered(graph, node, axis) : NOWHERE;
      case SLICE, PAD, SPLIT -> operand == 0 ? axis : NOWHERE;
      case CONCAT -> axis;
      case CONV,
          CONV_TRANSPOSE,
          AVERAGE_POOL,
          MAX_POOL,
          LP_POOL,
          LRN,
          BATCH_NORMALIZATION,
          DEPTH_TO_SPACE,
          SPACE_TO_DEPTH ->
          operand == 0 && axis > 1 ? axis : NOWHERE;
      case LAYER_NORMALIZATION -> operand == 0 && axis < own(node, rank, -1) ? axis : NOWHERE;
      case SOFTMAX, LOG_SOFTMAX, LP_NORMALIZATION, CUM_SUM ->
          operand == 0 && axis != own(node, rank, -1) ? axis : NOWHERE;
      case GEMM,
          GLOBAL_AVERAGE_POOL,
          GLOBAL_MAX_POOL,
          INSTANCE_NORMALIZATION,
          GATHER_ELEMENTS,
          GATHER_ND,
          SCATTER_ELEMENTS,
          SCATTER_ND,
          ONE_HOT,
          TOP_K ->
          NOWHERE;
      default ->
          AxisLinks.isReduction(node) ? reduced(graph, node, axis) : broadcast(node, operand, axis);
    };
  }

  private static int own(Node node, int rank, int otherwise) {
    return Math.floorMod(node.attributes().getInt("axis", otherwise), rank);
  }

  /**
   * {@return the axis of a reshaped value that holds several axes of what it is made of, the last
   * varying fastest; {@link #NOWHERE} where none holds these and no other}
   *
   * @param from the value that is reshaped
   * @param to what it becomes
   * @param first the first of the axes
   * @param count how many they are, one beside another
   */
  public static int reshaped(Value from, Value to, int first, int count) {
    int[] before = sizes(from);
    int[] after = sizes(to);
    long ahead = product(before, 0, first);
    long size = product(before, first, first + count);
    for (int axis = 0; axis < after.length; axis++) {
      boolean free = to.shape().size(axis) < 0; // then the batch is in it
      if (!free && product(after, 0, axis) == ahead && after[axis] == size) {
        return axis;
      }
    }
    return NOWHERE;
  }

  /**
   * {@return the first of the axes that one axis is cut into by a reshape: along it pieces lie, and
   * in these their places; {@link #NOWHERE} where the axis is not cut so}
   *
   * @param value the value that is reshaped
   * @param reshaped what it becomes
   * @param axis its axis
   */
  public static int cut(Value value, Value reshaped, int axis) {
    int[] before = sizes(value);
    int[] after = sizes(reshaped);
    long ahead = product(before, 0, axis);
    for (int from = 0; from < after.length; from++) {
      if (product(after, 0, from) != ahead || Math.abs(after[from]) == 1) {
        continue;
      }
      long size = after[from];
      for (int to = from + 1; to < after.length && size < before[axis]; to++) {
        size *= after[to];
      }
      return size == before[axis] ? from : NOWHERE;
    }
    return NOWHERE;
  }

  /**
   * {@return the values that a reshaped one becomes whose rows, the batch's among them, are
   * multiplied with weights and then laid out again; empty where something else becomes of it} Axes
   * of the rows go where {@link #reshaped} finds them.
   *
   * @param graph the graph
   * @param node the operator that reshapes to rows
   * @param axis an axis of its operand
   */
  public static List<Value> behindRows(Graph graph, Node node, int axis) {
    boolean rows = node.op() == Op.RESHAPE || node.op() == Op.FLATTEN;
    if (!rows
        || node.output().rank() != 2
        || product(sizes(node.input(0)), 0, axis + 1) > Math.abs(node.output().shape().size(0))) {
      return List.of();
    }
    List<Value> behind = new ArrayList<>();
    for (Node product : readers(graph, node.output())) {
      boolean byWeights =
          (product.op() == Op.GEMM || product.op() == Op.MAT_MUL)
              && product.input(0).equals(node.output())
              && graph.constant(product.input(1)) != null;
      for (Node back : byWeights ? readers(graph, product.output()) : List.of(product)) {
        if (!byWeights || back.op() != Op.RESHAPE) {
          return List.of();
        }
        behind.add(back.output());
      }
    }
    return behind;
  }

  private static List<Node> readers(Graph graph, Value value) {
    return graph.nodes().stream().filter(node -> node.inputs().contains(value)).toList();
  }

  private static int[] sizes(Value value) {
    return Arrays.stream(value.shape().sizes()).map(Math::abs).toArray();
  }

  private static long product(int[] sizes, int from, int to) {
    return Arrays.stream(sizes, from, to).asLongStream().reduce(1, Math::multiplyExact);
  }

  private static int gathered(Graph graph, Node node, int axis) {
    int along = own(node, node.input(0).rank(), 0);
    Value index = node.input(1);
    if (axis != along) {
      return axis < along ? axis : axis + index.rank() - 1;
    }
    Constant constant = graph.constant(index);
    if (constant == null || index.rank() != 1) {
      return NOWHERE;
    }
    long[] places = constant.tensor().toLongArray();
    boolean ascending = IntStream.range(1, places.length).allMatch(i -> places[i] >= places[i - 1]);
    return ascending && places.length > 0 && places[0] >= 0 ? axis : NOWHERE;
  }

  private static int reduced(Graph graph, Node node, int axis) {
    int rank = node.input(0).rank();
    int[] gone = graph.reducedAxes(node);
    if (Arrays.stream(gone).anyMatch(a -> a == axis)) {
      return NOWHERE;
    }
    boolean kept = node.output().rank() == rank;
    return kept ? axis : axis - (int) Arrays.stream(gone).filter(a -> a < axis).count();
  }

  private static int broadcast(Node node, int operand, int axis) {
    Value value = node.input(operand);
    int moved = axis + node.output().rank() - value.rank();
    return moved >= 0 && node.output().shape().size(moved) == value.shape().size(axis)
        ? moved
        : NOWHERE;
  }
}
