package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The Java examples of the documents and of the Javadoc are pieces of the test sources, so they
 * compile, and what they claim is tested.
 *
 * <p>The {@code snippet} tag would do this for Javadoc, but it is unknown to JDK 17.
 */
class ExamplesTest {
  private static final Path CORE = Path.of("").toAbsolutePath();
  private static final Path PROJECT = CORE.resolve("..").normalize();
  private static final Pattern MARKDOWN = Pattern.compile("(?ms)^```java\\R(.*?)^```");
  private static final Pattern JAVADOC =
      Pattern.compile("(?s)<pre>\\{@code\\R(.*?)\\R[ *]*}</pre>");
  private static final Pattern MARGIN = Pattern.compile("(?m)^ *\\* ?");

  @Test
  void examples_arePiecesOfTheTestSources() throws IOException {
    String tests =
        normalized(
            concatenated(CORE.resolve("src/test/java"))
                + concatenated(PROJECT.resolve("spark/src/test/java")));
    Map<String, String> strays = new LinkedHashMap<>();
    examples()
        .forEach(
            (where, example) -> {
              if (!tests.contains(normalized(example))) {
                strays.put(where, example);
              }
            });
    assertEquals(Map.of(), strays, "examples that are in no test source");
  }

  @Test
  void markdown_examplesAreFound() {
    String text =
        "# A\n\n```java\nint a = 1;\nint b;\n```\n\n```\n$ ls\n```\n```java\nint c;\n```\n";
    assertEquals(List.of("int a = 1;\nint b;\n", "int c;\n"), matches(MARKDOWN, text));
  }

  @Test
  void javadoc_examplesAreFoundWithoutTheirMargin() {
    String text =
        "  /**\n   * A.\n   *\n   * <pre>{@code\n   * if (a) {\n   *   b();\n   * }\n   * }</pre>\n   */\n";
    List<String> found = matches(JAVADOC, text);
    assertEquals(1, found.size());
    assertEquals("if (a) {\n  b();\n}", MARGIN.matcher(found.get(0)).replaceAll(""));
  }

  /** Place to example. */
  private static Map<String, String> examples() throws IOException {
    Map<String, String> examples = new LinkedHashMap<>();
    List<Path> documents = new ArrayList<>(files(PROJECT.resolve("docs"), ".md"));
    try (Stream<Path> top = Files.list(PROJECT)) {
      top.filter(path -> path.toString().endsWith(".md")).sorted().forEach(documents::add);
    }
    assertTrue(documents.contains(PROJECT.resolve("README.md")), documents::toString);
    for (Path document : documents) {
      for (String example : matches(MARKDOWN, Files.readString(document))) {
        examples.put(document.getFileName() + " #" + examples.size(), example);
      }
    }
    for (Path source : files(CORE.resolve("src/main/java"), ".java")) {
      for (String example : matches(JAVADOC, Files.readString(source))) {
        examples.put(
            source.getFileName() + " #" + examples.size(), MARGIN.matcher(example).replaceAll(""));
      }
    }
    return examples;
  }

  private static List<String> matches(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(result -> result.group(1)).toList();
  }

  private static String concatenated(Path folder) throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path file : files(folder, ".java")) {
      all.append(Files.readString(file)).append('\n');
    }
    return all.toString();
  }

  private static List<Path> files(Path folder, String ending) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(path -> path.toString().endsWith(ending)).sorted().toList();
    }
  }

  /** Without indentation and line breaks, which differ between a page and a method's body. */
  private static String normalized(String code) {
    return code.strip().replaceAll("\\s+", " ");
  }
}
