package dev.keralens.app;

import dev.keralens.text.TextTable;
import java.io.PrintWriter;

/** Rows of text in aligned columns, printed. */
final class Table {
  private final TextTable table;

  /** Makes a table; a title that begins with {@code >} has its column aligned to the right. */
  Table(String... titles) {
    table = new TextTable(titles);
  }

  /** Adds a row. */
  void add(String... cells) {
    table.add(cells);
  }

  /** Prints the table, in the terminal's width where there is one. */
  void print(PrintWriter out) {
    Terminal.lines(table).forEach(out::println);
    out.flush();
  }
}
