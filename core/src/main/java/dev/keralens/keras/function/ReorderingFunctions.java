package dev.keralens.keras.function;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Axes;
import dev.keralens.network.KerasTensor;
import java.util.List;
import java.util.stream.IntStream;

/** Functions that repeat the elements of axes, or put them in another order. */
final class ReorderingFunctions {
  private ReorderingFunctions() {}

  static List<KerasTensor> tile(Operands operands) {
    Value value = operands.plain(operands.tensor(0, "x", "input"));
    int[] repeats = operands.integers(1, "repeats", "multiples");
    return List.of(
        KerasTensor.plain(operands.graph().node(Op.TILE, value, operands.graph().ints(repeats))));
  }

  /** Each element several times, side by side. */
  static List<KerasTensor> repeat(Operands operands) {
    KerasTensor x = operands.tensor(0, "x", "input");
    int times = operands.integer(1, "repeats", "rep");
    int axis = Axes.fromZero(operands.integer(2, "axis"), x.value().rank());
    int size = x.shape().size(axis);
    int[] index = IntStream.range(0, size * times).map(i -> i / times).toArray();
    return List.of(gather(operands, x, axis, index));
  }

  static List<KerasTensor> flip(Operands operands) {
    KerasTensor flipped = operands.tensor(0, "x", "tensor");
    for (int axis : operands.axes(flipped.value().rank(), 1, "axis")) {
      flipped = reversed(operands, flipped, axis);
    }
    return List.of(flipped);
  }

  /** A picture the other way round along an axis. */
  static FunctionBuilder flipped(int axis) {
    return operands -> {
      KerasTensor x = operands.tensor(0, "image", "x");
      return List.of(reversed(operands, x, Axes.fromZero(axis, x.value().rank())));
    };
  }

  private static KerasTensor reversed(Operands operands, KerasTensor x, int axis) {
    int size = x.shape().size(axis);
    int[] index = IntStream.range(0, size).map(i -> size - 1 - i).toArray();
    return gather(operands, x, axis, index);
  }

  static List<KerasTensor> roll(Operands operands) {
    KerasTensor rolled = operands.tensor(0, "x", "input");
    int[] shifts = operands.integers(1, "shift");
    int[] axes = operands.axes(rolled.value().rank(), 2, "axis");
    for (int i = 0; i < axes.length; i++) {
      int size = rolled.shape().size(axes[i]);
      int shift = shifts[i];
      int[] index =
          IntStream.range(0, size).map(place -> Math.floorMod(place - shift, size)).toArray();
      rolled = gather(operands, rolled, axes[i], index);
    }
    return List.of(rolled);
  }

  /** A quarter turn, k times, in the plane of two axes. */
  static List<KerasTensor> rot90(Operands operands) {
    KerasTensor x = operands.tensor(0, "array", "x");
    int[] axes = operands.axes(x.value().rank(), 2, "axes");
    KerasTensor turned = KerasTensor.plain(operands.plain(x));
    int[] swap = IntStream.range(0, x.value().rank()).toArray();
    swap[axes[0]] = axes[1];
    swap[axes[1]] = axes[0];
    for (int i = Math.floorMod(operands.integer(1, 1, "k"), 4); i > 0; i--) {
      KerasTensor swapped = KerasTensor.plain(operands.graph().transpose(turned.value(), swap));
      turned = reversed(operands, swapped, axes[0]);
    }
    return List.of(turned);
  }

  /** Elements of an axis, as Keras counts it, by their places. */
  private static KerasTensor gather(Operands operands, KerasTensor x, int axis, int[] index) {
    Attributes attributes = Attributes.of("axis", Axes.inGraph(axis, x.value().rank(), x.layout()));
    Value places = operands.graph().ints(index);
    return Operands.like(x, operands.graph().node(Op.GATHER, attributes, x.value(), places));
  }
}
