package dev.keralens.objective;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;

/**
 * Each unit minus another one.
 *
 * @param other the unit that the others are compared with
 */
record Versus(int other) implements Change {
  @Override
  public ResolvedObjective of(ResolvedObjective units) {
    int count = units.units();
    if (other < 0 || other >= count) {
      throw new IllegalArgumentException(
          "There is no unit %d to compare with (--versus); the units are 0 to %d."
              .formatted(other, count - 1));
    } else if (count < 2) {
      throw new IllegalArgumentException(
          "There is one unit, and none to compare it with (--versus).");
    }
    GraphBuilder b = units.builder();
    KerasTensor target = units.target();
    int axis = units.unitAxis().axis();
    Value compared = UnitSlices.slice(b, target, axis, other, other + 1);
    KerasTensor difference = new KerasTensor(b.sub(target.value(), compared), target.layout());
    return units.made(
        b,
        difference,
        units.output(),
        units.ranked(),
        "the difference of each unit to unit %d: %s".formatted(other, units.description()));
  }

  /** The other unit is none of the highest. */
  @Override
  public ResolvedObjective last(ResolvedObjective units) {
    GraphBuilder b = units.builder();
    int axis = units.unitAxis().axis();
    KerasTensor ranked = UnitSlices.without(b, units.ranked(), axis, other);
    return units.made(b, units.target(), units.output(), ranked, null);
  }
}
