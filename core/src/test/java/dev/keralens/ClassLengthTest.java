package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Classes have at most 300 lines of code, or a reason here. Comments, blank lines and imports do
 * not count: what users call is documented at length.
 */
class ClassLengthTest {
  private static final int MOST = 300;

  private static final Map<String, String> REASONS =
      Map.of(
          "ApplicationTable", "a table, a row for each published network",
          "ExplainCommand", "the options of a command, a field each",
          "HubArguments", "one way to read each kind of argument, and its message",
          "KeralensExplainer", "a parameter of Spark takes its name, its setter and its getter");

  private static final Pattern COMMENT = Pattern.compile("(?s:/\\*.*?\\*/)|(?m:^\\s*//[^\\n]*$)");
  private static final Pattern UNCOUNTED = Pattern.compile("\\s*|(import|package) .*");

  @Test
  void classes_areShortOrHaveAReason() throws IOException {
    Map<String, Integer> lengths = new TreeMap<>();
    for (String module : new String[] {"core", "web", "app", "spark"}) {
      Path sources = Path.of("..", module, "src", "main", "java");
      try (Stream<Path> files = Files.walk(sources)) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .forEach(file -> lengths.put(file.getFileName().toString(), length(file)));
      }
    }
    assertFalse(lengths.isEmpty());
    Map<String, Integer> longer = new TreeMap<>();
    lengths.forEach(
        (file, length) -> {
          if (length > MOST) {
            longer.put(file.replace(".java", ""), length);
          }
        });
    assertEquals(new TreeMap<>(REASONS).keySet(), longer.keySet(), "lines of code: " + longer);
  }

  private static int length(Path file) {
    try {
      String code = COMMENT.matcher(Files.readString(file)).replaceAll("");
      return (int) code.lines().filter(line -> !UNCOUNTED.matcher(line).matches()).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
