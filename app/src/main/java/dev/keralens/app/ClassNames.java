package dev.keralens.app;

import dev.keralens.applications.ClassIndex;
import dev.keralens.text.ClosestName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the units of a model are called, and which is meant by a name on the command line. */
final class ClassNames {
  private static final Pattern UNIT = Pattern.compile("\\bunit (\\d{1,9})\\b");

  /** A number and a name in quotes, as Python writes a dictionary. */
  private static final Pattern NAMED =
      Pattern.compile(
          "(\\d{1,9})['\"]?\\s*:\\s*(?:'((?:[^'\\\\]|\\\\.)*)'|\"((?:[^\"\\\\]|\\\\.)*)\")");

  private static final int MOST_NAMED = 5;

  private final Map<Integer, String> names;
  private final Map<String, Integer> uses = new HashMap<>();

  private ClassNames(Map<Integer, String> names) {
    this.names = names;
    names.values().forEach(name -> uses.merge(first(name), 1, Integer::sum));
  }

  /** No names: units are called by their numbers. */
  static ClassNames none() {
    return new ClassNames(Map.of());
  }

  /** Names by their places. */
  static ClassNames of(List<String> list) {
    Map<Integer, String> names = new TreeMap<>();
    list.forEach(name -> names.put(names.size(), name));
    return new ClassNames(names);
  }

  /**
   * The names in a file's metadata, as {@code {0: 'person', 1: 'car'}} beside the key {@code
   * names}; nothing where they are others than the units.
   *
   * @param metadata what the model's file says of itself
   * @param units the number of units
   */
  static Optional<ClassNames> ofMetadata(Map<String, String> metadata, int units) {
    String text = metadata.getOrDefault("names", "").strip();
    Map<Integer, String> names = new TreeMap<>();
    Matcher entry = NAMED.matcher(text);
    while (entry.find()) {
      String name = entry.group(2) != null ? entry.group(2) : entry.group(3);
      names.put(Integer.parseInt(entry.group(1)), name.replaceAll("\\\\(.)", "$1"));
    }
    boolean all = names.size() == units && new ClassNames(names).last() == units - 1;
    return text.startsWith("{") && all ? Optional.of(new ClassNames(names)) : Optional.empty();
  }

  /**
   * Reads a file.
   *
   * @param units the number of units, which a list of names has to match; one unit may have the
   *     names of two classes
   * @throws IOException if the file cannot be read or does not hold such names
   */
  static ClassNames read(Path file, int units) throws IOException {
    Map<Integer, String> names = ClassIndex.read(file).byUnit();
    int last = new ClassNames(names).last();
    boolean list = names.size() == last + 1;
    if (units == 1 && list && last == 1) {
      return new ClassNames(names);
    }
    if (names.isEmpty() || last >= units || (list && names.size() != units)) {
      throw new IOException(
          "%s names %d classes%s, but the model has %d units."
              .formatted(file, names.size(), list ? "" : " up to number " + last, units));
    }
    return new ClassNames(names);
  }

  /** The unit's name, else {@code unit 3}. */
  String name(int unit) {
    String name = names.get(unit);
    return name == null || name.isEmpty() ? "unit " + unit : name;
  }

  /** The unit's name up to its first comma where that tells it from all others, for captions. */
  String shortName(int unit) {
    String name = name(unit);
    return uses.getOrDefault(first(name), 0) == 1 ? first(name) : name;
  }

  private static String first(String name) {
    int comma = name.indexOf(',');
    return comma > 0 ? name.substring(0, comma).strip() : name;
  }

  /** Whether these are the names of the two classes of one unit. */
  boolean areTwo() {
    return names.size() == 2;
  }

  /** The last unit that has a name; -1 where none has. */
  int last() {
    return names.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1);
  }

  /** A text about units, such as "unit 3 - unit 1", with their names in the place of numbers. */
  String named(String text) {
    return names.isEmpty()
        ? text
        : UNIT.matcher(text)
            .replaceAll(
                unit -> Matcher.quoteReplacement(shortName(Integer.parseInt(unit.group(1)))));
  }

  /** Whether there are names. */
  boolean isEmpty() {
    return names.isEmpty();
  }

  /**
   * The unit that somebody names by its number, its name, or one of the names between its commas,
   * the first first.
   *
   * @throws UsageException if there is none or there are several
   */
  int unit(String given) {
    if (given.matches("\\d{1,9}")) {
      return Integer.parseInt(given);
    } else if (given.matches("-\\d+")) {
      throw new UsageException(
          "--units %s is no number from 0: units are counted from the first.".formatted(given));
    }
    if (names.isEmpty()) {
      throw new UsageException(
          "--units %s is no number from 0; to give names, say what they are with --classes."
              .formatted(given));
    }
    List<Integer> found = units(name -> name.equalsIgnoreCase(given));
    if (found.isEmpty()) {
      found = units(name -> first(name).equalsIgnoreCase(given));
    }
    if (found.isEmpty()) {
      found = units(name -> synonyms(name).anyMatch(given::equalsIgnoreCase));
    }
    if (found.size() > 1) {
      throw new UsageException("Several units are called '%s': %s.".formatted(given, found));
    } else if (found.isEmpty()) {
      throw new UsageException("No unit is called '%s'.%s".formatted(given, near(given)));
    }
    return found.get(0);
  }

  private List<Integer> units(Predicate<String> condition) {
    return names.entrySet().stream()
        .filter(entry -> condition.test(entry.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The names between the commas of a name. */
  private static Stream<String> synonyms(String name) {
    return Arrays.stream(name.split(",")).map(String::strip);
  }

  /** Whether a text is the whole name of a unit. */
  boolean isName(String text) {
    return !units(name -> name.equalsIgnoreCase(text.strip())).isEmpty();
  }

  /** The names that have a word, else the closest. */
  private String near(String given) {
    String word = given.toLowerCase(Locale.ROOT);
    List<Integer> having =
        units(
            name ->
                List.of(name.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")).contains(word));
    if (!having.isEmpty()) {
      String named =
          having.stream()
              .limit(MOST_NAMED)
              .map(unit -> unit + " '" + names.get(unit) + "'")
              .collect(Collectors.joining(", "));
      int more = having.size() - MOST_NAMED;
      return " Units with this word are %s%s."
          .formatted(named, more > 0 ? " and %d more".formatted(more) : "");
    }
    return ClosestName.among(uses.keySet(), given)
        .map(name -> " Did you mean '" + name + "'?")
        .orElse("");
  }
}
