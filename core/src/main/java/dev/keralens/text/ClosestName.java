package dev.keralens.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that somebody probably meant. */
public final class ClosestName {
  private ClosestName() {}

  /**
   * {@return the closest of the names, if one is close: it takes changes to at most a third of its
   * letters, or one begins with the other}
   *
   * @param names the names that there are
   * @param given what was given instead
   */
  public static Optional<String> among(Collection<String> names, String given) {
    String lower = given.toLowerCase(Locale.ROOT);
    return names.stream()
        .filter(
            name ->
                distance(name.toLowerCase(Locale.ROOT), lower) <= Math.max(1, name.length() / 3)
                    || isBeginning(lower, name.toLowerCase(Locale.ROOT))
                    || isBeginning(name.toLowerCase(Locale.ROOT), lower))
        .min(Comparator.comparingInt(name -> distance(name.toLowerCase(Locale.ROOT), lower)));
  }

  private static boolean isBeginning(String start, String whole) {
    return start.length() > 2 && whole.startsWith(start);
  }

  /** The fewest insertions, deletions, substitutions and swaps of neighbours between two texts. */
  private static int distance(String a, String b) {
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
