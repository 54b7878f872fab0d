package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The command line, run within this process.
 *
 * @param code the exit code
 * @param out what it printed, line by line
 * @param err what it printed to the standard error, line by line
 */
record Cli(int code, List<String> out, List<String> err) {
  static final Path CORE = Path.of("../core/src/test/resources");
  static final Path PARITY = CORE.resolve("parity");
  static final Path IMAGES = CORE.resolve("golden/images");

  /** Runs a command; arguments become text. */
  static Cli run(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.commandLine(new Main())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
    return new Cli(code, out.toString().lines().toList(), err.toString().lines().toList());
  }

  /** Runs a command that has to succeed. */
  static Cli done(Object... arguments) {
    Cli run = run(arguments);
    assertEquals(0, run.code, run::toString);
    return run;
  }

  /** Runs a command that has to fail in one line, which contains some texts. */
  static Cli fails(int code, List<String> texts, Object... arguments) {
    Cli run = run(arguments);
    assertEquals(code, run.code, run::toString);
    assertEquals(1, run.err.size(), run::toString);
    String line = run.err.get(0);
    assertTrue(line.startsWith("keralens: "), run::toString);
    texts.forEach(text -> assertTrue(line.contains(text), () -> text + " in " + run));
    assertEquals(List.of(), run.out);
    return run;
  }
}
