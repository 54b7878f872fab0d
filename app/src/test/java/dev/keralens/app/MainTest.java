package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Version;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(Object command, String... arguments) {
    return prepared(Main.commandLine(command)).execute(arguments);
  }

  private CommandLine prepared(CommandLine commandLine) {
    return commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
  }

  @Test
  void version_isPrinted() {
    assertEquals(0, run(new Main(), "--version"));
    assertEquals("keralens " + Version.current(), out.toString().strip());
  }

  @Test
  void run_withoutCommandIsWrongUsage() {
    assertEquals(2, run(new Main()));
    assertEquals(
        """
        keralens: Which command? explain, predict, export, inspect, methods, models, devices, serve, demo, completion, help
        See 'keralens --help'.
        """,
        lines(err));
  }

  @Test
  void run_unknownOptionSuggestsTheClosest() {
    assertEquals(2, run(new Main(), "--verison"));
    assertTrue(lines(err).contains("--version"), err::toString);
  }

  @Test
  void failure_isOneLineAndExitCodeOne() {
    assertEquals(1, run(new Failing(new IOException("cat.keras is\n  broken"))));
    assertEquals("keralens: cat.keras is broken\n", lines(err));
  }

  @Test
  void failure_missingFileIsNamedAsSuch() {
    assertEquals(1, run(new Failing(new NoSuchFileException("cat.keras"))));
    assertEquals("keralens: No such file: cat.keras\n", lines(err));
  }

  @Test
  void failure_withoutMessageNamesTheException() {
    assertEquals(1, run(new Failing(new IllegalStateException())));
    assertEquals("keralens: IllegalStateException\n", lines(err));
  }

  @Test
  void failure_verbosePrintsTheTrace() {
    CommandLine commandLine = Main.commandLine(new Main());
    commandLine.addSubcommand("fail", new Failing(new IOException("broken")));
    commandLine.setExecutionExceptionHandler(new Failures());
    prepared(commandLine);
    assertEquals(1, commandLine.execute("fail", "--verbose"));
    assertTrue(lines(err).contains("\tat dev.keralens.app.MainTest"), err::toString);
    assertTrue(lines(err).endsWith("\nkeralens: broken\n"), err::toString);
  }

  @Test
  void failure_ofTheNativeLibraryIsOneLine(@TempDir Path folder) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + folder.resolve("missing"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "predict",
                Cli.IMAGES.resolve("444.jpg").toString(),
                "--model",
                Cli.PARITY.resolve("conv_mix/model.keras").toString())
            .redirectErrorStream(true)
            .start();
    List<String> said = process.inputReader().lines().toList();
    assertEquals(1, process.waitFor());
    String line = said.get(said.size() - 1);
    assertTrue(line.startsWith("keralens: "), line);
    assertTrue(line.contains("model.keras: ONNX Runtime's native library cannot be"), line);
    assertTrue(line.contains("TMPDIR=FOLDER"), line);
    assertFalse(said.toString().contains("\tat "), said::toString);
  }

  private static String lines(StringWriter text) {
    return text.toString().replace(System.lineSeparator(), "\n");
  }

  @Command(name = "fail")
  private record Failing(Exception exception) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      throw exception;
    }
  }
}
