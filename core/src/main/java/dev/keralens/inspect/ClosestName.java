package dev.keralens.inspect;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that somebody probably meant. */
public final class ClosestName {
  private ClosestName() {}

  /**
   * {@return the closest of the names, if one is close: at most a third of the letters differ, or
   * one begins with the other}
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
                    || (lower.length() > 2 && name.toLowerCase(Locale.ROOT).startsWith(lower)))
        .min(Comparator.comparingInt(name -> distance(name.toLowerCase(Locale.ROOT), lower)));
  }

  /** The number of letters to put in, take out or change (Levenshtein). */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
