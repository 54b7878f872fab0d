package dev.keralens.objective;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Parts of a value along the axis of its units. */
final class UnitSlices {
  private UnitSlices() {}

  /** The units from one to another, which is not among them. */
  static Value slice(GraphBuilder b, KerasTensor tensor, int shownAxis, int from, int to) {
    int axis = tensor.axisInGraph(shownAxis);
    return b.slice(tensor.value(), new int[] {axis}, new int[] {from}, new int[] {to});
  }

  /** A number for each unit, as a constant that broadcasts to a tensor. */
  static Value perUnit(GraphBuilder b, KerasTensor tensor, int shownAxis, float[] numbers) {
    int[] sizes = new int[tensor.value().rank()];
    Arrays.fill(sizes, 1);
    sizes[tensor.axisInGraph(shownAxis)] = numbers.length;
    return b.cast(b.constant(Tensor.of(numbers, sizes)), tensor.value().type());
  }

  /** The position of each unit, int64, as a constant that broadcasts to a tensor. */
  static Value positions(GraphBuilder b, KerasTensor tensor, int shownAxis) {
    int axis = tensor.axisInGraph(shownAxis);
    int[] sizes = new int[tensor.value().rank()];
    Arrays.fill(sizes, 1);
    sizes[axis] = tensor.value().shape().size(axis);
    long[] positions = new long[sizes[axis]];
    Arrays.setAll(positions, i -> i);
    return b.constant(Tensor.of(positions, sizes));
  }

  /** The tensor with one unit below all others, so that it is never the highest. */
  static KerasTensor without(GraphBuilder b, KerasTensor tensor, int shownAxis, int unit) {
    int axis = tensor.axisInGraph(shownAxis);
    int units = tensor.value().shape().size(axis);
    ElementType type = tensor.value().type();
    List<Value> parts = new ArrayList<>();
    if (unit > 0) {
      parts.add(slice(b, tensor, shownAxis, 0, unit));
    }
    Value one = slice(b, tensor, shownAxis, unit, unit + 1);
    parts.add(b.min(one, b.scalar(-Float.MAX_VALUE, type)));
    if (unit + 1 < units) {
      parts.add(slice(b, tensor, shownAxis, unit + 1, units));
    }
    return new KerasTensor(b.concat(axis, parts), tensor.layout());
  }

  /** A value of one tensor's order of axes in that of another one. */
  static Value arranged(GraphBuilder b, Value value, Layout from, Layout to) {
    boolean moved = from == Layout.CHANNELS_MOVED;
    if (moved == (to == Layout.CHANNELS_MOVED)) {
      return value;
    }
    int rank = value.rank();
    return b.transpose(
        value, moved ? KerasTensor.channelsLast(rank) : KerasTensor.channelsFirst(rank));
  }
}
