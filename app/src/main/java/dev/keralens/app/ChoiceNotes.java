package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Explanation;
import dev.keralens.inspect.Logits;
import dev.keralens.inspect.Logits.Ending;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;

/** Says what of the output is explained, where that is no matter of course. */
final class ChoiceNotes {
  private static final float ROUNDING = 1e-3f;

  private final Subject subject;
  private final ResolvedObjective objective;
  private final Logits logits;
  private final boolean asWanted;
  private final boolean isBox;
  private int images;
  private int absent;
  private int missed;

  /**
   * Nothing is printed yet.
   *
   * @param objective what is explained
   * @param asWanted whether the user said that two classes are explained, or the output itself
   * @param isBox whether it is the score of a box
   */
  ChoiceNotes(Subject subject, ResolvedObjective objective, boolean asWanted, boolean isBox) {
    this.subject = subject;
    this.objective = objective;
    this.logits = objective.logits();
    this.asWanted = asWanted || !objective.isUnits();
    this.isBox = isBox;
  }

  /** Prints what is explained, and on what ground. */
  void printBefore(PrintWriter err) throws IOException {
    objective.note().ifPresent(note -> err.printf("keralens: %s%n", subject.classes().named(note)));
    if (!asWanted && logits.ending() == Ending.OTHER && sumsToOne()) {
      err.printf(
          "keralens: explained is the output itself, not logits: its units sum to 1 as"
              + " probabilities do, but it ends in no softmax that is known%n");
    }
    err.flush();
  }

  /** Whether the units of the first image are between 0 and 1, and sum to 1. */
  private boolean sumsToOne() throws IOException {
    if (!subject.isClassifier() || logits.tensor().shape().size(1) < 2) {
      return false;
    }
    Tensor scores =
        subject
            .model()
            .predict(subject.inputs().firstBatch().all(), ExplainOptions.defaults())
            .get(subject.output());
    float sum = 0;
    for (float score : scores.toFloatArray()) {
      if (score < 0 || score > 1) {
        return false;
      }
      sum += score;
    }
    return Math.abs(sum - 1) < ROUNDING;
  }

  /** Looks at what one sigmoid neuron predicts. */
  void add(Explained batch) {
    for (int i = 0; isBox && i < batch.images(); i++) {
      missed += batch.explanations().get(0).scores().get(i, 0) == 0 ? 1 : 0;
    }
    if (!isOneNeuron()) {
      return;
    }
    Explanation explanation = batch.explanations().get(0);
    for (int i = 0; i < batch.images(); i++) {
      images++;
      absent += explanation.outputs().get(i, 0) < 0.5f ? 1 : 0;
    }
  }

  private boolean isOneNeuron() {
    return !asWanted
        && logits.ending() == Ending.SIGMOID
        && logits.tensor().shape().elements() == 1;
  }

  /** Prints of which class the maps of one sigmoid neuron are, where another one is predicted. */
  void printAfter(PrintWriter err) {
    if (missed > 0) {
      err.printf(
          "keralens: no prediction overlaps with the --box in %d %s, or its score is 0%n",
          missed, missed == 1 ? "image" : "images");
      err.flush();
    }
    if (!isOneNeuron() || absent == 0) {
      return;
    }
    err.printf(
        "keralens: the maps are of class 1, for which the one sigmoid neuron of %s speaks;"
            + " --two-classes explains the predicted class, which is class 0 (below 0.5) for %d of"
            + " %d %s%n",
        subject.model().name(), absent, images, images == 1 ? "image" : "images");
    err.flush();
  }
}
