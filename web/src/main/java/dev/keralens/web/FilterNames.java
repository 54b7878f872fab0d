package dev.keralens.web;

import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Names filters by what they do to numbers: a filter is a function, and two that do the same are
 * the same to the page, which filters by itself.
 */
final class FilterNames {
  private static final Tensor PROBE = Tensor.of(new float[] {-2, -0.5f, 0, 0.25f, 3}, 5);

  // Not while the class is loaded: whoever asks first may be interrupted, and the next asks again.
  private static volatile Map<String, float[]> byName = Map.of();

  private FilterNames() {}

  private static Map<String, float[]> byName() {
    if (byName.isEmpty()) {
      Map<String, float[]> answers = new LinkedHashMap<>();
      Filters.byNames()
          .forEach((name, filter) -> answers.put(name, filter.apply(PROBE).toFloatArray()));
      byName = answers;
    }
    return byName;
  }

  /** The name of a filter; empty for one that has none. */
  static String of(Filter filter) {
    float[] answer = filter.apply(PROBE).toFloatArray();
    return byName().entrySet().stream()
        .filter(entry -> Arrays.equals(entry.getValue(), answer))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("");
  }
}
