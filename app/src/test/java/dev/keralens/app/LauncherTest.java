package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What the script {@code keralens} finds, builds and passes on. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest extends LauncherFolder {
  @Test
  void arguments_passVerbatimAndTheExitCodeBack() throws Exception {
    List<String> arguments =
        List.of("explain", "a b.png", "", "*", "$HOME", "--x='\"\\", "-o", "ü");
    Run run = launch(launcher, arguments, Map.of());
    assertEquals(7, run.exitCode());
    int start = run.out().indexOf("-jar");
    assertEquals(jar.toString(), run.out().get(start + 1));
    assertEquals(arguments, run.out().subList(start + 2, run.out().size()));
    assertEquals(List.of(), run.err());
    assertEquals(0, builds());
  }

  @Test
  void otherRuntime_standsBeforeTheJar() throws Exception {
    Path ort = Files.writeString(folder.resolve("other runtime.jar"), "");
    Run run = launch(launcher, List.of("devices"), Map.of("KERALENS_ORT_JAR", ort.toString()));
    assertEquals(7, run.exitCode(), run::toString);
    int start = run.out().indexOf("-cp");
    assertEquals(
        List.of(ort + ":" + jar, "dev.keralens.app.Main", "devices"),
        run.out().subList(start + 1, run.out().size()));
    assertFalse(run.out().contains("-jar"));
    Run missing = launch(launcher, List.of(), Map.of("KERALENS_ORT_JAR", "/none.jar"));
    assertEquals(1, missing.exitCode());
    assertTrue(missing.err().get(0).contains("KERALENS_ORT_JAR is '/none.jar'"));
  }

  @Test
  void launcher_worksThroughASymbolicLink() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("a place/hop"));
    Files.createSymbolicLink(root.resolveSibling("hop"), Path.of("with $paces/keralens"));
    Run run = launch(link, List.of(), Map.of());
    assertEquals(7, run.exitCode(), run::toString);
    assertTrue(run.out().contains(jar.toString()), run::toString);
  }

  @Test
  void launcher_worksInAFolderOfAnyName() throws Exception {
    for (String name : List.of("it's \"q\" `b` $(c) \\ *", "-x", "ü é 写真")) {
      Path other = Files.move(root, root.resolveSibling(name));
      Run run = launch(other.resolve("keralens"), List.of("demo"), Map.of());
      assertEquals(7, run.exitCode(), run::toString);
      assertEquals(List.of(), run.err());
      assertTrue(run.out().contains(other.resolve("app/target/keralens.jar").toString()));
      Files.move(other, root);
    }
  }

  @Test
  void launcher_refusesAFolderWithAColon() throws Exception {
    Path other = Files.move(root, root.resolveSibling("12:30"));
    Run run = launch(other.resolve("keralens"), List.of("demo"), Map.of());
    assertEquals(1, run.exitCode(), run::toString);
    assertEquals(1, run.err().size(), run::toString);
    assertTrue(
        run.err().get(0).contains("a folder with a ':' in its name: " + other), run::toString);
  }

  @Test
  void names_areReadAsUtf8WhereNoLanguageIsSet() throws Exception {
    executable(javaHome.resolve("bin/java"), "#!/bin/sh\necho \"${LC_ALL:-none}\"\n");
    assertEquals(List.of("C.UTF-8"), launch(launcher, List.of(), Map.of()).out());
    assertEquals(List.of("C.UTF-8"), launch(launcher, List.of(), Map.of("LC_ALL", "POSIX")).out());
    assertEquals(
        List.of("de_DE.UTF-8"), launch(launcher, List.of(), Map.of("LC_ALL", "de_DE.UTF-8")).out());
    assertEquals(List.of("none"), launch(launcher, List.of(), Map.of("LANG", "ja_JP")).out());
  }

  @Test
  void unsafe_isAllowedWhereJavaKnowsTheOption() throws Exception {
    String option = "--sun-misc-unsafe-memory-access=allow";
    assertFalse(launch(launcher, List.of(), Map.of()).out().contains(option));
    for (String version : List.of("23", "24.0.1", "25-ea")) {
      Files.writeString(javaHome.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
      Run run = launch(launcher, List.of(), Map.of());
      assertEquals(option, run.out().get(0));
    }
  }

  @Test
  void javaOptions_areSeveralWords() throws Exception {
    Run run = launch(launcher, List.of("demo"), Map.of("KERALENS_JAVA_OPTS", "-Xmx8g -Da=*"));
    assertTrue(run.out().containsAll(List.of("-Xmx8g", "-Da=*")), run::toString);
  }

  @Test
  void temporaryFolder_isThatOfTheEnvironment() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("a temporary folder"));
    Run run = launch(launcher, List.of(), Map.of("TMPDIR", temporary.toString()));
    assertEquals(temporary.toString(), option(run, "-Djava.io.tmpdir="));
    for (String none : List.of("", folder.resolve("none").toString())) {
      Run usual = launch(launcher, List.of(), Map.of("TMPDIR", none));
      assertEquals(7, usual.exitCode(), usual::toString);
      assertFalse(usual.out().toString().contains("java.io.tmpdir"), usual::toString);
    }
  }

  @Test
  void mallocThreshold_isSetWhereTheUserHasNone() throws Exception {
    executable(javaHome.resolve("bin/java"), "#!/bin/sh\necho \"$MALLOC_MMAP_THRESHOLD_\"\n");
    assertEquals(List.of("1000000"), launch(launcher, List.of(), Map.of()).out());
    assertEquals(
        List.of("5"), launch(launcher, List.of(), Map.of("MALLOC_MMAP_THRESHOLD_", "5")).out());
  }

  @Test
  void java_isFoundOnThePathWithoutJavaHome() throws Exception {
    Files.createSymbolicLink(tools.resolve("java"), javaHome.resolve("bin/java"));
    assertEquals(7, launch(launcher, List.of(), Map.of("JAVA_HOME", "")).exitCode());
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
    assertEquals(7, run.exitCode(), run::toString);
    assertEquals(1, run.err().size(), run::toString);
    assertTrue(run.err().get(0).startsWith("keralens: building for the first use"), run::toString);
    assertEquals("demo", run.out().get(run.out().size() - 1));
    assertFalse(run.out().contains(root.toString()), run::toString);
    assertEquals(7, launch(launcher, List.of("demo"), Map.of()).exitCode());
    assertEquals(1, builds());
  }

  @Test
  void build_isRepeatedWhereASourceIsNewerOrGone() throws Exception {
    age(root.resolve("core/src/main/A.java"), 0);
    Run run = launch(launcher, List.of(), Map.of());
    assertTrue(run.err().get(0).contains("the source is newer than the jar"), run::toString);
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
    assertEquals(1, run.exitCode());
    assertEquals(List.of(), run.out());
    assertEquals(3, run.err().size(), run::toString);
    assertEquals("[ERROR] A.java: no", run.err().get(1));
    assertTrue(run.err().get(2).contains(folder + "/keralens-build."), run::toString);
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
  void compiler_isTheQuickOneForFewArguments() throws Exception {
    String quick = "-XX:TieredStopAtLevel=1";
    assertTrue(launch(launcher, Collections.nCopies(30, "a"), Map.of()).out().contains(quick));
    assertFalse(launch(launcher, Collections.nCopies(31, "a"), Map.of()).out().contains(quick));
  }
}
