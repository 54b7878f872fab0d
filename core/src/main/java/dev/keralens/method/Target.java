package dev.keralens.method;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layout;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The units that are explained, in the graph.
 *
 * @param units int64 (batch, k)
 * @param scores the target's value for each: float (batch, k)
 * @param seed what the target is weighted with to be differentiated, one at the unit and else zero:
 *     the target's shape with k rows for each of the batch
 */
record Target(Value units, Value scores, Value seed) {
  /**
   * Adds the units to a graph.
   *
   * @param given the units, int64 (batch, k); null to take the k highest
   */
  static Target add(GraphBuilder b, Setting setting, @Nullable Value given) {
    KerasTensor target = setting.target();
    int axis = axis(target, setting.unitAxis());
    Value sums = sums(b, target, setting);
    int count = sums.shape().size(1);
    Value units = given;
    if (units == null) {
      Attributes attributes = Attributes.of("axis", 1);
      units = b.nodes(Op.TOP_K, attributes, 2, Arrays.asList(sums, b.ints(setting.units()))).get(1);
    }
    Value scores = b.node(Op.GATHER_ELEMENTS, Attributes.of("axis", 1), sums, units);
    Value depth = b.constant(Tensor.of(new long[] {count}, 1));
    Value values = b.constant(Tensor.of(new float[] {0, 1}, 2));
    Value hot = b.node(Op.ONE_HOT, Attributes.of("axis", -1), units, depth, values);
    Value seed = seed(b, hot, target.value().shape(), axis, setting.units());
    Value region = region(b, target, setting);
    return new Target(units, scores, region == null ? seed : b.mul(seed, region));
  }

  /** The unit axis as the graph has it. */
  private static int axis(KerasTensor target, int unitAxis) {
    int rank = target.value().rank();
    int shown = unitAxis < 0 ? unitAxis + rank : unitAxis;
    if (rank < 2 || shown < 1 || shown >= rank) {
      throw new IllegalArgumentException(
          "The explained output %s has no axis %d for its units."
              .formatted(target.shape(), unitAxis));
    }
    return target.layout() == Layout.CHANNELS_MOVED ? KerasTensor.channelsLast(rank)[shown] : shown;
  }

  /**
   * The sum of each unit over all axes but its own, weighted by the region: (batch, units).
   *
   * @param target the target of the setting, or its copy
   */
  static Value sums(GraphBuilder b, KerasTensor target, Setting setting) {
    int axis = axis(target, setting.unitAxis());
    int[] others = IntStream.range(1, target.value().rank()).filter(i -> i != axis).toArray();
    Value scores = b.cast(target.value(), ElementType.FLOAT32);
    Value region = region(b, target, setting);
    return b.reduceSum(region == null ? scores : b.mul(scores, region), false, others);
  }

  /** The region as a constant that broadcasts to the target. */
  private static @Nullable Value region(GraphBuilder b, KerasTensor target, Setting setting) {
    Tensor region = setting.region();
    if (region == null) {
      return null;
    }
    int[] sizes = target.shape().sizes();
    int axis = setting.unitAxis() < 0 ? setting.unitAxis() + sizes.length : setting.unitAxis();
    int[] places =
        IntStream.range(1, sizes.length).filter(i -> i != axis).map(i -> sizes[i]).toArray();
    if (!Arrays.equals(places, region.shape())) {
      throw new IllegalArgumentException(
          "A region of the explained output %s has the shape %s, got %s."
              .formatted(target.shape(), Tensor.describe(places), region));
    }
    sizes[0] = 1;
    sizes[axis] = 1;
    Tensor weights = Tensor.of(region.toFloatArray(), sizes);
    return b.constant(
        target.layout() == Layout.CHANNELS_MOVED
            ? weights.transpose(KerasTensor.channelsFirst(sizes.length))
            : weights);
  }

  private static Value seed(GraphBuilder b, Value hot, Shape target, int axis, int units) {
    int batch = target.size(0);
    int[] sizes = new int[target.rank()];
    Arrays.fill(sizes, 1);
    sizes[0] = batch * units;
    sizes[axis] = target.size(axis);
    return b.expand(b.reshape(hot, Shape.of(sizes)), target.repeat(units));
  }

  /** {@return the values that a graph gives out for the units} */
  List<Value> outputs() {
    return List.of(units, scores);
  }
}
