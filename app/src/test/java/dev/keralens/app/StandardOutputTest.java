package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the program says where what it prints cannot be written. */
@EnabledOnOs(OS.LINUX)
class StandardOutputTest {
  private static final Path FULL = Path.of("/dev/full");
  private static final String MODEL = Cli.PARITY.resolve("conv_mix/model.keras").toString();
  private static final String IMAGE = Cli.IMAGES.resolve("444.jpg").toString();

  private record Run(int code, List<String> err) {}

  /** Runs the program in a shell. */
  private static Run run(String behind, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("bash", "-c", "set -o pipefail; \"$@\" " + behind, "sh"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), err.lines().filter(line -> !isJava(line)).toList());
  }

  /** What newer JDKs say about libraries. */
  private static boolean isJava(String line) {
    return line.startsWith("WARNING: ");
  }

  private static void assertFails(Run run) {
    assertEquals(1, run.code, run::toString);
    String last = run.err.get(run.err.size() - 1);
    assertTrue(last.startsWith("keralens: "), run::toString);
    assertTrue(last.contains("No space left on device"), run::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"methods", "--help"})
  void fullDevice_isAFailureInOneLine(String command) throws Exception {
    Run run = run("> /dev/full", command);
    assertFails(run);
    assertEquals(1, run.err.size(), run::toString);
  }

  @Test
  void fullDevice_whereAPictureOrATableGoesThere() throws Exception {
    String[] picture = {"explain", IMAGE, "-m", MODEL, "--preprocess", "unit", "-o", "-"};
    assertFails(run("> /dev/full", picture));
    String[] table = {"predict", IMAGE, "-m", MODEL, "--preprocess", "unit", "--csv", "-"};
    assertFails(run("> /dev/full", table));
  }

  @Test
  void closedPipe_endsQuietly() throws Exception {
    Run run = run("| head -c 1", "completion", "bash");
    assertEquals(List.of(), run.err);
    assertEquals(0, run.code);
  }

  @Test
  void device_isWrittenToAndNotReplaced() throws IOException {
    for (String option : List.of("--csv", "--json")) {
      Cli run = Cli.run("predict", IMAGE, "-m", MODEL, "--preprocess", "unit", option, FULL);
      assertEquals(1, run.code(), run::toString);
      assertTrue(run.err().get(0).startsWith("keralens: Cannot write /dev/full"), run::toString);
      assertTrue(!Files.isRegularFile(FULL));
    }
    Cli.fails(2, List.of("-o -"), "explain", IMAGE, "-m", MODEL, "-o", FULL);
  }
}
