package dev.keralens.text;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;

/**
 * Looks names up without regard to case; an unknown one fails with the closest and the allowed
 * names.
 */
public final class Names {
  private Names() {}

  /**
   * {@return the value of a name}
   *
   * @param <T> what the names stand for
   * @param table lower-case name to value
   * @param kind what the message calls them, such as {@code colour map}
   * @param name the name, in any case
   * @throws IllegalArgumentException if there is none of that name
   */
  public static <T> T lookup(Map<String, T> table, String kind, String name) {
    T value = table.get(name.toLowerCase(Locale.ROOT));
    if (value == null) {
      throw new IllegalArgumentException(unknown(kind, name, table.keySet()));
    }
    return value;
  }

  /**
   * {@return the constant of a name}
   *
   * @param <E> the constants' type
   * @param type the constants
   * @param kind what the message calls them
   * @param name the name, in any case
   * @throws IllegalArgumentException if there is none of that name
   */
  public static <E extends Enum<E>> E constant(Class<E> type, String kind, String name) {
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
