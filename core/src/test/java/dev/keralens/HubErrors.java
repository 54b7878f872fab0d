package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * How far each case of KerasHub's models is from Keras, for the table of docs/kerashub.md: the
 * largest difference to the largest element. {@code -Dkeralens.pages=true} writes what was
 * measured.
 */
final class HubErrors {
  private static final Path PAGE = Path.of("../docs/kerashub.md");
  private static final String HEADER = "| case | output | gradients | Grad-CAM |";
  private static final Map<String, Map<String, Double>> FOUND = new ConcurrentSkipListMap<>();

  private HubErrors() {}

  static void note(Path path, String what, double error) {
    FOUND
        .computeIfAbsent(String.valueOf(path.getFileName()), key -> new ConcurrentSkipListMap<>())
        .merge(what, error, Math::max);
  }

  private static String row(String name, Map<String, Double> errors) {
    return "| %s | %s | %s | %s |"
        .formatted(
            name,
            text(errors.get("output")),
            text(errors.get("gradients")),
            text(errors.get("Grad-CAM")));
  }

  private static String text(@org.jspecify.annotations.Nullable Double error) {
    return error == null ? "" : error == 0 ? "0" : String.format(Locale.ROOT, "%.0e", error);
  }

  /** The rows of the page, by case. */
  private static SortedMap<String, String> rows(List<String> page) {
    SortedMap<String, String> rows = new TreeMap<>();
    for (int i = page.indexOf(HEADER) + 2; i < page.size() && page.get(i).startsWith("| "); i++) {
      rows.put(page.get(i).split(" ", -1)[1], page.get(i));
    }
    return rows;
  }

  /** Writes the table, or checks that it has a row for each of some cases. */
  static void page(List<Path> cases) throws IOException {
    List<String> page = Files.readAllLines(PAGE);
    SortedMap<String, String> rows = rows(page);
    if (Boolean.getBoolean("keralens.pages")) {
      int start = page.indexOf(HEADER) + 2;
      List<String> written = new ArrayList<>(page.subList(0, start));
      List<String> rest = page.subList(start + rows.size(), page.size());
      FOUND.forEach((name, errors) -> rows.put(name, row(name, errors)));
      written.addAll(rows.values());
      written.addAll(rest);
      Files.write(PAGE, written);
      return;
    }
    List<String> missing = new ArrayList<>();
    for (Path path : cases) {
      String name = String.valueOf(path.getFileName());
      if (!rows.containsKey(name)) {
        missing.add(name);
      }
    }
    assertEquals(List.of(), missing, "write the page anew with -Dkeralens.pages=true");
  }
}
