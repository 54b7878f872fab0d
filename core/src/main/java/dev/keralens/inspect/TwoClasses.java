package dev.keralens.inspect;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.inspect.Logits.Ending;
import dev.keralens.network.KerasTensor;
import java.util.List;

/** One unit as two classes: its absence, and the unit itself. */
final class TwoClasses {
  private TwoClasses() {}

  static Logits of(Logits one, int unitAxis) {
    KerasTensor tensor = one.tensor();
    int rank = tensor.shape().rank();
    int shown = unitAxis < 0 ? unitAxis + rank : unitAxis;
    if (shown < 1 || shown >= rank || tensor.shape().size(shown) != 1) {
      throw new IllegalArgumentException(
          "Two classes are made of one unit (--two-classes), but the explained output is %s."
              .formatted(tensor.shape()));
    } else if (one.ending() == Ending.SOFTMAX) {
      throw new IllegalArgumentException(
          "The softmax of one unit is always 1; there are no two classes to explain.");
    }
    GraphBuilder b = GraphBuilder.from(one.network().graph());
    b.scope("classes");
    boolean probability = one.endsInProbabilities();
    KerasTensor both = joined(b, tensor, shown, probability && !one.isFound());
    KerasTensor outputs =
        probability && one.isFound() ? joined(b, one.output(), shown, true) : both;
    return new Logits(
        LogitsSearch.extended(one.network(), b, both.value(), outputs.value()),
        both,
        outputs,
        one.ending(),
        one.layers(),
        "class 1 is %s; class 0 is %s"
            .formatted(one.ground(), probability && !one.isFound() ? "1 minus that" : "minus that"),
        false);
  }

  /** The absence of a unit before the unit: 1 - p of a probability, else minus the score. */
  private static KerasTensor joined(
      GraphBuilder b, KerasTensor unit, int shown, boolean probability) {
    Value value = unit.value();
    int axis = unit.axisInGraph(shown);
    Value absence = probability ? b.sub(b.scalar(1, value.type()), value) : b.neg(value);
    return new KerasTensor(b.concat(axis, List.of(absence, value)), unit.layout());
  }
}
