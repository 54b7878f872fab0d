package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code keralens}, with a Java and a Maven that only say how they were called. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
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

  /** Writes the archive that it is asked for, and says so in the file "recorded". */
  private static final String RECORDING_JAVA =
      """
      #!/bin/sh
      for word in "$@"; do
        case $word in
          -XX:ArchiveClassesAtExit=*) echo classes >"${word#*=}"; echo x >>"$RECORDED" ;;
        esac
      done
      printf '%s\\n' "$@"
      """;

  private static final String FAKE_JAR =
      "#!/bin/sh\nmkdir -p \"$3\"\necho library >\"$3/libonnxruntime.so\"\n";

  private static final String FAKE_MVN =
      "#!/bin/sh\npwd\nprintf '%s\\n' \"$@\"\ncat\necho x >>../built\necho jar >app/target/keralens.jar\n";

  @TempDir private Path folder;
  private Path root;
  private Path launcher;
  private Path jar;
  private Path tools;
  private Path javaHome;

  private record Run(int exitCode, List<String> out, List<String> err) {}

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

  @Test
  void arguments_passVerbatimAndTheExitCodeBack() throws Exception {
    List<String> arguments =
        List.of("explain", "a b.png", "", "*", "$HOME", "--x='\"\\", "-o", "ü");
    Run run = launch(launcher, arguments, Map.of());
    assertEquals(7, run.exitCode);
    int start = run.out.indexOf("-jar");
    assertEquals(jar.toString(), run.out.get(start + 1));
    assertEquals(arguments, run.out.subList(start + 2, run.out.size()));
    assertEquals(List.of(), run.err);
    assertEquals(0, builds());
  }

  @Test
  void launcher_worksThroughASymbolicLink() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("a place/hop"));
    Files.createSymbolicLink(root.resolveSibling("hop"), Path.of("with $paces/keralens"));
    Run run = launch(link, List.of(), Map.of());
    assertEquals(7, run.exitCode, run::toString);
    assertTrue(run.out.contains(jar.toString()), run::toString);
  }

  @Test
  void launcher_worksInAFolderOfAnyName() throws Exception {
    for (String name : List.of("it's \"q\" `b` $(c) \\ *", "-x", "ü é 写真")) {
      Path other = Files.move(root, root.resolveSibling(name));
      Run run = launch(other.resolve("keralens"), List.of("demo"), Map.of());
      assertEquals(7, run.exitCode, run::toString);
      assertEquals(List.of(), run.err);
      assertTrue(run.out.contains(other.resolve("app/target/keralens.jar").toString()));
      Files.move(other, root);
    }
  }

  @Test
  void launcher_refusesAFolderWithAColon() throws Exception {
    Path other = Files.move(root, root.resolveSibling("12:30"));
    Run run = launch(other.resolve("keralens"), List.of("demo"), Map.of());
    assertEquals(1, run.exitCode, run::toString);
    assertEquals(1, run.err.size(), run::toString);
    assertTrue(run.err.get(0).contains("a folder with a ':' in its name: " + other), run::toString);
  }

  @Test
  void names_areReadAsUtf8WhereNoLanguageIsSet() throws Exception {
    executable(javaHome.resolve("bin/java"), "#!/bin/sh\necho \"${LC_ALL:-none}\"\n");
    assertEquals(List.of("C.UTF-8"), launch(launcher, List.of(), Map.of()).out);
    assertEquals(List.of("C.UTF-8"), launch(launcher, List.of(), Map.of("LC_ALL", "POSIX")).out);
    assertEquals(
        List.of("de_DE.UTF-8"), launch(launcher, List.of(), Map.of("LC_ALL", "de_DE.UTF-8")).out);
    assertEquals(List.of("none"), launch(launcher, List.of(), Map.of("LANG", "ja_JP")).out);
  }

  @Test
  void javaOptions_areSeveralWords() throws Exception {
    Run run = launch(launcher, List.of("demo"), Map.of("KERALENS_JAVA_OPTS", "-Xmx8g -Da=*"));
    assertTrue(run.out.containsAll(List.of("-Xmx8g", "-Da=*")), run::toString);
  }

  @Test
  void temporaryFolder_isThatOfTheEnvironment() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("a temporary folder"));
    Run run = launch(launcher, List.of(), Map.of("TMPDIR", temporary.toString()));
    assertEquals(temporary.toString(), option(run, "-Djava.io.tmpdir="));
    for (String none : List.of("", folder.resolve("none").toString())) {
      Run usual = launch(launcher, List.of(), Map.of("TMPDIR", none));
      assertEquals(7, usual.exitCode, usual::toString);
      assertFalse(usual.out.toString().contains("java.io.tmpdir"), usual::toString);
    }
  }

  @Test
  void mallocThreshold_isSetWhereTheUserHasNone() throws Exception {
    executable(javaHome.resolve("bin/java"), "#!/bin/sh\necho \"$MALLOC_MMAP_THRESHOLD_\"\n");
    assertEquals(List.of("1000000"), launch(launcher, List.of(), Map.of()).out);
    assertEquals(
        List.of("5"), launch(launcher, List.of(), Map.of("MALLOC_MMAP_THRESHOLD_", "5")).out);
  }

  @Test
  void java_isFoundOnThePathWithoutJavaHome() throws Exception {
    Files.createSymbolicLink(tools.resolve("java"), javaHome.resolve("bin/java"));
    assertEquals(7, launch(launcher, List.of(), Map.of("JAVA_HOME", "")).exitCode);
  }

  @Test
  void java_missing() throws Exception {
    assertFails(Map.of("JAVA_HOME", ""), "Java is missing");
    assertFails(Map.of("JAVA_HOME", folder.resolve("none").toString()), "JAVA_HOME is");
  }

  @Test
  void java_olderThan17() throws Exception {
    Files.writeString(javaHome.resolve("release"), "JAVA_VERSION=\"1.8.0_392\"\n");
    assertFails(Map.of(), "is 1.8.0_392");
    Files.delete(javaHome.resolve("release"));
    executable(
        javaHome.resolve("bin/java"),
        "#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\necho 'more' >&2\n");
    assertFails(Map.of(), "is 11.0.2");
  }

  @Test
  void build_happensOnceWhereTheJarIsMissing() throws Exception {
    Files.delete(jar);
    Run run = launch(launcher, List.of("demo"), Map.of());
    assertEquals(7, run.exitCode, run::toString);
    assertEquals(1, run.err.size(), run::toString);
    assertTrue(run.err.get(0).startsWith("keralens: building for the first use"), run::toString);
    assertEquals("demo", run.out.get(run.out.size() - 1));
    assertFalse(run.out.contains(root.toString()), run::toString);
    assertEquals(7, launch(launcher, List.of("demo"), Map.of()).exitCode);
    assertEquals(1, builds());
  }

  @Test
  void build_isRepeatedWhereASourceIsNewerOrGone() throws Exception {
    age(root.resolve("core/src/main/A.java"), 0);
    Run run = launch(launcher, List.of(), Map.of());
    assertTrue(run.err.get(0).contains("the source is newer than the jar"), run::toString);
    assertEquals(1, builds());
    age(jar, -10);
    Files.delete(root.resolve("core/src/main/A.java"));
    launch(launcher, List.of(), Map.of());
    assertEquals(2, builds());
  }

  @Test
  void build_failureShowsTheErrorsAndNothingRuns() throws Exception {
    Files.delete(jar);
    executable(
        tools.resolve("mvn"), "#!/bin/sh\necho 'noise'\necho '[ERROR] A.java: no'\nexit 1\n");
    Run run = launch(launcher, List.of(), Map.of("TMPDIR", folder.toString()));
    assertEquals(1, run.exitCode);
    assertEquals(List.of(), run.out);
    assertEquals(3, run.err.size(), run::toString);
    assertEquals("[ERROR] A.java: no", run.err.get(1));
    assertTrue(run.err.get(2).contains(folder + "/keralens-build."), run::toString);
  }

  @Test
  void build_withoutMavenIsRefused() throws Exception {
    Files.delete(jar);
    Files.delete(tools.resolve("mvn"));
    assertFails(Map.of(), "Maven (mvn) is missing");
  }

  @Test
  void build_isOneWhereSeveralStartAtOnce() throws Exception {
    if (!Files.exists(tools.resolve("flock"))) {
      return;
    }
    Files.delete(jar);
    executable(tools.resolve("mvn"), FAKE_MVN.replace("pwd\n", "find / -maxdepth 2 >/dev/null\n"));
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      processes.add(process(launcher, List.of(), Map.of()).start());
    }
    for (Process process : processes) {
      assertEquals(7, process.waitFor());
    }
    assertEquals(1, builds());
  }

  @Test
  void archive_isMadeOnceForEachJavaAndUsed() throws Exception {
    recording();
    Run run = launch(launcher, List.of("demo"), recorded());
    assertEquals(List.of(), run.err);
    assertEquals("demo", run.out.get(run.out.size() - 1));
    Path archive = Path.of(option(run, "-XX:SharedArchiveFile="));
    assertEquals("classes\n", Files.readString(archive));
    assertTrue(archive.startsWith(root.resolve("app/target")), run::toString);
    Path library = Path.of(option(run, "-Donnxruntime.native.path=")).resolve("libonnxruntime.so");
    assertEquals("library\n", Files.readString(library));
    assertEquals(run.out, launch(launcher, List.of("demo"), recorded()).out);
    assertEquals(1, recordings());
    Files.writeString(javaHome.resolve("release"), "JAVA_VERSION=\"17.0.15\"\nIMPLEMENTOR=\"B\"\n");
    Run other = launch(launcher, List.of("demo"), recorded());
    assertFalse(option(other, "-XX:SharedArchiveFile=").equals(archive.toString()));
    assertEquals(2, recordings());
    assertEquals(List.of(), files("start-new.*"));
  }

  @Test
  void archive_isMadeAgainWhereItIsDamagedOrOfAnotherJar() throws Exception {
    recording();
    Path archive =
        Path.of(option(launch(launcher, List.of(), recorded()), "-XX:SharedArchiveFile="));
    Files.writeString(archive, "cla");
    launch(launcher, List.of(), recorded());
    assertEquals("classes\n", Files.readString(archive));
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(5)));
    launch(launcher, List.of(), recorded());
    assertEquals(3, recordings());
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(500)));
    launch(launcher, List.of(), recorded());
    assertEquals(4, recordings());
    Files.delete(archive.resolveSibling("native/libonnxruntime.so"));
    launch(launcher, List.of(), recorded());
    assertEquals(5, recordings());
    Path moved = Files.move(root, root.resolveSibling("moved"));
    Run run = launch(moved.resolve("keralens"), List.of(), recorded());
    assertTrue(option(run, "-XX:SharedArchiveFile=").startsWith(moved.toString()), run::toString);
    assertEquals(6, recordings());
  }

  @Test
  void archive_thatCannotBeMadeIsNotTriedAgain() throws Exception {
    for (int i = 0; i < 2; i++) {
      Run run = launch(launcher, List.of("demo"), Map.of());
      assertEquals(7, run.exitCode);
      assertEquals(List.of(), run.err);
      assertFalse(run.out.toString().contains("SharedArchiveFile"), run::toString);
      assertFalse(run.out.toString().contains("native.path"), run::toString);
    }
    assertEquals(1, files("start-17*").size());
    assertEquals(List.of(), files("start-new.*"));
  }

  @Test
  void archive_isNotMadeWhereTheFolderCannotBeWritten() throws Exception {
    recording();
    Path target = root.resolve("app/target");
    assertTrue(target.toFile().setWritable(false));
    assumeFalse(Files.isWritable(target));
    Run run = launch(launcher, List.of("demo"), recorded());
    assertTrue(target.toFile().setWritable(true));
    assertEquals(List.of(), run.err);
    assertEquals("demo", run.out.get(run.out.size() - 1));
    assertEquals(0, recordings());
  }

  @Test
  void archive_isOneWhereSeveralStartAtOnce() throws Exception {
    assumeTrue(Files.exists(tools.resolve("flock")));
    recording();
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      processes.add(process(launcher, List.of(), recorded()).start());
    }
    for (Process process : processes) {
      assertEquals(0, process.waitFor());
    }
    assertEquals(1, recordings());
  }

  @Test
  void archive_isRemovedByTheNextBuild() throws Exception {
    recording();
    launch(launcher, List.of(), recorded());
    Files.createDirectory(jar.resolveSibling("start-new.killed"));
    Files.createDirectory(jar.resolveSibling("start-of-another-java"));
    age(root.resolve("core/src/main/A.java"), 0);
    launch(launcher, List.of(), recorded());
    assertEquals(2, recordings());
    assertEquals(1, files("start-*").size());
  }

  @Test
  void archive_andCollectorGiveWayToTheUsers() throws Exception {
    recording();
    Run run =
        launch(launcher, List.of(), recorded("-XX:+UseG1GC -XX:SharedArchiveFile=/tmp/my.jsa"));
    assertFalse(run.out.contains("-XX:+UseSerialGC"), run::toString);
    assertEquals("/tmp/my.jsa", option(run, "-XX:SharedArchiveFile="));
    Run usual = launch(launcher, List.of(), recorded("-Xmx2g"));
    assertTrue(usual.out.contains("-XX:+UseSerialGC"), usual::toString);
  }

  @Test
  void compiler_isTheQuickOneForFewArguments() throws Exception {
    String quick = "-XX:TieredStopAtLevel=1";
    assertTrue(launch(launcher, Collections.nCopies(30, "a"), Map.of()).out.contains(quick));
    assertFalse(launch(launcher, Collections.nCopies(31, "a"), Map.of()).out.contains(quick));
  }

  private void recording() throws IOException {
    executable(javaHome.resolve("bin/java"), RECORDING_JAVA);
    executable(javaHome.resolve("bin/jar"), FAKE_JAR);
  }

  private Map<String, String> recorded() {
    return recorded("");
  }

  private Map<String, String> recorded(String options) {
    return Map.of("RECORDED", folder.resolve("recorded").toString(), "KERALENS_JAVA_OPTS", options);
  }

  private int recordings() throws IOException {
    Path file = folder.resolve("recorded");
    return Files.exists(file) ? Files.readAllLines(file).size() : 0;
  }

  private List<String> files(String glob) throws IOException {
    List<String> names = new ArrayList<>();
    try (var files = Files.newDirectoryStream(root.resolve("app/target"), glob)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    return names;
  }

  /** The value of the only option that begins so. */
  private static String option(Run run, String name) {
    List<String> found = run.out.stream().filter(word -> word.startsWith(name)).toList();
    assertEquals(1, found.size(), run::toString);
    return found.get(0).substring(name.length());
  }

  private void assertFails(Map<String, String> environment, String message) throws Exception {
    Run run = launch(launcher, List.of("demo"), environment);
    assertEquals(1, run.exitCode, run::toString);
    assertEquals(List.of(), run.out);
    String last = run.err.get(run.err.size() - 1);
    assertTrue(last.startsWith("keralens: ") && last.contains(message), run::toString);
  }

  private int builds() throws IOException {
    Path built = root.resolve("../built");
    return Files.exists(built) ? Files.readAllLines(built).size() : 0;
  }

  private Run launch(Path script, List<String> arguments, Map<String, String> environment)
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

  private ProcessBuilder process(
      Path script, List<String> arguments, Map<String, String> environment) {
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

  private static void executable(Path path, String text) throws IOException {
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
    assertTrue(path.toFile().setExecutable(true));
  }

  /** Sets when a file was changed; what is laid out counts as an hour old. */
  private void age(Path path, int minutes) throws IOException {
    Instant now = Instant.now();
    try (var files = Files.walk(root)) {
      for (Path other : files.filter(other -> !other.equals(jar)).toList()) {
        Files.setLastModifiedTime(other, FileTime.from(now.minusSeconds(3600)));
      }
    }
    Files.setLastModifiedTime(path, FileTime.from(now.plusSeconds(60L * minutes)));
  }
}
