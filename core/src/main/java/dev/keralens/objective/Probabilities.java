package dev.keralens.objective;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The probabilities of an output: its own, where it ends in a softmax or sigmoid, else a softmax
 * over its units.
 */
record Probabilities() implements Base {
  @Override
  public ResolvedObjective of(
      Network network, List<String> names, int output, @Nullable Integer unitAxis) {
    ResolvedObjective itself = new ModelUnits(true, false).of(network, names, output, unitAxis);
    return switch (itself.logits().ending()) {
      case SOFTMAX, SIGMOID, SEVERAL, UNKNOWN -> itself;
      case LOGARITHM -> made(itself, false);
      case SCORE, OTHER -> {
        if (itself.units() < 2) {
          throw new IllegalArgumentException(
              "The output %s is one number, and no probability of several classes (--probability); explain it itself (--of-output)."
                  .formatted(itself.target().shape()));
        }
        yield made(itself, true);
      }
      case SCALED ->
          throw new IllegalArgumentException(
              "The output %s is made of a softmax or sigmoid, but lies not between 0 and 1: it holds no probabilities (--probability)."
                  .formatted(itself.target().shape()));
    };
  }

  private static ResolvedObjective made(ResolvedObjective itself, boolean softmax) {
    GraphBuilder b = itself.builder();
    KerasTensor scores = itself.target();
    int axis = scores.axisInGraph(itself.unitAxis().axis());
    Value value =
        softmax
            ? b.node(Op.SOFTMAX, Attributes.of("axis", axis), scores.value())
            : b.node(Op.EXP, scores.value());
    KerasTensor probabilities = new KerasTensor(value, scores.layout());
    String how =
        softmax
            ? "the probability of a softmax over the units of the output, which ends in none"
            : "the probability, of which the output gives the logarithm";
    return itself.made(b, probabilities, probabilities, probabilities, how);
  }
}
