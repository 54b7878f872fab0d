package dev.keralens.objective;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.network.KerasTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One unit, the sum of some, each weighted.
 *
 * @param weights by units
 */
record WeightedSum(Map<Integer, Double> weights) implements Change {
  WeightedSum {
    weights = Map.copyOf(weights);
    boolean finite = weights.values().stream().allMatch(weight -> Double.isFinite(weight));
    if (!finite || weights.values().stream().allMatch(weight -> weight == 0)) {
      throw new IllegalArgumentException(
          "A weighted sum has at least one weight that is not 0, all of them finite; got %s."
              .formatted(weights));
    }
  }

  @Override
  public ResolvedObjective of(ResolvedObjective units) {
    int count = units.units();
    float[] each = new float[count];
    weights.forEach(
        (unit, weight) -> {
          if (unit < 0 || unit >= count) {
            throw new IllegalArgumentException(
                "There is no unit %d to sum; the units are 0 to %d.".formatted(unit, count - 1));
          }
          each[unit] = weight.floatValue();
        });
    GraphBuilder b = units.builder();
    int axis = units.unitAxis().axis();
    KerasTensor target = sum(b, units.target(), axis, each);
    boolean same = units.output().equals(units.target());
    KerasTensor output = same ? target : sum(b, units.output(), axis, each);
    String name = name();
    return units
        .made(b, target, output, target, "the sum %s of %s".formatted(name, units.description()))
        .named(List.of(name));
  }

  /** Such as {@code unit 3 - 0.5 unit 1}. */
  private String name() {
    StringBuilder name = new StringBuilder();
    new TreeMap<>(weights)
        .forEach(
            (unit, weight) -> {
              boolean first = name.length() == 0;
              name.append(weight < 0 ? (first ? "-" : " - ") : first ? "" : " + ");
              name.append(Math.abs(weight) == 1 ? "" : number(Math.abs(weight)) + " ");
              name.append("unit ").append(unit);
            });
    return name.toString();
  }

  private static String number(double weight) {
    return weight == Math.rint(weight) && Math.abs(weight) < 1e9
        ? String.valueOf((long) weight)
        : String.valueOf((float) weight);
  }

  private static KerasTensor sum(GraphBuilder b, KerasTensor tensor, int axis, float[] weights) {
    float[] all = Arrays.copyOf(weights, weights.length);
    return new KerasTensor(
        b.reduceSum(
            b.mul(tensor.value(), UnitSlices.perUnit(b, tensor, axis, all)),
            true,
            tensor.axisInGraph(axis)),
        tensor.layout());
  }
}
