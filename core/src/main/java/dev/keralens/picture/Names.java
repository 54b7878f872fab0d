package dev.keralens.picture;

import dev.keralens.text.ClosestName;
import java.util.Arrays;
import java.util.Collection;
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
    String hint =
        ClosestName.among(allowed, name)
            .map(closest -> " Did you mean '" + closest + "'?")
            .orElse("");
    return "Unknown %s '%s'.%s Known: %s.".formatted(kind, name, hint, String.join(", ", allowed));
  }
}
