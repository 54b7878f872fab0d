package dev.keralens.app;

import dev.keralens.tensor.Tensor;
import java.io.PrintWriter;
import java.util.List;

/** The table of what was explained: for each image at most ten units, the highest of many. */
final class ScoreTable {
  private static final int MOST_UNITS = 10;

  private final Inputs inputs;
  private final boolean probabilities;
  private final Report report;
  private int units;

  /**
   * An empty table.
   *
   * @param probabilities whether the outputs are probabilities, which then stand beside the scores
   */
  ScoreTable(Inputs inputs, ClassNames classes, boolean probabilities) {
    this.inputs = inputs;
    this.probabilities = probabilities;
    report =
        new Report(classes, probabilities ? List.of("score", "probability") : List.of("score"));
  }

  /** Adds a batch. */
  void add(Explained batch) {
    units = batch.unitsPerImage();
    Tensor scores = batch.explanations().get(0).scores();
    Tensor outputs = batch.explanations().get(0).outputs();
    for (int i = 0; i < batch.images(); i++) {
      int[] shown = shown(scores.row(i).toFloatArray());
      for (int place = 0; place < shown.length; place++) {
        int k = shown[place];
        float score = scores.get(i, k);
        report.add(
            inputs.name(batch.place(i)),
            place,
            batch.unit(i, k),
            probabilities ? List.of(score, outputs.get(i, k)) : List.of(score));
      }
    }
  }

  /** In their own order where they are few. */
  private static int[] shown(float[] scores) {
    if (scores.length > MOST_UNITS) {
      return PredictCommand.highest(scores, MOST_UNITS);
    }
    int[] all = new int[scores.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    return all;
  }

  /** Prints the table, and how much it left out. */
  void print(PrintWriter out, PrintWriter err) {
    report.table().print(out);
    if (units > MOST_UNITS) {
      err.printf(
          "keralens: the table has the %d highest of the %d units of each image, and leaves out %d;"
              + " --csv or --json FILE has all%n",
          MOST_UNITS, units, units - MOST_UNITS);
      err.flush();
    }
  }
}
