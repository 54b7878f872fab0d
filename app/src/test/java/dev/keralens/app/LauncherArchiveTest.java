package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What the script {@code keralens} prepares for faster starts. */
@DisabledOnOs(OS.WINDOWS)
class LauncherArchiveTest extends LauncherFolder {
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

  @Test
  void archive_isMadeOnceForEachJavaAndUsed() throws Exception {
    recording();
    Run run = launch(launcher, List.of("demo"), recorded());
    assertEquals(List.of(), run.err());
    assertEquals("demo", run.out().get(run.out().size() - 1));
    Path archive = Path.of(option(run, "-XX:SharedArchiveFile="));
    assertEquals("classes\n", Files.readString(archive));
    assertTrue(archive.startsWith(root.resolve("app/target")), run::toString);
    Path library = Path.of(option(run, "-Donnxruntime.native.path=")).resolve("libonnxruntime.so");
    assertEquals("library\n", Files.readString(library));
    assertEquals(run.out(), launch(launcher, List.of("demo"), recorded()).out());
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

  /** Sizes and times may stay as they were: the content decides. */
  @Test
  void archive_isMadeAgainWhereItsContentIsDamaged() throws Exception {
    recording();
    Run run = launch(launcher, List.of(), recorded());
    Path archive = Path.of(option(run, "-XX:SharedArchiveFile="));
    Path library = archive.resolveSibling("native/libonnxruntime.so");
    for (Path file : List.of(archive, library)) {
      byte[] content = Files.readAllBytes(file);
      FileTime time = Files.getLastModifiedTime(file);
      byte[] damaged = content.clone();
      damaged[damaged.length / 2] ^= 1;
      Thread.sleep(50); // the system's clock of files is coarse
      Files.write(file, damaged);
      Files.setLastModifiedTime(file, time);
      int before = recordings();
      launch(launcher, List.of(), recorded());
      assertEquals(before + 1, recordings());
      assertArrayEquals(content, Files.readAllBytes(file));
    }
    Thread.sleep(50);
    Files.setLastModifiedTime(archive, FileTime.from(Instant.now()));
    launch(launcher, List.of(), recorded());
    assertEquals(3, recordings()); // touched, and the same
  }

  @Test
  void archive_thatJavaCannotStartFromIsNotUsed() throws Exception {
    recording();
    executable(
        javaHome.resolve("bin/java"),
        RECORDING_JAVA + "case \"$*\" in *-Xshare:on*) exit 1 ;; esac\n");
    Run run = launch(launcher, List.of("demo"), recorded());
    assertFalse(run.out().toString().contains("SharedArchiveFile"), run::toString);
    assertTrue(run.out().toString().contains("native.path"), run::toString);
    launch(launcher, List.of("demo"), recorded());
    assertEquals(1, recordings());
  }

  @Test
  void archive_ofAnInterruptedStartIsNotTrustedAndCleared() throws Exception {
    recording();
    Run run = launch(launcher, List.of(), recorded());
    Path ready = Path.of(option(run, "-XX:SharedArchiveFile=")).resolveSibling("ready");
    FileTime time = Files.getLastModifiedTime(ready);
    Files.createDirectories(jar.resolveSibling("start-new.killed/native"));
    String all = Files.readString(ready);
    for (int end : List.of(all.length() - 2, all.indexOf('\n') + 1, 3, 0)) {
      int before = recordings();
      Files.writeString(ready, all.substring(0, end));
      Files.setLastModifiedTime(ready, time);
      Run again = launch(launcher, List.of(), recorded());
      assertEquals(before + 1, recordings());
      assertEquals(all, Files.readString(ready));
      option(again, "-XX:SharedArchiveFile=");
    }
    assertEquals(List.of(), files("start-new.*"));
  }

  @Test
  void archive_thatCannotBeMadeIsNotTriedAgain() throws Exception {
    for (int i = 0; i < 2; i++) {
      Run run = launch(launcher, List.of("demo"), Map.of());
      assertEquals(7, run.exitCode());
      assertEquals(List.of(), run.err());
      assertFalse(run.out().toString().contains("SharedArchiveFile"), run::toString);
      assertFalse(run.out().toString().contains("native.path"), run::toString);
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
    assertEquals(List.of(), run.err());
    assertEquals("demo", run.out().get(run.out().size() - 1));
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
    assertFalse(run.out().contains("-XX:+UseSerialGC"), run::toString);
    assertEquals("/tmp/my.jsa", option(run, "-XX:SharedArchiveFile="));
    Run usual = launch(launcher, List.of(), recorded("-Xmx2g"));
    assertTrue(usual.out().contains("-XX:+UseSerialGC"), usual::toString);
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
}
