package dev.keralens.picture.webp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The tables that RFC 6386 prints, in one row of numbers each. */
final class Vp8Tables {
  /** Probabilities of a coefficient's tokens: for each type, band, context, node of the tree. */
  static final int TOKENS = 11;

  static final int CONTEXTS = 3;
  static final int BANDS = 8;

  static final int SUBBLOCK_MODES = 10;

  private static final List<int[]> TABLES = read();
  private static final int[] COEFFICIENTS = TABLES.get(0);
  private static final int[] UPDATES = TABLES.get(1);
  private static final int[] MODES = TABLES.get(2);
  private static final int[] DC = TABLES.get(3);
  private static final int[] AC = TABLES.get(4);

  private Vp8Tables() {}

  private static List<int[]> read() {
    List<int[]> tables = new ArrayList<>();
    try (InputStream in = Vp8Tables.class.getResourceAsStream("vp8_tables.txt")) {
      if (in == null) {
        throw new IllegalStateException("The resource vp8_tables.txt is missing.");
      }
      StringBuilder table = new StringBuilder();
      BufferedReader reader =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.startsWith("#")) {
          table.append(line).append(' ');
        } else if (table.length() > 0) {
          tables.add(numbers(table));
          table.setLength(0);
        }
      }
      tables.add(numbers(table));
      return tables;
    } catch (IOException e) {
      throw new IllegalStateException("The resource vp8_tables.txt cannot be read.", e);
    }
  }

  private static int[] numbers(StringBuilder table) {
    return Arrays.stream(table.toString().trim().split(" ", -1))
        .mapToInt(Integer::parseInt)
        .toArray();
  }

  /** A copy of the probabilities that a frame begins with. */
  static int[] coefficients() {
    return COEFFICIENTS.clone();
  }

  /** The probability that the one at a place is updated. */
  static int update(int place) {
    return UPDATES[place];
  }

  /** Where the probabilities of a subblock's modes begin, in {@link #mode}. */
  static int modeStart(int above, int left) {
    return (above * SUBBLOCK_MODES + left) * (SUBBLOCK_MODES - 1);
  }

  static int mode(int place) {
    return MODES[place];
  }

  static int dc(int index, int last) {
    return DC[Math.max(0, Math.min(last, index))];
  }

  static int ac(int index) {
    return AC[Math.max(0, Math.min(127, index))];
  }
}
