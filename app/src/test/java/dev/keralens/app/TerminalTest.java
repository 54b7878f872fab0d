package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.text.Wrapping;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is printed fits the terminal. */
class TerminalTest {
  private static final String COLUMNS = "keralens.columns";

  @TempDir private Path folder;

  @AfterEach
  void forget() {
    System.clearProperty(COLUMNS);
  }

  /** All but the demo, which takes longest. */
  private List<Object[]> commands() {
    Path model = Cli.PARITY.resolve("residual/model.keras");
    Path images = Cli.IMAGES;
    return List.of(
        new Object[] {"methods"},
        new Object[] {"models"},
        new Object[] {"devices"},
        new Object[] {"inspect", model},
        new Object[] {"predict", images, "-m", model, "--preprocess", "unit"},
        new Object[] {
          "explain", images, "-m", model, "--preprocess", "unit", "-o", folder.resolve("maps")
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 80})
  void everyCommand_fits(int width) {
    System.setProperty(COLUMNS, String.valueOf(width));
    for (Object[] command : commands()) {
      assertFits(width, Cli.done(command).out());
    }
  }

  @Test
  void demo_fits() {
    System.setProperty(COLUMNS, "60");
    assertFits(60, Cli.done("demo", "-o", folder).out());
  }

  @Test
  void everyHelp_fits() {
    for (int width : List.of(60, 80)) {
      System.setProperty(COLUMNS, String.valueOf(width));
      List<String> names = new ArrayList<>(List.of("--help"));
      Main.commandLine(new Main()).getSubcommands().keySet().stream()
          .filter(name -> !name.equals("help"))
          .forEach(names::add);
      for (String name : names) {
        String[] words = Stream.of(name, "--help").distinct().toArray(String[]::new);
        assertFits(width, Cli.done((Object[]) words).out());
      }
    }
  }

  /** A word that is longer, as the name of a file, stays whole. */
  private static void assertFits(int width, List<String> lines) {
    assertFalse(lines.isEmpty());
    for (String line : lines) {
      assertTrue(
          Wrapping.width(line) <= width || !line.strip().contains(" "), () -> width + ": " + line);
    }
  }

  @Test
  void whatProgramsRead_isNotBroken() {
    Path model = Cli.PARITY.resolve("residual/model.keras");
    Object[] command = {"predict", Cli.IMAGES, "-m", model, "--preprocess", "unit", "--csv", "-"};
    List<String> usual = Cli.done(command).out();
    System.setProperty(COLUMNS, "40");
    assertEquals(usual, Cli.done(command).out());
    assertTrue(usual.stream().anyMatch(line -> line.length() > 40));
  }

  @ParameterizedTest
  @CsvSource({"80, 80", "10, 40", "0, 100", "wide, 100", "'', 100"})
  void width_isWhatIsTold(String told, int width) {
    System.setProperty(COLUMNS, told);
    assertEquals(width, Terminal.helpWidth().orElse(-1));
  }

  @Test
  void messages_areBrokenBetweenWords() {
    System.setProperty(COLUMNS, "40");
    StringWriter terminal = new StringWriter();
    PrintWriter err = new PrintWriter(new MessageWriter(terminal), true);
    err.printf("keralens: a message that is too %s%n", "long for the terminal");
    err.print("\r[####] 1/2 and so on, which is drawn over and over");
    err.flush();
    err.print("\r\r");
    err.println("keralens: short");
    err.flush();
    String bar = "\r[####] 1/2 and so on, which is drawn over and over\r\r";
    assertEquals(
        List.of(
            "keralens: a message that is too long", "  for the terminal", bar + "keralens: short"),
        List.of(terminal.toString().split("\r?\n")));
  }
}
