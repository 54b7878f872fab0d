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

  /** The fewest insertions, deletions, substitutions and swaps of neighbours between two texts. */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        d[i][j] =
            Math.min(d[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
