package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The jars of the modules before this one, which Maven has built by now, hold nothing of when,
 * where and by whom they were built. {@code release/reproducible} builds twice and compares.
 */
class ReproducibleJarTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static Path jar(String module) throws IOException {
    Path target = ROOT.resolve(module).resolve("target");
    Assumptions.assumeTrue(Files.isDirectory(target));
    try (Stream<Path> files = Files.list(target)) {
      List<Path> jars =
          files
              .filter(
                  file -> file.getFileName().toString().matches("keralens-" + module + "-.*\\.jar"))
              .filter(file -> !file.toString().matches(".*-(sources|javadoc|tests)\\.jar"))
              .toList();
      Assumptions.assumeFalse(jars.isEmpty(), "Tests alone build no jars.");
      return jars.get(0);
    }
  }

  /** The time of all files, as a POM has it. */
  private static String time(String pom) throws IOException {
    Pattern line = Pattern.compile("<project.build.outputTimestamp>(.*)</");
    Matcher found = line.matcher(Files.readString(ROOT.resolve(pom)));
    assertTrue(found.find());
    return found.group(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"core", "web"})
  void jar_isTheSameWhereverAndWheneverItIsBuilt(String module) throws IOException {
    LocalDateTime time = OffsetDateTime.parse(time("pom.xml")).toLocalDateTime();
    List<String> forbidden =
        new ArrayList<>(List.of(ROOT.toString(), System.getProperty("user.home") + "/"));
    forbidden.removeIf(text -> text.length() < 4);
    try (ZipFile jar = new ZipFile(jar(module).toFile())) {
      List<String> files = new ArrayList<>();
      for (ZipEntry entry : jar.stream().toList()) {
        assertEquals(time, entry.getTimeLocal(), entry::getName);
        if (!entry.isDirectory()) {
          files.add(entry.getName());
          String content =
              new String(jar.getInputStream(entry).readAllBytes(), StandardCharsets.ISO_8859_1);
          for (String text : forbidden) {
            assertFalse(content.contains(text), () -> entry.getName() + " holds " + text);
          }
        }
      }
      // Not the order in which the disk lists them.
      List<String> classes = files.stream().filter(name -> name.endsWith(".class")).toList();
      assertEquals(classes.stream().sorted().toList(), classes);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"core", "web"})
  void manifest_saysNothingOfTheMachine(String module) throws IOException {
    try (ZipFile jar = new ZipFile(jar(module).toFile())) {
      byte[] bytes = jar.getInputStream(jar.getEntry("META-INF/MANIFEST.MF")).readAllBytes();
      List<String> names =
          new String(bytes, StandardCharsets.UTF_8)
              .lines()
              .filter(line -> line.contains(":"))
              .map(line -> line.substring(0, line.indexOf(':')))
              .toList();
      List<String> known =
          List.of(
              "Manifest-Version",
              "Created-By",
              "Java-Version",
              "Build-Jdk-Spec",
              "Automatic-Module-Name");
      assertTrue(known.containsAll(names), names::toString);
    }
  }

  @Test
  void allModules_haveOneTime() throws IOException {
    assertEquals(time("pom.xml"), time("bom/pom.xml"));
  }
}
