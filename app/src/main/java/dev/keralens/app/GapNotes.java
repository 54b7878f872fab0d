package dev.keralens.app;

import dev.keralens.Explanation;
import dev.keralens.tensor.Tensor;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Says of which methods the maps do not add up to what they should. */
final class GapNotes {
  private static final float MOST = 0.05f;

  /** The maps of one method. */
  private static final class Group {
    private int maps;
    private int wide;
    private float widest;
    private String where = "";
  }

  private final Map<String, Group> groups = new LinkedHashMap<>();

  /** Looks at a batch. */
  void add(Inputs inputs, Explained batch) {
    for (int m = 0; m < batch.explanations().size(); m++) {
      Tensor gaps = batch.explanations().get(m).gaps();
      if (gaps == null) {
        continue;
      }
      Group group = groups.computeIfAbsent(batch.name(m, " of "), key -> new Group());
      for (int i = 0; i < batch.images(); i++) {
        for (int k = 0; k < batch.unitsPerImage(); k++) {
          float gap = gaps.get(i, k);
          group.maps++;
          group.wide += gap > MOST ? 1 : 0;
          if (gap > group.widest) {
            group.widest = gap;
            group.where = "%s unit %d".formatted(inputs.name(batch.place(i)), batch.unit(i, k));
          }
        }
      }
    }
  }

  /** Prints a line where the map of a text is off by more than a twentieth. */
  static void print(Explanation explanation, int k, String method, PrintWriter err) {
    Tensor gaps = explanation.gaps();
    if (gaps != null && gaps.get(0, k) > MOST) {
      err.printf(
          Locale.ROOT,
          "keralens: %s, unit %d: the sum is %.3g %% off what it should be, the rise of the score"
              + " from the baseline; more --steps bring it closer%n",
          method,
          explanation.unit(0, k),
          100 * gaps.get(0, k));
      err.flush();
    }
  }

  /** Prints a line for each method of which a map is off by more than a twentieth. */
  void print(PrintWriter err) {
    groups.forEach(
        (name, group) -> {
          if (group.wide > 0) {
            err.printf(
                Locale.ROOT,
                "keralens: %s: in %d of %d %s the sum is %.0f %% or more off what it should be, the"
                    + " rise of the score from the baseline; the most, %.3g %%, of %s; more --steps"
                    + " bring it closer%n",
                name,
                group.wide,
                group.maps,
                group.maps == 1 ? "map" : "maps",
                100 * MOST,
                100 * group.widest,
                group.where);
          }
        });
    err.flush();
  }
}
