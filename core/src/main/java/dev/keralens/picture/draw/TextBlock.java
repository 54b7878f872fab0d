package dev.keralens.picture.draw;

import dev.keralens.picture.figure.Canvas;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Text that is broken into lines of a width, and shortened where it needs more lines than it may
 * have.
 *
 * @param lines the lines
 * @param size the size of the letters
 */
record TextBlock(List<String> lines, double size) {
  private static final String ELLIPSIS = "…";
  private static final Pattern NUMBER = Pattern.compile("[(]?[-+]?[0-9][0-9.,]*%?[)]?");
  private static final Pattern AFTER_SEPARATOR =
      Pattern.compile("(?<=[-_./\\\\])(?=[^-_./\\\\0-9])|(?<=[-_])");

  /** Where lines stand inside a block's width. */
  enum Align {
    LEFT(0),
    CENTER(0.5),
    RIGHT(1);

    private final double share;

    Align(double share) {
      this.share = share;
    }
  }

  static TextBlock of(Lettering lettering, String text, double size, double width, int maxLines) {
    List<String> lines = new ArrayList<>();
    for (String paragraph : text.strip().split("\\R", -1)) {
      wrap(lettering, paragraph, size, width, lines);
    }
    if (lines.size() == 1 && lines.get(0).isEmpty()) {
      return new TextBlock(List.of(), size);
    }
    if (lines.size() > maxLines) {
      String rest = String.join(" ", lines.subList(maxLines - 1, lines.size()));
      lines = new ArrayList<>(lines.subList(0, maxLines - 1));
      lines.add(shortened(lettering, rest, size, width));
    }
    return new TextBlock(List.copyOf(lines), size);
  }

  private static void wrap(
      Lettering lettering, String paragraph, double size, double width, List<String> lines) {
    String line = "";
    for (String word : paragraph.strip().split("[\\s\\p{Cntrl}]+", -1)) {
      String longer = line.isEmpty() ? word : line + " " + word;
      if (lettering.width(longer, size) <= width) {
        line = longer;
        continue;
      }
      if (!line.isEmpty()) {
        lines.add(line);
      }
      line = word;
      while (lettering.width(line, size) > width) {
        int end = fitting(lettering, line, size, width);
        if (end == line.length()) {
          break; // not even one character fits
        }
        lines.add(line.substring(0, end));
        line = line.substring(end);
      }
    }
    lines.add(line);
  }

  /**
   * How much of a word that is too wide goes on a line: up to a hyphen, underscore, point or slash,
   * else as much as fits.
   */
  private static int fitting(Lettering lettering, String word, double size, double width) {
    int end = 0;
    var separators = AFTER_SEPARATOR.matcher(word);
    while (separators.find()
        && lettering.width(word.substring(0, separators.start()), size) <= width) {
      end = separators.start();
    }
    return end > 0 ? end : longestPrefix(lettering, word, "", size, width);
  }

  /** The end of the longest prefix that fits before {@code tail}; at least one character. */
  private static int longestPrefix(
      Lettering lettering, String text, String tail, double size, double width) {
    BreakIterator characters = BreakIterator.getCharacterInstance(Locale.ROOT);
    characters.setText(text);
    int end = characters.next();
    for (int next = characters.next(); next != BreakIterator.DONE; next = characters.next()) {
      if (lettering.width(text.substring(0, next) + tail, size) > width) {
        break;
      }
      end = next;
    }
    return end;
  }

  /**
   * The text on one line, its end replaced by an ellipsis; a number at the end stays, for it is a
   * score.
   */
  private static String shortened(Lettering lettering, String text, double size, double width) {
    String last = text.substring(text.lastIndexOf(' ') + 1);
    String head = text.substring(0, text.length() - last.length()).strip();
    if (!head.isEmpty() && NUMBER.matcher(last).matches()) {
      String scored = shortened(lettering, head, ELLIPSIS + " " + last, size, width);
      if (lettering.width(scored, size) <= width) {
        return scored;
      }
    }
    return shortened(lettering, text, ELLIPSIS, size, width);
  }

  private static String shortened(
      Lettering lettering, String text, String tail, double size, double width) {
    return text.substring(0, longestPrefix(lettering, text, tail, size, width)).strip() + tail;
  }

  double height() {
    return lines.size() * size * Lettering.LEADING;
  }

  double width(Lettering lettering) {
    return lines.stream().mapToDouble(line -> lettering.width(line, size)).max().orElse(0);
  }

  /** Draws the block with its upper left corner at (x, y) into a width. */
  void draw(Canvas canvas, Lettering lettering, double x, double y, double width, Align align) {
    double baseline = y + size * Lettering.ASCENT;
    for (String line : lines) {
      double free = width - lettering.width(line, size);
      canvas.text(line, x + free * align.share, baseline, size, width - free);
      baseline += size * Lettering.LEADING;
    }
  }
}
