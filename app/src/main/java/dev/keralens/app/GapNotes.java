package dev.keralens.app;

import dev.keralens.Explanation;
import dev.keralens.tensor.Tensor;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;

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
      add(
          batch.name(m, " of "),
          batch.explanations().get(m),
          batch.images(),
          i -> inputs.name(batch.place(i)));
    }
  }

  /**
   * Looks at the maps of a method.
   *
   * @param inputs how many inputs they are of
   * @param nameOf what the inputs are called
   */
  void add(String method, Explanation explanation, int inputs, IntFunction<String> nameOf) {
    Tensor gaps = explanation.gaps();
    if (gaps == null) {
      return;
    }
    Group group = groups.computeIfAbsent(method, key -> new Group());
    for (int i = 0; i < inputs; i++) {
      for (int k = 0; k < explanation.unitsPerImage(); k++) {
        float gap = gaps.get(i, k);
        group.maps++;
        group.wide += gap > MOST ? 1 : 0;
        if (gap > group.widest) {
          group.widest = gap;
          group.where = "%s unit %d".formatted(nameOf.apply(i), explanation.unit(i, k));
        }
      }
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
