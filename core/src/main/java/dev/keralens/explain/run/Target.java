package dev.keralens.explain.run;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
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
 * @param outputs the output of the network for each, after what follows the target: float (batch,
 *     k)
 * @param seed what the target is weighted with to be differentiated, one at the unit and else zero:
 *     the target's shape with k rows for each of the batch
 */
record Target(Value units, Value scores, Value outputs, Value seed) {
  /**
   * Adds the units to a graph.
   *
   * @param given the units, int64 (batch, k); null to take the k highest
   */
  static Target add(GraphBuilder b, Setting setting, @Nullable Value given) {
    if (given != null && setting.byPlace()) {
      return byPlace(b, setting, given);
    }
    KerasTensor target = setting.target();
    int axis = target.axisInGraph(setting.unitAxis());
    Value sums = sums(b, target, setting);
    int count = sums.shape().size(1);
    Value units = given == null ? highest(b, setting) : given;
    Value scores = b.node(Op.GATHER_ELEMENTS, Attributes.of("axis", 1), sums, units);
    Value depth = b.constant(Tensor.of(new long[] {count}, 1));
    Value values = b.constant(Tensor.of(new float[] {0, 1}, 2));
    Value hot = b.node(Op.ONE_HOT, Attributes.of("axis", -1), units, depth, values);
    Value seed = seed(b, hot, target.value().shape(), axis, setting.units());
    Value region = region(b, target, setting);
    Value outputs = outputs(b, setting, units, scores);
    return new Target(units, scores, outputs, region == null ? seed : b.mul(seed, region));
  }

  private static Value highest(GraphBuilder b, Setting setting) {
    KerasTensor ranked = setting.objective().ranked();
    Value count = b.ints(setting.units());
    List<@Nullable Value> operands = Arrays.asList(sums(b, ranked, setting), count);
    return b.nodes(Op.TOP_K, Attributes.of("axis", 1), 2, operands).get(1);
  }

  /**
   * Adds the units to a graph, and takes the first column of them: the first unit of each image.
   *
   * @return int64 (batch, 1), a slice of all of them; by place (batch, places..., 1)
   */
  static Value firstUnit(GraphBuilder b, Setting setting) {
    Value given = input(b, setting);
    Value units = given == null ? highest(b, setting) : given;
    int[] last = {units.rank() - 1};
    return b.slice(units, last, new int[] {0}, new int[] {1});
  }

  /**
   * The model's output for each unit, such as its probability; of an output that is a map, its mean
   * over the places, as they are weighted. Where nothing comes after the target, the scores.
   */
  private static Value outputs(GraphBuilder b, Setting setting, Value units, Value scores) {
    double places = places(setting);
    if (setting.output().equals(setting.target()) || places <= 0) {
      return b.node(Op.IDENTITY, scores);
    }
    Value sums = sums(b, setting.output(), setting);
    Value chosen = b.node(Op.GATHER_ELEMENTS, Attributes.of("axis", 1), sums, units);
    return b.mul(chosen, 1 / places);
  }

  /** The number of places that a unit is summed over, each counted as the region weights it. */
  private static double places(Setting setting) {
    Tensor region = setting.region();
    if (region == null) {
      Shape shape = setting.target().shape();
      return (double) shape.elements() / shape.size(setting.unitAxis());
    }
    double sum = 0;
    for (float weight : region.toFloatArray()) {
      sum += weight;
    }
    return sum;
  }

  /**
   * Adds the input that units are given by: int64 (batch, k); by place (batch, places..., k).
   *
   * @return the input; null where the highest are taken
   */
  static @Nullable Value input(GraphBuilder b, Setting setting) {
    if (setting.highest()) {
      return null;
    }
    Shape shape = Shape.of(Shape.BATCH, setting.units());
    if (setting.byPlace()) {
      int[] order = unitsLast(setting, setting.target());
      Shape target = setting.target().value().shape().permute(order);
      shape = target.with(-1, setting.units());
    }
    return b.input("units", ElementType.INT64, shape);
  }

  /** The axes of a tensor's value in the order (batch, places as Keras shows them..., units). */
  private static int[] unitsLast(Setting setting, KerasTensor target) {
    int rank = target.value().rank();
    int last = target.axisInGraph(setting.unitAxis());
    int[] shown = IntStream.range(0, rank).map(target::axisInGraph).toArray();
    return IntStream.concat(Arrays.stream(shown).filter(axis -> axis != last), IntStream.of(last))
        .toArray();
  }

  /** Each place has units of its own: a unit's score is the sum of them over the places. */
  private static Target byPlace(GraphBuilder b, Setting setting, Value given) {
    KerasTensor target = setting.target();
    int[] order = unitsLast(setting, target);
    int rank = order.length;
    Value region = region(b, target, setting);
    Value weighted = weighted(b, target, setting);
    Value scores = chosen(b, weighted, given);
    double places = places(setting);
    boolean same = setting.output().equals(target) || places <= 0;
    Value outputs =
        same
            ? b.node(Op.IDENTITY, scores)
            : b.mul(chosen(b, weighted(b, setting.output(), setting), given), 1 / places);
    Value depth = b.constant(Tensor.of(new long[] {weighted.shape().size(-1)}, 1));
    Value values = b.constant(Tensor.of(new float[] {0, 1}, 2));
    Value hot = b.node(Op.ONE_HOT, Attributes.of("axis", -1), given, depth, values);
    int[] unitsSecond =
        IntStream.rangeClosed(0, rank)
            .map(i -> i == 0 || i == rank ? i : i == 1 ? rank - 1 : i - 1)
            .toArray();
    Shape rows = weighted.shape().repeat(setting.units());
    Value seed = b.reshape(b.transpose(hot, unitsSecond), rows);
    int[] back = new int[rank];
    for (int i = 0; i < rank; i++) {
      back[order[i]] = i;
    }
    seed = b.transpose(seed, back);
    Value weights = region == null ? seed : b.mul(seed, region);
    return new Target(given, scores, outputs, weights);
  }

  /** A tensor weighted by the region: (batch, places as Keras shows them..., units). */
  private static Value weighted(GraphBuilder b, KerasTensor tensor, Setting setting) {
    Value region = region(b, tensor, setting);
    Value value = b.cast(tensor.value(), ElementType.FLOAT32);
    return b.transpose(region == null ? value : b.mul(value, region), unitsLast(setting, tensor));
  }

  /** The sum over the places of the units that are given for each. */
  private static Value chosen(GraphBuilder b, Value weighted, Value given) {
    int last = weighted.rank() - 1;
    Value chosen = b.node(Op.GATHER_ELEMENTS, Attributes.of("axis", last), weighted, given);
    return b.reduceSum(chosen, false, IntStream.range(1, last).toArray());
  }

  /**
   * The sum of each unit over all axes but its own, weighted by the region: (batch, units).
   *
   * @param target the target of the setting, or its copy
   */
  static Value sums(GraphBuilder b, KerasTensor target, Setting setting) {
    int axis = target.axisInGraph(setting.unitAxis());
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
    sizes[0] = 1;
    sizes[setting.unitAxis()] = 1;
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
  List<Value> all() {
    return List.of(units, scores, outputs);
  }
}
