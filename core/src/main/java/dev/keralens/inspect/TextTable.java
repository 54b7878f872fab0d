package dev.keralens.inspect;

import dev.keralens.text.Printable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows of text in aligned columns. */
public final class TextTable {
  private static final int WIDEST = 72;

  private final List<List<String>> rows = new ArrayList<>();
  private final boolean[] right;

  /**
   * Makes a table without rows.
   *
   * @param titles the titles of its columns; one that begins with {@code >} is aligned to the right
   */
  public TextTable(String... titles) {
    right = new boolean[titles.length];
    List<String> row = new ArrayList<>();
    for (int i = 0; i < titles.length; i++) {
      right[i] = titles[i].startsWith(">");
      row.add(right[i] ? titles[i].substring(1) : titles[i]);
    }
    rows.add(row);
  }

  /**
   * Adds a row.
   *
   * @param cells the text of each column
   */
  public void add(String... cells) {
    rows.add(Arrays.stream(cells).map(Printable::visible).toList());
  }

  /** {@return the lines; long texts are shortened, except in the last column} */
  public List<String> lines() {
    int[] widths = new int[right.length];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], Math.min(width(shown(row, i)), WIDEST));
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String cell = shown(row, i);
        String space = " ".repeat(Math.max(0, widths[i] - width(cell)));
        line.append(i == 0 ? "" : "  ").append(right[i] ? space + cell : cell + space);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  private String shown(List<String> row, int column) {
    String text = row.get(column);
    return column == right.length - 1 || width(text) <= WIDEST
        ? text
        : text.substring(0, text.offsetByCodePoints(0, WIDEST - 1)) + "…";
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }

  /** {@return the lines, each ended} */
  @Override
  public String toString() {
    return String.join("\n", lines()) + "\n";
  }
}
