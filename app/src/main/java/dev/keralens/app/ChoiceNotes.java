package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Explanation;
import dev.keralens.inspect.logits.Logits;
import dev.keralens.inspect.logits.Logits.Ending;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/** Says what of the output is explained, where that is no matter of course. */
final class ChoiceNotes {
  private static final float ROUNDING = 1e-3f;

  private final Subject subject;
  private final Logits logits;
  private final boolean asWanted;
  private int images;
  private int absent;

  /**
   * Nothing is printed yet.
   *
   * @param logits what is explained
   * @param asWanted whether the user said that two classes are explained, or the output itself
   */
  ChoiceNotes(Subject subject, Logits logits, boolean asWanted) {
    this.subject = subject;
    this.logits = logits;
    this.asWanted = asWanted;
  }

  /** Prints what is explained, and on what ground. */
  void printBefore(PrintWriter err) throws IOException {
    logits.note().ifPresent(note -> err.printf("keralens: %s%n", note));
    if (!asWanted && logits.ending() == Ending.OTHER && sumsToOne()) {
      err.printf(
          "keralens: explained is the output itself, not logits: its units sum to 1 as probabilities"
              + " do, but it ends in no softmax that is known%n");
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
            .predict(List.of(subject.inputs().first()), ExplainOptions.defaults())
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
