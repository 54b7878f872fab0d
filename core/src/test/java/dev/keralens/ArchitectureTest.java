package dev.keralens;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The arrows between packages. A new package gets a row here. */
class ArchitectureTest {
  private static final String ROOT = "dev.keralens";

  /**
   * Each package, by its exact name, to the packages that it may import. All may import {@code
   * tensor}; the root may import all. Rows go from the bottom up: a package imports only those
   * above its row, so there is no circle.
   */
  private static final Map<String, Set<String>> ARROWS =
      arrows(
          Map.entry("file", Set.of()),
          Map.entry("text", Set.of()),
          Map.entry("tensor", Set.of("file", "text")),
          Map.entry("graph", Set.of("text")),
          Map.entry("network", Set.of("graph")),
          Map.entry("network.search", Set.of("text", "graph", "network")),
          Map.entry("element", Set.of("graph")),
          Map.entry("grad", Set.of("graph", "element")),
          Map.entry("onnx.data", Set.of("file", "text", "graph")),
          Map.entry("onnx.operator", Set.of("graph", "onnx.data")),
          Map.entry(
              "onnx.read",
              Set.of("text", "graph", "network", "network.search", "onnx.data", "onnx.operator")),
          Map.entry("onnx.write", Set.of("file", "text", "graph", "onnx.read")),
          Map.entry("keras.storage", Set.of("file", "text", "graph")),
          Map.entry("keras.weights", Set.of("graph", "keras.storage")),
          Map.entry("keras.file", Set.of("text", "graph", "keras.storage", "keras.weights")),
          Map.entry("tokenize", Set.of("text", "graph", "network", "keras.storage")),
          Map.entry("keras.build", Set.of("graph")),
          Map.entry("keras.hub.argument", Set.of("text", "graph", "keras.build")),
          Map.entry("keras.hub.image", Set.of("keras.build", "keras.hub.argument")),
          Map.entry("keras.hub.text", Set.of("keras.hub.argument")),
          Map.entry(
              "keras.hub",
              Set.of(
                  "text",
                  "graph",
                  "keras.build",
                  "keras.hub.argument",
                  "keras.hub.image",
                  "keras.hub.text")),
          Map.entry("keras", Set.of("text", "graph", "network")),
          Map.entry(
              "keras.call",
              Set.of("text", "graph", "network", "keras.storage", "keras.weights", "keras")),
          Map.entry(
              "keras.hub.part",
              Set.of(
                  "graph",
                  "network",
                  "keras.weights",
                  "keras",
                  "keras.call",
                  "keras.hub.argument")),
          Map.entry(
              "keras.hub.vision",
              Set.of("graph", "network", "keras.call", "keras.hub.argument", "keras.hub.part")),
          Map.entry(
              "keras.hub.language",
              Set.of(
                  "graph",
                  "network",
                  "keras",
                  "keras.call",
                  "keras.hub.argument",
                  "keras.hub.part")),
          Map.entry(
              "keras.hub.layer",
              Set.of("keras.call", "keras.hub.part", "keras.hub.vision", "keras.hub.language")),
          Map.entry(
              "keras.recurrent",
              Set.of("graph", "network", "keras.weights", "keras", "keras.call")),
          Map.entry("keras.function", Set.of("graph", "network", "keras", "keras.call")),
          Map.entry(
              "keras.layer",
              Set.of(
                  "graph",
                  "network",
                  "keras.weights",
                  "keras",
                  "keras.call",
                  "keras.recurrent",
                  "keras.function")),
          Map.entry(
              "keras.model",
              Set.of(
                  "keras.storage",
                  "text",
                  "graph",
                  "network",
                  "network.search",
                  "keras.weights",
                  "keras.file",
                  "keras.build",
                  "keras.hub",
                  "keras.hub.layer",
                  "keras",
                  "keras.call",
                  "keras.recurrent",
                  "keras.function",
                  "keras.layer")),
          Map.entry(
              "applications",
              Set.of("file", "text", "graph", "network", "keras.build", "keras.model")),
          Map.entry("rewrite.float64", Set.of("graph", "element")),
          Map.entry("rewrite", Set.of("graph", "network", "rewrite.float64")),
          Map.entry("runtime", Set.of("text")),
          Map.entry(
              "runtime.engine",
              Set.of("file", "text", "graph", "onnx.write", "rewrite", "runtime")),
          Map.entry("filter", Set.of("graph", "network", "runtime.engine")),
          Map.entry("inspect.attention", Set.of("graph", "network", "network.search")),
          Map.entry(
              "inspect",
              Set.of(
                  "text",
                  "graph",
                  "network",
                  "network.search",
                  "applications",
                  "runtime",
                  "runtime.engine")),
          Map.entry("objective", Set.of("text", "graph", "network", "inspect")),
          Map.entry("explain.patch", Set.of("graph", "network", "network.search", "element")),
          Map.entry(
              "explain",
              Set.of("graph", "network", "network.search", "grad", "filter", "inspect.attention")),
          Map.entry(
              "explain.run",
              Set.of(
                  "graph",
                  "network",
                  "network.search",
                  "grad",
                  "runtime",
                  "runtime.engine",
                  "filter",
                  "inspect",
                  "inspect.attention",
                  "objective",
                  "explain",
                  "explain.patch")),
          Map.entry("method.numeric", Set.of("graph", "filter")),
          Map.entry(
              "method.pass",
              Set.of("graph", "network", "network.search", "explain", "method.numeric")),
          Map.entry(
              "method",
              Set.of(
                  "graph",
                  "network",
                  "network.search",
                  "grad",
                  "filter",
                  "inspect.attention",
                  "explain",
                  "method.numeric",
                  "method.pass")),
          Map.entry("picture.webp", Set.of()),
          Map.entry("picture", Set.of("file", "text", "picture.webp")),
          Map.entry("converter", Set.of("graph", "keras.storage", "keras.hub.argument", "picture")),
          Map.entry("picture.figure", Set.of("picture")),
          Map.entry("picture.draw", Set.of("picture", "picture.figure", "text", "file")));

  /** Packages of more than 30 classes; ARCHITECTURE.md has the reason of each. */
  private static final Set<String> LARGE = Set.of("", "applications", "method");

  /** What reads or writes JSON. */
  private static final Set<String> JSON =
      Set.of(
          "keras.storage",
          "keras.weights",
          "keras.file",
          "tokenize",
          "converter",
          "keras.build",
          "keras.hub",
          "keras.hub.argument",
          "keras.hub.image",
          "keras.hub.language",
          "keras.hub.layer",
          "keras.hub.part",
          "keras.hub.text",
          "keras",
          "keras.call",
          "keras.recurrent",
          "keras.function",
          "keras.layer",
          "keras.model",
          "applications");

  /** Library to the packages of ours that may import it. */
  private static final Map<String, Set<String>> LIBRARIES =
      Map.of(
          "ai.onnxruntime", Set.of("runtime.engine"),
          "ai.onnx", Set.of("onnx.data", "onnx.operator", "onnx.read", "onnx.write"),
          "com.google.protobuf",
              Set.of("keras.storage", "onnx.data", "onnx.operator", "onnx.read", "onnx.write"),
          "io.jhdf", Set.of("keras.storage"),
          "com.fasterxml.jackson", JSON,
          "java.awt", Set.of("", "picture", "picture.draw"),
          "java.net.http", Set.of("applications"),
          "javax.imageio", Set.of("picture"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  static Stream<String> packagesWithArrows() {
    return ARROWS.keySet().stream().sorted();
  }

  static Stream<String> libraries() {
    return LIBRARIES.keySet().stream().sorted();
  }

  @Test
  void packages_allHaveArrows() {
    Set<String> without = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      String name = ownPackage(type);
      if (!name.isEmpty() && !ARROWS.containsKey(name)) {
        without.add(name);
      }
    }
    assertEquals(Set.of(), without, "packages without a row in ARROWS");
  }

  @Test
  void packages_areSmall() {
    Map<String, Long> large = new TreeMap<>();
    CLASSES.stream()
        .filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
        .collect(Collectors.groupingBy(ArchitectureTest::ownPackage, Collectors.counting()))
        .forEach((name, count) -> large.put(name, count));
    large.values().removeIf(count -> count <= 30);
    assertEquals(LARGE, large.keySet(), "packages of more than 30 classes: " + large);
  }

  @ParameterizedTest
  @MethodSource("packagesWithArrows")
  void package_importsOnlyWhatItsArrowsAllow(String name) {
    Set<String> allowed = ARROWS.getOrDefault(name, Set.of());
    String[] forbidden =
        Stream.concat(ARROWS.keySet().stream(), Stream.of(""))
            .filter(other -> !other.equals(name) && !allowed.contains(other))
            .map(ArchitectureTest::exactly)
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(exactly(name))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(forbidden)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @ParameterizedTest
  @MethodSource("libraries")
  void library_isImportedOnlyWhereAllowed(String library) {
    String[] allowed =
        LIBRARIES.getOrDefault(library, Set.of()).stream()
            .map(ArchitectureTest::exactly)
            .toArray(String[]::new);
    classes()
        .that()
        .resideOutsideOfPackages(allowed)
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackage(library + "..")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void packages_areNullMarked() {
    Set<String> unmarked =
        CLASSES.stream()
            .map(JavaClass::getPackage)
            .distinct()
            .filter(p -> p.tryGetAnnotationOfType(NullMarked.class).isEmpty())
            .map(JavaPackage::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(Set.of(), unmarked, "packages without @NullMarked in package-info.java");
    assertTrue(CLASSES.size() > 0);
  }

  @SafeVarargs
  private static Map<String, Set<String>> arrows(Map.Entry<String, Set<String>>... rows) {
    Map<String, Set<String>> arrows = new LinkedHashMap<>();
    for (Map.Entry<String, Set<String>> row : rows) {
      assertTrue(
          arrows.keySet().containsAll(row.getValue()),
          () -> row.getKey() + " imports a package that is not above it");
      Set<String> allowed = new TreeSet<>(row.getValue());
      if (arrows.containsKey("tensor")) {
        allowed.add("tensor");
      }
      arrows.put(row.getKey(), allowed);
    }
    return arrows;
  }

  private static String exactly(String name) {
    return name.isEmpty() ? ROOT : ROOT + "." + name;
  }

  /** The part of the package's name after the root; empty for the root. */
  private static String ownPackage(JavaClass type) {
    String rest = type.getPackageName().substring(ROOT.length());
    return rest.isEmpty() ? "" : rest.substring(1);
  }
}
