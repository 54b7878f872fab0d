package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The lists of CONTRIBUTING.md name what has to be changed: all of it, and nothing that is gone.
 */
class ContributingTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern NAME = Pattern.compile("`([\\w./*]+)`");

  /** What reads or makes an operator, and need not change for another one. */
  private static final Pattern USES = Pattern.compile(".*/keras/.*|.*/onnx/operator/.*");

  private static String section(String heading) throws IOException {
    String page = Files.readString(ROOT.resolve("CONTRIBUTING.md"));
    int start = page.indexOf("\n## " + heading + "\n");
    assertTrue(start >= 0, "no section " + heading);
    return page.substring(start, page.indexOf("\n## ", start + 1));
  }

  private static Set<String> named(String heading) throws IOException {
    Set<String> names = new TreeSet<>();
    Matcher matcher = NAME.matcher(section(heading));
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }

  private static List<Path> files(String... folders) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String folder : folders) {
      try (Stream<Path> all = Files.walk(ROOT.resolve(folder))) {
        all.filter(file -> file.toString().matches(".*\\.(java|md|py)")).forEach(files::add);
      }
    }
    return files;
  }

  private static String simpleName(Path file) {
    return file.getFileName().toString().replaceAll("\\.\\w+$", "");
  }

  @ParameterizedTest
  @CsvSource({"Add an operator", "Add a layer", "Add a method"})
  void list_namesWhatIsThere(String heading) throws IOException {
    Set<String> classes = new TreeSet<>();
    files("core/src", "app/src").forEach(file -> classes.add(simpleName(file)));
    Set<String> missing = new TreeSet<>();
    for (String name : named(heading)) {
      boolean isFile = name.contains("/") || name.endsWith(".md");
      boolean isPackage = name.startsWith("dev.keralens.");
      Path path =
          isPackage
              ? ROOT.resolve("core/src/main/java").resolve(name.replace('.', '/'))
              : ROOT.resolve(isFile ? name.replaceAll("/[^/]*\\*.*", "") : ".");
      boolean found = (isFile || isPackage) ? Files.exists(path) : classes.contains(name);
      if (!found && !name.equals("info")) {
        missing.add(name);
      }
    }
    assertEquals(Set.of(), missing, heading);
  }

  /** Of each kind one that is spoken of in as many places as any. */
  @ParameterizedTest
  @CsvSource({
    "Add an operator, MISH|Mish",
    "Add an operator, TRILU|Trilu",
    "Add an operator, PRELU|PRelu",
    "Add a layer, DepthwiseConv1D",
    "Add a layer, SeparableConv1D",
    "Add a method, LayerCam",
    "Add a method, Deconvnet"
  })
  void list_namesWhereTheCodeSpeaksOfIt(String heading, String witness) throws IOException {
    Pattern word = Pattern.compile("\\b(" + witness + ")\\b");
    Predicate<Path> counts =
        heading.endsWith("operator")
            ? file -> !USES.matcher(file.toString().replace('\\', '/')).matches()
            : file -> true;
    String section = section(heading);
    Set<String> unsaid = new TreeSet<>();
    for (Path file : files("core/src/main", "app/src/main", "docs")) {
      String name = simpleName(file);
      boolean own = word.matcher(name).matches();
      if (counts.test(file)
          && !own
          && word.matcher(Files.readString(file)).find()
          && !section.contains(name)) {
        unsaid.add(file.toString());
      }
    }
    assertEquals(Set.of(), unsaid, witness);
  }

  @Test
  void list_ofMethodsNamesTheClassesOfSources() throws IOException {
    assertTrue(named("Add a method").containsAll(Set.of("Methods", "MethodNumbersTest")));
  }
}
