package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A folder with the script {@code keralens}, with a Java and a Maven that only say how they were
 * called.
 */
abstract class LauncherFolder {
  private static final List<String> TOOLS =
      List.of(
          "sh",
          "cat",
          "chmod",
          "cksum",
          "dirname",
          "find",
          "flock",
          "grep",
          "head",
          "mkdir",
          "mktemp",
          "mv",
          "readlink",
          "rm",
          "sed",
          "touch",
          "uname",
          "wc");
  private static final String FAKE_JAVA = "#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit 7\n";

  static final String FAKE_MVN =
      "#!/bin/sh\npwd\nprintf '%s\\n' \"$@\"\ncat\necho x >>../built\necho jar >app/target/keralens.jar\n";

  @TempDir Path folder;
  Path root;
  Path launcher;
  Path jar;
  Path tools;
  Path javaHome;

  record Run(int exitCode, List<String> out, List<String> err) {}

  @BeforeEach
  void layOut() throws IOException {
    root = Files.createDirectories(folder.resolve("a place/with $paces")).toRealPath();
    launcher = Files.copy(Path.of("../keralens"), root.resolve("keralens"));
    jar = root.resolve("app/target/keralens.jar");
    for (String path : List.of("core/src/main", "app/src/main", "app/target")) {
      Files.createDirectories(root.resolve(path));
    }
    for (String path : List.of("pom.xml", "core/pom.xml", "app/pom.xml", "core/src/main/A.java")) {
      Files.writeString(root.resolve(path), "");
    }
    Files.writeString(jar, "");
    age(jar, -10);
    tools = Files.createDirectories(folder.resolve("tools"));
    for (String tool : TOOLS) {
      for (String bin : List.of("/bin", "/usr/bin")) {
        Path path = Path.of(bin, tool);
        if (Files.exists(path)) {
          executable(tools.resolve(tool), "#!/bin/sh\nexec " + path + " \"$@\"\n");
        }
      }
    }
    executable(tools.resolve("mvn"), FAKE_MVN);
    javaHome = folder.resolve("a jdk");
    executable(javaHome.resolve("bin/java"), FAKE_JAVA);
    Files.writeString(javaHome.resolve("release"), "A=\"1\"\nJAVA_VERSION=\"17.0.15\"\n");
  }

  /** The value of the only option that begins so. */
  static String option(Run run, String name) {
    List<String> found = run.out.stream().filter(word -> word.startsWith(name)).toList();
    assertEquals(1, found.size(), run::toString);
    return found.get(0).substring(name.length());
  }

  void assertFails(Map<String, String> environment, String message) throws Exception {
    Run run = launch(launcher, List.of("demo"), environment);
    assertEquals(1, run.exitCode, run::toString);
    assertEquals(List.of(), run.out);
    String last = run.err.get(run.err.size() - 1);
    assertTrue(last.startsWith("keralens: ") && last.contains(message), run::toString);
  }

  int builds() throws IOException {
    Path built = root.resolve("../built");
    return Files.exists(built) ? Files.readAllLines(built).size() : 0;
  }

  Run launch(Path script, List<String> arguments, Map<String, String> environment)
      throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        process(script, arguments, environment)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    process.getOutputStream().close();
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    return new Run(process.exitValue(), Files.readAllLines(out), Files.readAllLines(err));
  }

  ProcessBuilder process(Path script, List<String> arguments, Map<String, String> environment) {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().clear();
    builder
        .environment()
        .putAll(Map.of("PATH", tools.toString(), "JAVA_HOME", javaHome.toString()));
    builder.environment().putAll(environment);
    return builder;
  }

  static void executable(Path path, String text) throws IOException {
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
    assertTrue(path.toFile().setExecutable(true));
  }

  /** Sets when a file was changed; what is laid out counts as an hour old. */
  void age(Path path, int minutes) throws IOException {
    Instant now = Instant.now();
    try (var files = Files.walk(root)) {
      for (Path other : files.filter(other -> !other.equals(jar)).toList()) {
        Files.setLastModifiedTime(other, FileTime.from(now.minusSeconds(3600)));
      }
    }
    Files.setLastModifiedTime(path, FileTime.from(now.plusSeconds(60L * minutes)));
  }
}
