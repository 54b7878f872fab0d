package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final CommandLine commandLine =
      Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

  @Test
  void version_isPrinted() {
    assertEquals(0, commandLine.execute("--version"));
    assertEquals("keralens " + dev.keralens.Version.current(), out.toString().strip());
  }

  @Test
  void run_withoutCommandIsWrongUsage() {
    assertEquals(2, commandLine.execute());
    assertEquals(
        "Which command? See 'keralens --help'.", err.toString().lines().findFirst().orElse(""));
  }
}
