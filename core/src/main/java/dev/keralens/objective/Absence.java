package dev.keralens.objective;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;

/**
 * The absence of each unit: minus its score; 1 minus its probability.
 *
 * @param ofProbabilities whether probabilities were asked for, which the model may not end in
 */
record Absence(boolean ofProbabilities) implements Change {
  @Override
  public ResolvedObjective of(ResolvedObjective units) {
    GraphBuilder b = units.builder();
    boolean probabilities = ofProbabilities || units.logits().endsInProbabilities();
    boolean same = units.output().equals(units.target());
    KerasTensor target = absence(b, units.target(), probabilities && same);
    KerasTensor output = same ? target : absence(b, units.output(), probabilities);
    String how = probabilities && same ? "1 minus each unit of " : "minus ";
    return units.made(
        b, target, output, units.ranked(), "the absence of a unit: " + how + units.description());
  }

  private static KerasTensor absence(GraphBuilder b, KerasTensor unit, boolean probability) {
    Value value = unit.value();
    Value absence = probability ? b.sub(b.scalar(1, value.type()), value) : b.neg(value);
    return new KerasTensor(absence, unit.layout());
  }
}
