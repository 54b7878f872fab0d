package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.inspect.Logits;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a segmentation predicts, to be drawn beside its maps: where each class is the highest. Of
 * one unit, where it is more likely than not.
 *
 * @param unitAxis the axis of the output along which units lie
 * @param threshold from which value on one unit counts
 */
record PredictedMasks(Subject subject, int unitAxis, int units, float threshold, Labels labels) {

  /** The masks of a model; null where its output is no map over the picture. */
  static @Nullable PredictedMasks of(Subject subject, ResolvedObjective explained, Labels labels) {
    boolean overPicture =
        explained.isUnits()
            && explained.places().length == 2
            && subject.explainedInput().places().length == 2
            && subject.exported() == null;
    return overPicture
        ? new PredictedMasks(
            subject,
            explained.unitAxis().axis(),
            explained.units(),
            Logits.of(subject.network(), subject.output()).endsInProbabilities() ? 0.5f : 0,
            labels)
        : null;
  }

  /**
   * For each image the part of each class, 1 inside and 0 outside, by what the legend says of it.
   * Up to eight classes are all there, so that they have the same colours in all images; of more,
   * the eight largest.
   */
  List<Map<String, Tensor>> of(Inputs.Batch batch) {
    ExplainOptions one = ExplainOptions.defaults().withBatchSize(batch.images().size());
    Tensor output = subject.model().predict(batch.all(), one).get(subject.output());
    List<Map<String, Tensor>> all = new ArrayList<>();
    for (int i = 0; i < batch.images().size(); i++) {
      all.add(masks(unitsLast(output.row(i))));
    }
    return all;
  }

  private Tensor unitsLast(Tensor row) {
    int axis = unitAxis - 1;
    if (axis == row.rank() - 1) {
      return row;
    }
    IntStream others = IntStream.range(0, row.rank()).filter(a -> a != axis);
    return row.transpose(IntStream.concat(others, IntStream.of(axis)).toArray());
  }

  private Map<String, Tensor> masks(Tensor output) {
    float[] all = output.toFloatArray();
    int places = all.length / units;
    float[][] parts = new float[units][places];
    float[] shares = new float[units];
    for (int place = 0; place < places; place++) {
      int best = units == 1 && !(all[place] > threshold) ? -1 : highest(all, place);
      if (best >= 0) {
        parts[best][place] = 1;
        shares[best] += 1f / places;
      }
    }
    int shown = Math.min(units, DrawOptions.MOST_JOINED);
    int[] chosen =
        units <= DrawOptions.MOST_JOINED
            ? IntStream.range(0, units).toArray()
            : PredictCommand.highest(shares, shown);
    Map<String, Tensor> masks = new LinkedHashMap<>();
    for (int unit : chosen) {
      masks.put(
          "%s %.0f %%".formatted(labels.classes().shortName(unit), 100 * shares[unit]),
          Tensor.of(parts[unit], output.size(0), output.size(1)));
    }
    return masks;
  }

  private int highest(float[] all, int place) {
    int best = 0;
    for (int unit = 1; unit < units; unit++) {
      best = all[place * units + unit] > all[place * units + best] ? unit : best;
    }
    return best;
  }
}
