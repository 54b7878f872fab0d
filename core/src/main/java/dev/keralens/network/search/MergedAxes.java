package dev.keralens.network.search;

import dev.keralens.graph.Value;
import java.util.List;
import java.util.function.Consumer;

/**
 * Several axes that are one elsewhere.
 *
 * @param apart the value that has them apart
 * @param parts its axes, those of size 1 left out
 * @param whole the value that has them in one
 * @param axis the axis there
 */
record MergedAxes(Value apart, List<Integer> parts, Value whole, int axis) {
  /**
   * Tells groups of a reshape apart: an axis alone in its group on both sides is the same axis;
   * axes of size 1 stand for nothing.
   *
   * @param joiner hears of axes that are the same one
   * @param merging hears of several that become one, or come from one
   */
  static AxisLinks.Grouper grouper(AxisLinks.Joiner joiner, Consumer<MergedAxes> merging) {
    return (x, left, out, right) -> {
      if (left.size() == 1 && right.size() == 1) {
        joiner.join(x, left.get(0), out, right.get(0));
        return;
      }
      List<Integer> from = left.stream().filter(axis -> x.shape().size(axis) != 1).toList();
      List<Integer> to = right.stream().filter(axis -> out.shape().size(axis) != 1).toList();
      if (hasBatch(x, from) || hasBatch(out, to)) {
        return;
      }
      if (from.size() == 1 && to.size() == 1) {
        joiner.join(x, from.get(0), out, to.get(0));
      } else if (to.size() == 1) {
        merging.accept(new MergedAxes(x, from, out, to.get(0)));
      } else if (from.size() == 1) {
        merging.accept(new MergedAxes(out, to, x, from.get(0)));
      }
    };
  }

  private static boolean hasBatch(Value value, List<Integer> axes) {
    return axes.stream().anyMatch(axis -> value.shape().size(axis) < 0);
  }
}
