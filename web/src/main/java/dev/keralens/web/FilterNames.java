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

  private static final Map<String, float[]> BY_NAME = byName();

  private FilterNames() {}

  private static Map<String, float[]> byName() {
    Map<String, float[]> answers = new LinkedHashMap<>();
    Filters.byNames()
        .forEach((name, filter) -> answers.put(name, filter.apply(PROBE).toFloatArray()));
    return answers;
  }

  /** The name of a filter; empty for one that has none. */
  static String of(Filter filter) {
    float[] answer = filter.apply(PROBE).toFloatArray();
    return BY_NAME.entrySet().stream()
        .filter(entry -> Arrays.equals(entry.getValue(), answer))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("");
  }
}
