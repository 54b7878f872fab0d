package dev.keralens.app;

import dev.keralens.file.RegularFile;
import dev.keralens.network.InputSpec;
import dev.keralens.tensor.Tensor;
import dev.keralens.text.Printable;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Numbers in rows, from a text file: commas, semicolons or tabs between them, and what the columns
 * are called in the first line where that holds no numbers.
 *
 * @param names what the columns are called; empty where the file does not say
 * @param rows the numbers, row by row
 */
record NumberTable(List<String> names, List<double[]> rows) {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,3})?");

  /** More numbers are no array. */
  private static final int MOST = 250_000_000;

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, or a cell is no number
   */
  static NumberTable read(Path file) throws IOException {
    List<String> names = new ArrayList<>();
    List<double[]> rows = new ArrayList<>();
    try (BufferedReader reader =
        Files.newBufferedReader(RegularFile.check(file), StandardCharsets.UTF_8)) {
      int number = 0;
      String separator = "";
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        String text = line.replace("\uFEFF", "");
        if (text.isBlank()) {
          continue;
        }
        if (separator.isEmpty()) {
          separator = text.contains(";") ? ";" : text.contains("\t") ? "\t" : ",";
        }
        List<String> cells = cells(text, separator.charAt(0));
        if (rows.isEmpty() && names.isEmpty() && cells.stream().noneMatch(NumberTable::isNumber)) {
          names.addAll(cells);
          continue;
        }
        rows.add(row(cells, file, number));
        int columns = names.isEmpty() ? rows.get(0).length : names.size();
        if (cells.size() != columns) {
          throw new IOException(
              "%s, line %d: %d cells, but %d in the lines before."
                  .formatted(file, number, cells.size(), columns));
        } else if ((long) rows.size() * columns > MOST) {
          throw new IOException(file + " has more numbers than an array holds.");
        }
      }
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is no text in UTF-8, so it holds no numbers.", e);
    }
    if (rows.isEmpty()) {
      throw new IOException(file + " holds no numbers.");
    }
    return new NumberTable(List.copyOf(names), rows);
  }

  private static boolean isNumber(String cell) {
    return NUMBER.matcher(cell).matches();
  }

  private static double[] row(List<String> cells, Path file, int line) throws IOException {
    double[] row = new double[cells.size()];
    for (int i = 0; i < row.length; i++) {
      String cell = cells.get(i);
      if (!isNumber(cell)) {
        throw new IOException(
            "%s, line %d, column %d: '%s' is no number (a point before the decimals, as in 0.5)."
                .formatted(file, line, i + 1, Printable.name(cell)));
      }
      row[i] = Double.parseDouble(cell);
    }
    return row;
  }

  /** The cells of a line; one in quotes may have separators, and a quote as two. */
  static List<String> cells(String line, char separator) {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        cell.append('"');
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == separator && !quoted) {
        cells.add(cell.toString().strip());
        cell.setLength(0);
      } else {
        cell.append(c);
      }
    }
    cells.add(cell.toString().strip());
    return cells;
  }

  /**
   * The rows as an input takes them: each an example where the input has one axis; the whole file
   * one example, a row for each step, where it has two.
   *
   * @throws IOException if the input takes something else
   */
  DataFile of(InputSpec spec, Path file) throws IOException {
    int columns = rows.get(0).length;
    double[] all = new double[Math.multiplyExact(rows.size(), columns)];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, all, i * columns, columns);
    }
    return switch (spec.sizes().size()) {
      case 1 -> new DataFile(typed(Tensor.of(all, rows.size(), columns), spec, file), names, 0);
      case 2 -> new DataFile(typed(Tensor.of(all, 1, rows.size(), columns), spec, file), names, 0);
      default ->
          throw new IOException(
              "%s holds %d rows of %d numbers, but the model takes %s; give an array (.npy)."
                  .formatted(file, rows.size(), columns, Arrays.toString(sizes(spec))));
    };
  }

  private static Tensor typed(Tensor numbers, InputSpec spec, Path file) throws IOException {
    try {
      return numbers.to(spec.type());
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "%s cannot be the input %s: %s".formatted(file, spec.name(), e.getMessage()), e);
    }
  }

  private static Object[] sizes(InputSpec spec) {
    return spec.sizes().toArray();
  }
}
