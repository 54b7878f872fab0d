package dev.keralens.app;

import dev.keralens.Explanation;
import dev.keralens.inspect.Logits;
import dev.keralens.objective.ResolvedObjective;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Collects what was explained, for tables.
 *
 * @param inputs what was explained
 * @param classes what units are called
 * @param areUnits whether units of the model are explained as they are
 * @param logits whether the scores are logits
 * @param probabilities whether the outputs are probabilities
 * @param all what was found so far
 */
record Results(
    Inputs inputs,
    ClassNames classes,
    boolean areUnits,
    boolean logits,
    boolean probabilities,
    List<Result> all) {

  /** Nothing yet. */
  static Results of(
      Subject subject, ClassNames names, ResolvedObjective explained, boolean ofOutput) {
    return new Results(
        subject.inputs(),
        names,
        explained.isUnits(),
        explained.isUnits() && areLogits(explained.logits(), ofOutput),
        explained.unitNames().isEmpty()
            && subject.isClassifier()
            && explained.logits().endsInProbabilities(),
        new ArrayList<>());
  }

  /** Whether what is explained is logits: those that were found, or an output that ends in them. */
  static boolean areLogits(Logits explained, boolean ofOutput) {
    return (explained.isFound() && !ofOutput) || explained.ending() == Logits.Ending.SCORE;
  }

  /** Adds a batch, whose maps a writer writes. */
  void add(Explained batch, Writer writer) {
    for (int i = 0; i < batch.images(); i++) {
      for (int e = 0; e < batch.explanations().size(); e++) {
        for (int k = 0; k < batch.unitsPerImage(); k++) {
          Explanation one = batch.explanations().get(e);
          add(
              batch.place(i),
              new Result.MapOf(
                  batch.methods().get(e).name(),
                  one.explained(),
                  one.finding(i, k).name().toLowerCase(Locale.ROOT),
                  writer.file(batch, i, e, k)),
              batch.unit(i, k),
              one.scores().get(i, k),
              one.outputs().get(i, k));
        }
      }
    }
  }

  /**
   * Adds a unit of an image.
   *
   * @param logit what is explained: its logit, if the scores are logits
   */
  void add(int image, Result.@Nullable MapOf map, int unit, float logit, float output) {
    all.add(
        new Result(
            inputs.name(image),
            inputs.source(image),
            map,
            unit,
            classes.isEmpty() ? null : classes.name(unit),
            areUnits ? null : logit,
            logits ? logit : null,
            probabilities ? output : null,
            output));
  }
}
