package dev.keralens.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Rows of text in aligned columns. */
public final class TextTable {
  private static final int WIDEST = 72;
  private static final int GAP = 2;

  /** What a column of text keeps, where others have to be narrower. */
  private static final int USUAL = 16;

  /** How long words stay whole in columns of text: what is tried. */
  private static final int[] WHOLE_WORDS = {24, 20, 16, 12, 10};

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

  /** {@return the lines, one for each row; long texts are shortened, except in the last column} */
  public List<String> lines() {
    int[] widths = new int[right.length];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], Math.min(Wrapping.width(shown(row, i)), WIDEST));
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      List<String> cells = IntStream.range(0, widths.length).mapToObj(i -> shown(row, i)).toList();
      lines.add(line(cells, widths));
    }
    return lines;
  }

  /**
   * {@return the lines, none of which is longer than a width}: as without one where all fit; else
   * text goes on in further lines of its row, or the last columns lie below those before them,
   * whichever takes fewer lines and breaks fewer words
   *
   * @param width how many columns a line has at most
   */
  public List<String> lines(int width) {
    List<String> whole = lines();
    boolean fits = whole.stream().allMatch(line -> Wrapping.width(line) <= width);
    return fits && rows.stream().noneMatch(this::isShortened) ? whole : wrapped(width);
  }

  private boolean isShortened(List<String> row) {
    return IntStream.range(0, right.length).anyMatch(i -> !shown(row, i).equals(row.get(i)));
  }

  private List<String> wrapped(int width) {
    List<String> best = List.of();
    int least = Integer.MAX_VALUE;
    for (int beside = right.length; beside > 0; beside--) {
      for (int whole : WHOLE_WORDS) {
        int[] widths = least(beside, whole);
        if (sum(widths) <= width) {
          widen(widths, width);
          List<String> lines = lines(widths, width);
          int cost = lines.size() + broken(widths);
          if (cost < least) {
            least = cost;
            best = lines;
          }
        }
      }
      if (right[beside - 1] && !best.isEmpty()) {
        break; // Numbers stay beside what they are of, where they can.
      }
    }
    return best.isEmpty() ? lines() : best;
  }

  /** The lines, of which those of the columns without a width lie below the others. */
  private List<String> lines(int[] widths, int width) {
    int indent = widths[0] + GAP <= width / 3 ? widths[0] + GAP : 2 * GAP;
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      add(lines, row, widths);
      for (int below = widths.length; below < right.length; below++) {
        if (!row.get(below).isEmpty()) {
          for (String part : Wrapping.lines(row.get(below), width - indent)) {
            lines.add(" ".repeat(indent) + part);
          }
        }
      }
    }
    return lines;
  }

  private int broken(int[] widths) {
    int broken = 0;
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        int width = widths[i];
        broken += (int) words(row.get(i)).filter(word -> Wrapping.width(word) > width).count();
      }
    }
    return broken;
  }

  private static Stream<String> words(String cell) {
    return Arrays.stream(cell.split(" ", -1));
  }

  /** The lines of a row. */
  private void add(List<String> lines, List<String> row, int[] widths) {
    List<List<String>> cells = new ArrayList<>();
    int height = 1;
    for (int i = 0; i < widths.length; i++) {
      List<String> cell = Wrapping.lines(row.get(i), Math.max(1, widths[i]));
      cells.add(cell);
      height = Math.max(height, cell.size());
    }
    for (int at = 0; at < height; at++) {
      int place = at;
      lines.add(
          line(
              cells.stream().map(cell -> place < cell.size() ? cell.get(place) : "").toList(),
              widths));
    }
  }

  private String line(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = cells.get(i);
      String space = " ".repeat(Math.max(0, widths[i] - Wrapping.width(cell)));
      line.append(i == 0 ? "" : " ".repeat(GAP)).append(right[i] ? space + cell : cell + space);
    }
    return line.toString().stripTrailing();
  }

  /** What the first columns need: numbers all, text and titles their longest words. */
  private int[] least(int columns, int wholeWords) {
    int[] widths = new int[columns];
    for (int r = 0; r < rows.size(); r++) {
      for (int i = 0; i < columns; i++) {
        String cell = rows.get(r).get(i);
        boolean whole = r > 0 && (right[i] || Wrapping.width(cell) <= Math.min(USUAL, wholeWords));
        int least = whole ? Wrapping.width(cell) : longestWord(cell, wholeWords);
        widths[i] = Math.max(widths[i], least);
      }
    }
    return widths;
  }

  /** An address counts in full: it is copied as a whole. */
  private static int longestWord(String cell, int most) {
    return words(cell)
        .mapToInt(
            word ->
                word.contains("://") ? Wrapping.width(word) : Math.min(Wrapping.width(word), most))
        .max()
        .orElse(0);
  }

  /** Gives what is left to the narrowest of the columns that have less than their text. */
  private void widen(int[] widths, int width) {
    for (int left = width - sum(widths); left > 0; left--) {
      int narrowest = -1;
      for (int i = 0; i < widths.length; i++) {
        if (widths[i] < whole(i) && (narrowest < 0 || widths[i] < widths[narrowest])) {
          narrowest = i;
        }
      }
      if (narrowest < 0) {
        return;
      }
      widths[narrowest]++;
    }
  }

  private int whole(int column) {
    return rows.stream().mapToInt(row -> Wrapping.width(row.get(column))).max().orElse(0);
  }

  private static int sum(int[] widths) {
    return Arrays.stream(widths).sum() + GAP * (widths.length - 1);
  }

  private String shown(List<String> row, int column) {
    String text = row.get(column);
    return column == right.length - 1 || Wrapping.width(text) <= WIDEST
        ? text
        : text.substring(0, text.offsetByCodePoints(0, WIDEST - 1)) + "…";
  }

  /** {@return the lines, each ended} */
  @Override
  public String toString() {
    return String.join("\n", lines()) + "\n";
  }
}
