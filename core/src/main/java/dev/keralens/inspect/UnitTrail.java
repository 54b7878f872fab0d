package dev.keralens.inspect;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Follows an output back over what only rearranges it, to a value (batch, units): where its units
 * went is where they lie. Axes of size 1 that come and go carry nothing.
 */
final class UnitTrail {
  private static final Set<Op> SAME_AXES = EnumSet.of(Op.IDENTITY, Op.CAST, Op.EXPAND, Op.TILE);
  private static final Set<Op> OF_ONES = EnumSet.of(Op.RESHAPE, Op.SQUEEZE, Op.UNSQUEEZE);
  private static final int LOST = -1;

  private final Graph graph;

  UnitTrail(Graph graph) {
    this.graph = graph;
  }

  /** The axis of a value on which the units of a value (batch, units) lie that it is made of. */
  Optional<Found> axis(Value value) {
    int[] places = IntStream.range(0, value.rank()).toArray();
    Value current = value;
    while (current.rank() != 2) {
      Node node = graph.producer(current).orElse(null);
      int[] before = node == null ? null : before(node, places);
      if (node == null || before == null) {
        return Optional.empty();
      }
      places = before;
      current = node.input(0);
    }
    boolean several = current.shape().hasBatch() && current.shape().batchAxis() == 0;
    return several && current.shape().size(1) > 1 && places[1] != LOST
        ? Optional.of(new Found(places[1], current))
        : Optional.empty();
  }

  /** Where the axes of what a node reads lie in the end; null where that is not known. */
  private static int @Nullable [] before(Node node, int[] places) {
    Shape from = node.input(0).shape();
    if (node.op() == Op.TRANSPOSE) {
      int[] order = node.attributes().getInts("perm");
      int[] before = new int[places.length];
      for (int i = 0; order != null && i < order.length; i++) {
        before[order[i]] = places[i];
      }
      return order == null ? null : before;
    } else if (SAME_AXES.contains(node.op()) && from.rank() == places.length) {
      return places;
    }
    return OF_ONES.contains(node.op()) ? withoutOnes(from, node.output().shape(), places) : null;
  }

  private static int @Nullable [] withoutOnes(Shape from, Shape to, int[] places) {
    List<Integer> fromAxes = notOne(from);
    List<Integer> toAxes = notOne(to);
    int[] before = new int[from.rank()];
    Arrays.fill(before, LOST);
    if (fromAxes.size() != toAxes.size()) {
      return null;
    }
    for (int i = 0; i < fromAxes.size(); i++) {
      if (from.size(fromAxes.get(i)) != to.size(toAxes.get(i))) {
        return null;
      }
      before[fromAxes.get(i)] = places[toAxes.get(i)];
    }
    return before;
  }

  private static List<Integer> notOne(Shape shape) {
    List<Integer> axes = new ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (shape.size(axis) != 1) {
        axes.add(axis);
      }
    }
    return axes;
  }

  /**
   * Where units lie.
   *
   * @param axis the axis in the graph
   * @param units the value (batch, units)
   */
  record Found(int axis, Value units) {}
}
