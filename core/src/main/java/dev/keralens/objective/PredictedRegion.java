package dev.keralens.objective;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.inspect.Logits.Ending;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Each unit over the places where it is the highest: the region that is predicted of the class. */
record PredictedRegion() implements Change {
  @Override
  public ResolvedObjective of(ResolvedObjective units) {
    KerasTensor target = units.target();
    KerasTensor by = units.source();
    int axis = units.unitAxis().axis();
    if (units.places().length == 0) {
      throw new IllegalArgumentException(
          "The output %s is no map, so no region of it is predicted (--region predicted is for segmentation)."
              .formatted(target.shape()));
    } else if (units.unitAxis().units(by) != units.units()) {
      throw new IllegalArgumentException(
          "Several units are summed to one, which has no predicted region of its own.");
    }
    GraphBuilder b = units.builder();
    Value inside = inside(b, units, by, axis);
    Value region = UnitSlices.arranged(b, inside, by.layout(), target.layout());
    KerasTensor output = units.output();
    Value own = UnitSlices.arranged(b, inside, by.layout(), output.layout());
    int[] others =
        IntStream.range(1, own.rank()).filter(i -> i != output.axisInGraph(axis)).toArray();
    Value places = b.max(b.reduceSum(own, true, others), b.scalar(1, own.type()));
    double all = Arrays.stream(units.places()).asDoubleStream().reduce(1, (x, y) -> x * y);
    Value mean = b.mul(b.div(b.mul(cast(b, output), own), places), all);
    return units.made(
        b,
        new KerasTensor(b.mul(cast(b, target), region), target.layout()),
        new KerasTensor(mean, output.layout()),
        new KerasTensor(inside, by.layout()),
        "each unit over the places where it is the highest: " + units.description());
  }

  private static Value cast(GraphBuilder b, KerasTensor tensor) {
    return b.cast(tensor.value(), ElementType.FLOAT32);
  }

  /** 1 where a unit is the highest; of one sigmoid, where it is above 0.5. */
  private static Value inside(
      GraphBuilder b, ResolvedObjective units, KerasTensor by, int shownAxis) {
    if (units.units() > 1) {
      int axis = by.axisInGraph(shownAxis);
      Value highest =
          b.node(Op.ARG_MAX, Attributes.of("axis", axis).with("keepdims", 1), by.value());
      Value positions = UnitSlices.positions(b, by, shownAxis);
      return b.cast(b.node(Op.EQUAL, highest, positions), ElementType.FLOAT32);
    }
    if (units.logits().ending() != Ending.SIGMOID) {
      throw new IllegalArgumentException(
          "The output %s has one unit and ends in no sigmoid; where it is predicted is not known. Give a region."
              .formatted(by.shape()));
    }
    double threshold = units.logits().isFound() ? 0 : 0.5;
    Value limit = b.scalar(threshold, by.value().type());
    return b.cast(b.node(Op.GREATER, by.value(), limit), ElementType.FLOAT32);
  }
}
