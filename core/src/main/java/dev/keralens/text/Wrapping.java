package dev.keralens.text;

import java.util.ArrayList;
import java.util.List;

/** Text in lines of a width. */
public final class Wrapping {
  /** What a word may be broken behind, where it is longer than a line. */
  private static final String JOINTS = "/\\_-.,;:=+&?";

  private Wrapping() {}

  /** {@return how many columns a text has on a terminal, a column for each character} */
  public static int width(String text) {
    return text.codePointCount(0, text.length());
  }

  /**
   * {@return a text in lines, broken at spaces; a word that is longer than a line behind a slash, a
   * hyphen or the like, else anywhere}
   *
   * @param text one line
   * @param width how many columns a line has at most
   */
  public static List<String> lines(String text, int width) {
    List<String> lines = new ArrayList<>();
    for (String whole : atSpaces(text, width)) {
      String line = whole;
      while (width(line) > width) {
        int end = end(line, width);
        lines.add(line.substring(0, end));
        line = line.substring(end);
      }
      lines.add(line);
    }
    return lines;
  }

  /**
   * {@return a text in lines, those behind the first indented} A word that is longer than a line
   * stays whole, as it may be the name of a file, which is copied.
   *
   * @param text one line
   * @param width how many columns a line has at most
   * @param indent how many spaces are before the others than the first
   */
  public static String paragraph(String text, int width, int indent) {
    return width(text) <= width
        ? text
        : String.join("\n" + " ".repeat(indent), atSpaces(text, width - indent));
  }

  private static List<String> atSpaces(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (line.length() > 0 && width(line.toString()) + 1 + width(word) > width) {
        lines.add(line.toString().stripTrailing());
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    lines.add(line.toString().stripTrailing());
    return lines;
  }

  /** Where a word is broken. */
  private static int end(String word, int width) {
    int most = word.offsetByCodePoints(0, width);
    for (int at = most; at > most / 2; at--) {
      if (JOINTS.indexOf(word.charAt(at - 1)) >= 0) {
        return at;
      }
    }
    return most;
  }
}
