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
import java.util.Map;
import java.util.Set;
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

  /** Package to the packages it may import. The root may import all. */
  private static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          Map.entry("file", Set.of()),
          Map.entry("tensor", Set.of("file", "text")),
          Map.entry("text", Set.of()),
          Map.entry("graph", Set.of("tensor", "text")),
          Map.entry("onnx", Set.of("tensor", "graph", "file", "text")),
          Map.entry("grad", Set.of("tensor", "graph")),
          Map.entry("keras", Set.of("tensor", "graph", "file", "text")),
          Map.entry("rewrite", Set.of("tensor", "graph")),
          Map.entry("runtime", Set.of("tensor", "graph", "onnx", "rewrite", "file", "text")),
          Map.entry("filter", Set.of("tensor", "graph", "runtime")),
          Map.entry(
              "inspect", Set.of("tensor", "graph", "keras", "text", "runtime", "applications")),
          Map.entry("objective", Set.of("tensor", "graph", "inspect", "text")),
          Map.entry(
              "method",
              Set.of("tensor", "graph", "grad", "filter", "inspect", "objective", "runtime")),
          Map.entry("picture", Set.of("tensor", "text", "file")),
          Map.entry("applications", Set.of("tensor", "graph", "keras", "file")));

  /** Library to the packages of ours that may import it. */
  private static final Map<String, Set<String>> LIBRARIES =
      Map.of(
          "ai.onnxruntime", Set.of("runtime"),
          "ai.onnx", Set.of("onnx"),
          "com.google.protobuf", Set.of("keras", "onnx"),
          "io.jhdf", Set.of("keras"),
          "com.fasterxml.jackson", Set.of("keras", "applications"),
          "java.awt", Set.of("picture"),
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
      String name = topPackage(type);
      if (!name.isEmpty() && !ARROWS.containsKey(name)) {
        without.add(name);
      }
    }
    assertEquals(Set.of(), without, "packages without a row in ARROWS");
  }

  @ParameterizedTest
  @MethodSource("packagesWithArrows")
  void package_importsOnlyWhatItsArrowsAllow(String name) {
    Set<String> allowed = ARROWS.getOrDefault(name, Set.of());
    String[] forbidden =
        Stream.concat(ARROWS.keySet().stream(), Stream.of(""))
            .filter(other -> !other.equals(name) && !allowed.contains(other))
            .map(ArchitectureTest::pattern)
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(pattern(name))
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
            .map(ArchitectureTest::pattern)
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

  private static String pattern(String name) {
    return name.isEmpty() ? ROOT : ROOT + "." + name + "..";
  }

  /** The part of the package's name after the root up to the next dot; empty for the root. */
  private static String topPackage(JavaClass type) {
    String rest = type.getPackageName().substring(ROOT.length());
    return rest.isEmpty() ? "" : rest.substring(1).split("\\.", 2)[0];
  }
}
