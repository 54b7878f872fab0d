package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is exported and not experimental is compared with the release before, and can grow without
 * breaking callers. That it names no hidden type, the compiler checks (its lint {@code exports}).
 */
class ExportedPackagesTest {
  /**
   * Records that users may see: four numbers of a rectangle, and the variants of closed choices,
   * which the factories of the choices make.
   */
  private static final Set<String> RECORDS =
      Set.of(
          "Resize$None",
          "Resize$To",
          "Resize$ToInput",
          "Units$All",
          "Units$Given",
          "Units$Top",
          "applications.ApplicationWeights$File",
          "applications.ApplicationWeights$ImageNet",
          "applications.ApplicationWeights$Random",
          "keras.build.Initializer$Constant",
          "keras.build.Initializer$VarianceScaling",
          "picture.draw.BoundingBox");

  /** One more is a decision: DECISIONS.md, 108, has the number. */
  private static final int TYPES = 142;

  private static final int EXPERIMENTAL_TYPES = 45;

  private static Set<String> found(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .map(match -> match.replaceAll("exports |;|</?include>", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> stable() throws IOException {
    String module = module();
    return found("exports [\\w.]+;", module.substring(0, module.indexOf("// Experimental")));
  }

  private static Set<String> experimental() throws IOException {
    String module = module();
    return found("exports [\\w.]+;", module.substring(module.indexOf("// Experimental")));
  }

  private static String module() throws IOException {
    return Files.readString(Path.of("src/main/java/module-info.java"));
  }

  private static Stream<JavaClass> stableTypes() throws IOException {
    return types(stable());
  }

  private static Stream<JavaClass> types(Set<String> packages) {
    return new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.keralens")
            .stream()
            .filter(type -> packages.contains(type.getPackageName()))
            .filter(ExportedPackagesTest::isSeen);
  }

  private static boolean isSeen(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && type.getEnclosingClass().map(ExportedPackagesTest::isSeen).orElse(true);
  }

  @Test
  void results_areClassesWhichCanGrow() throws IOException {
    Set<String> records =
        stableTypes()
            .filter(JavaClass::isRecord)
            .map(type -> type.getName().substring("dev.keralens.".length()))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(new TreeSet<>(RECORDS), records);
  }

  @Test
  void types_areAsManyAsDecided() throws IOException {
    long types = stableTypes().filter(JavaClass::isTopLevelClass).count();
    long more = types(experimental()).filter(JavaClass::isTopLevelClass).count();
    assertEquals(TYPES, types);
    assertEquals(EXPERIMENTAL_TYPES, more);
    String decision =
        "%d packages are exported, with %d types, beside five experimental ones with %d."
            .formatted(stable().size(), types, more);
    assertTrue(Files.readString(Path.of("../DECISIONS.md")).contains(decision), decision);
  }

  @Test
  void stablePackages_areThoseThatTheReleaseBeforeIsComparedIn() throws IOException {
    Set<String> exported = stable();
    assertTrue(exported.contains("dev.keralens"));
    assertEquals(
        exported,
        found("<include>dev\\.keralens[\\w.]*</include>", Files.readString(Path.of("pom.xml"))));
  }
}
