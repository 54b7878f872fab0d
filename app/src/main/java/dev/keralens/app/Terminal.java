package dev.keralens.app;

import dev.keralens.text.TextTable;
import dev.keralens.text.Wrapping;
import java.io.Console;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The terminal that the program runs in, if there is one. */
final class Terminal {
  /** How wide help is in a file or a pipe. */
  static final int USUAL = 100;

  /** Narrower ones are taken for this, and break lines themselves. */
  private static final int NARROWEST = 40;

  private static final int WIDEST = 1000;

  private Terminal() {}

  /**
   * How many columns lines may have: what {@code COLUMNS} says, else those of the terminal that the
   * standard output is. Empty in a file or a pipe: there each row is one line, which others search.
   */
  static OptionalInt width() {
    return told().isEmpty() && isOutput() ? OptionalInt.of(asked()) : told();
  }

  /** The lines of a table. */
  static List<String> lines(TextTable table) {
    OptionalInt width = width();
    return width.isPresent() ? table.lines(width.getAsInt()) : table.lines();
  }

  /** A line of words. */
  static String line(String text) {
    OptionalInt width = width();
    return width.isPresent() ? Wrapping.paragraph(text, width.getAsInt(), 2) : text;
  }

  /** How wide help is, where that needs no question to the system: it would take a process. */
  static OptionalInt helpWidth() {
    return told().isEmpty() && !isOutput() ? OptionalInt.of(USUAL) : told();
  }

  /** What the launcher says, which has looked, or the user. */
  static OptionalInt told() {
    return Stream.of(
            System.getProperty("keralens.columns", ""), System.getenv().getOrDefault("COLUMNS", ""))
        .filter(text -> text.matches("[1-9]\\d{0,4}"))
        .mapToInt(text -> Math.max(NARROWEST, Math.min(Integer.parseInt(text), WIDEST)))
        .findFirst();
  }

  /** The width of the terminal itself, wherever the outputs go. */
  static int asked() {
    return Math.max(NARROWEST, new UsageMessageSpec().width(USUAL).autoWidth(true).width());
  }

  /** Whether the standard output is a terminal. Before JDK 22 there is a console only then. */
  @SuppressWarnings("SystemConsoleNull") // Newer ones are asked.
  static boolean isOutput() {
    Console console = System.console();
    try {
      return console != null && (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  /**
   * Whether the standard error is a terminal: Java cannot tell, so the launcher does. Without it,
   * Java knows at least whether it has a terminal at all.
   */
  @SuppressWarnings("SystemConsoleNull") // From JDK 22 on, the launcher has told.
  static boolean isError() {
    String told = System.getProperty("keralens.terminal");
    return told == null ? System.console() != null : Boolean.parseBoolean(told);
  }
}
