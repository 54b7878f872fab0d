package dev.keralens.picture;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;

/**
 * Looks names up without regard to case; an unknown one fails with the closest and the allowed
 * names.
 */
final class Names {
  private Names() {}

  static <T> T lookup(Map<String, T> table, String kind, String name) {
    T value = table.get(name.toLowerCase(Locale.ROOT));
    if (value == null) {
      throw new IllegalArgumentException(unknown(kind, name, table.keySet()));
    }
    return value;
  }

  static <E extends Enum<E>> E constant(Class<E> type, String kind, String name) {
    E[] constants = type.getEnumConstants();
    for (E constant : constants) {
      if (constant.name().equalsIgnoreCase(name)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        unknown(
            kind,
            name,
            Arrays.stream(constants).map(e -> e.name().toLowerCase(Locale.ROOT)).toList()));
  }

  private static String unknown(String kind, String name, Collection<String> allowed) {
    String lower = name.toLowerCase(Locale.ROOT);
    String closest =
        allowed.stream().min(Comparator.comparingInt(a -> distance(lower, a))).orElse("");
    String hint =
        distance(lower, closest) <= Math.max(2, closest.length() / 3)
            ? " Did you mean '" + closest + "'?"
            : "";
    return "Unknown "
        + kind
        + " '"
        + name
        + "'."
        + hint
        + " Known: "
        + String.join(", ", allowed)
        + ".";
  }

  /** Levenshtein's distance. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
