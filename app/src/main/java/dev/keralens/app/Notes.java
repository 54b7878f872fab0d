package dev.keralens.app;

import dev.keralens.Explanation;
import dev.keralens.Explanation.Finding;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Collects what there is to say of maps that show nothing, and says it in a line each kind. */
final class Notes {
  private static final int NAMED = 3;

  /** Maps of one method of which the same is to be said, by the names of some of them. */
  private static final class Group {
    private final List<String> named = new ArrayList<>();
    private int count;
    private final String what;

    Group(String what) {
      this.what = what;
    }
  }

  private final Map<String, Group> groups = new LinkedHashMap<>();

  /** Looks at a batch. */
  void add(Inputs inputs, Explained batch) {
    for (int m = 0; m < batch.explanations().size(); m++) {
      Explanation explanation = batch.explanations().get(m);
      for (int i = 0; i < batch.images(); i++) {
        for (int k = 0; k < batch.unitsPerImage(); k++) {
          String what = what(explanation, i, k);
          if (!what.isEmpty()) {
            String title = batch.name(m, " of ");
            Group group =
                groups.computeIfAbsent(title + what, key -> new Group(title + ": " + what));
            group.count++;
            if (group.named.size() < NAMED) {
              group.named.add(
                  String.format(
                      Locale.ROOT,
                      "%s unit %d, %.3g to %.3g",
                      inputs.name(batch.place(i)),
                      batch.unit(i, k),
                      explanation.lowest().get(i, k),
                      explanation.highest().get(i, k)));
            }
          }
        }
      }
    }
  }

  private static String what(Explanation explanation, int image, int place) {
    Finding finding = explanation.finding(image, place);
    if (finding == Finding.NOT_FINITE) {
      return "the network gives NaN or infinite values";
    } else if (finding == Finding.CONSTANT) {
      return "the map is constant, no place counts more than another";
    } else if (!explanation.isEmpty(image, place)) {
      return "";
    }
    return finding == Finding.NEGATIVE
        ? "the map has no value above 0, nothing speaks for the unit (--filter negative_normalize"
            + " shows what speaks against it)"
        : "the filter leaves nothing of the map (see --filter)";
  }

  /** Prints a line for each method and kind. */
  void print(PrintWriter err) {
    for (Group group : groups.values()) {
      int others = group.count - group.named.size();
      err.printf(
          "keralens: %s: %s%s%n",
          group.what,
          String.join("; ", group.named),
          others > 0 ? "; and %d more".formatted(others) : "");
    }
    err.flush();
  }
}
