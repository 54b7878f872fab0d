package dev.keralens.app;

import dev.keralens.text.ClosestName;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;

/** Looks up what is chosen by name. */
final class Choice {
  private Choice() {}

  /**
   * The value of a name, in any case.
   *
   * @throws UsageException if there is none; the message has the closest and all names
   */
  static <T> T of(Map<String, T> table, String kind, String name) {
    T value = table.get(name.toLowerCase(Locale.ROOT).replace('-', '_'));
    if (value == null) {
      throw unknown(table.keySet(), kind, name);
    }
    return value;
  }

  /** The exception for a name that is none of those there are. */
  static UsageException unknown(Collection<String> names, String kind, String name) {
    String closest =
        ClosestName.among(names, name).map(n -> " Did you mean '" + n + "'?").orElse("");
    return new UsageException(
        "There is no %s '%s'.%s Known: %s."
            .formatted(kind, name, closest, String.join(", ", names)));
  }
}
