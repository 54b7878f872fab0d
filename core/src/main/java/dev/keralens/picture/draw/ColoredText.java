package dev.keralens.picture.draw;

import dev.keralens.picture.Picture;
import dev.keralens.text.Wrapping;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A text whose words are coloured by a map over them: red speaks for what is explained, blue
 * against it, and the stronger, the more. The largest value, without its sign, has the full colour.
 */
public final class ColoredText {
  private static final int RED = 0xd62728;
  private static final int BLUE = 0x1f77b4;
  private static final double SIZE = 22;
  private static final double LINE = 40;
  private static final double MARGIN = 24;
  private static final double INSET = 3;

  /** How many colours a terminal knows. */
  public enum Depth {
    /** The 256 colours of xterm. */
    INDEXED,
    /** 24 bits. */
    TRUE_COLOR
  }

  private final List<String> words;
  private final float[] values;
  private final float most;

  private ColoredText(List<String> words, float[] values, float most) {
    this.words = words;
    this.values = values;
    this.most = most;
  }

  /**
   * {@return a text in colours}
   *
   * @param words the words, or parts of words; a space stands before one that begins with a space
   * @param values a value for each word
   * @throws IllegalArgumentException if there are not as many of both, or a value is no number
   */
  public static ColoredText of(List<String> words, float[] values) {
    if (words.size() != values.length) {
      throw new IllegalArgumentException(
          "%d words have %d values.".formatted(words.size(), values.length));
    }
    float most = 0;
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("A word's value is " + value + ".");
      }
      most = Math.max(most, Math.abs(value));
    }
    return new ColoredText(List.copyOf(words), values.clone(), most);
  }

  /** From -1 to 1. */
  private double strength(int word) {
    return most == 0 ? 0 : values[word] / most;
  }

  private int background(int word) {
    double strength = strength(word);
    int full = strength < 0 ? BLUE : RED;
    int color = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      double part = 255 + ((full >> shift & 255) - 255) * Math.abs(strength);
      color |= (int) Math.round(part) << shift;
    }
    return color;
  }

  /** White letters on what is dark. */
  private static boolean isDark(int color) {
    return 0.299 * (color >> 16 & 255) + 0.587 * (color >> 8 & 255) + 0.114 * (color & 255) < 140;
  }

  /** Without what would move the cursor or break the line. */
  private String bare(int word) {
    return words.get(word).replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]", "\u00b7");
  }

  private boolean isSpaced(int word) {
    return word > 0 && bare(word).startsWith(" ");
  }

  /** The word without the space before it; a space alone stays visible. */
  private String shown(int word) {
    String text = bare(word);
    String inner = text.startsWith(" ") ? text.substring(1) : text;
    return inner.isBlank() ? "\u2423" : inner;
  }

  /**
   * {@return the text with the escape sequences of terminals}
   *
   * @param depth how many colours the terminal knows
   */
  public String ansi(Depth depth) {
    return ansi(depth, Integer.MAX_VALUE);
  }

  /**
   * {@return the text with the escape sequences of terminals, in lines}
   *
   * @param depth how many colours the terminal knows
   * @param columns how many columns a line has at most
   */
  public String ansi(Depth depth, int columns) {
    StringBuilder out = new StringBuilder();
    int column = 0;
    for (int i = 0; i < words.size(); i++) {
      boolean breaks = isSpaced(i) && column > 0 && column + 1 + length(i) > columns;
      out.append(breaks ? "\n" : isSpaced(i) ? " " : "");
      column = (breaks ? 0 : column + (isSpaced(i) ? 1 : 0)) + Wrapping.width(shown(i));
      int color = background(i);
      String letters = isDark(color) ? "97" : "30";
      String ground =
          depth == Depth.TRUE_COLOR
              ? "48;2;%d;%d;%d".formatted(color >> 16 & 255, color >> 8 & 255, color & 255)
              : "48;5;" + indexed(color);
      out.append("\u001b[%s;%sm%s\u001b[0m".formatted(letters, ground, shown(i)));
    }
    return out.toString();
  }

  /** How many columns a word has with the pieces that follow it without a space. */
  private int length(int first) {
    int length = Wrapping.width(shown(first));
    for (int i = first + 1; i < words.size() && !isSpaced(i); i++) {
      length += Wrapping.width(shown(i));
    }
    return length;
  }

  /** The nearest colour of the cube of 6 x 6 x 6 that starts at number 16. */
  private static int indexed(int color) {
    int index = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int part = color >> shift & 255;
      // The steps of the cube are 0, 95, 135, 175, 215, 255.
      index = 6 * index + (part < 48 ? 0 : Math.min(5, (part - 35) / 40));
    }
    return 16 + index;
  }

  /** {@return the text as a piece of HTML; the value of a word shows where the mouse is on it} */
  public String html() {
    StringBuilder out = new StringBuilder("<p class=\"keralens\">");
    for (int i = 0; i < words.size(); i++) {
      int color = background(i);
      out.append(isSpaced(i) ? " " : "")
          .append(
              "<span style=\"background:#%06x;color:%s\" title=\"%s\">%s</span>"
                  .formatted(
                      color,
                      isDark(color) ? "#fff" : "#000",
                      String.format(Locale.ROOT, "%.4g", values[i]),
                      escaped(shown(i))));
    }
    return out.append("</p>").toString();
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /**
   * {@return the text as a picture}
   *
   * @param width the picture's width in pixels, at least 100
   * @param caption a line above the text, or an empty text
   */
  public Picture picture(int width, String caption) {
    if (width < 100) {
      throw new IllegalArgumentException("A text is at least 100 pixels wide, got " + width + ".");
    }
    Lettering lettering = Lettering.ofMachine();
    List<Box> boxes = layout(lettering, width);
    double top = MARGIN + (caption.isEmpty() ? 0 : LINE);
    int lines = boxes.isEmpty() ? 1 : boxes.get(boxes.size() - 1).line + 1;
    int height = (int) Math.ceil(top + lines * LINE + MARGIN);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, width, height);
      graphics.setColor(Color.DARK_GRAY);
      if (!caption.isEmpty()) {
        lettering.draw(graphics, caption, MARGIN, MARGIN + SIZE, SIZE * 0.8);
      }
      for (Box box : boxes) {
        draw(graphics, lettering, box, top);
      }
    } finally {
      graphics.dispose();
    }
    return Picture.of(image);
  }

  private record Box(int word, int line, double x, double width) {}

  /** Parts of one word stay on one line where they fit. */
  private List<Box> layout(Lettering lettering, int width) {
    double space = lettering.width("n", SIZE) * 0.6;
    List<Box> boxes = new ArrayList<>();
    double x = MARGIN;
    int line = 0;
    for (int i = 0; i < words.size(); i++) {
      double own = lettering.width(shown(i), SIZE) + 2 * INSET;
      double whole = own;
      for (int k = i + 1; k < words.size() && !isSpaced(k); k++) {
        whole += lettering.width(shown(k), SIZE) + 2 * INSET;
      }
      boolean begins = i == 0 || isSpaced(i);
      double start = x + (begins && x > MARGIN ? space : 0);
      double needed = begins ? Math.min(whole, width - 2 * MARGIN) : own;
      if (x > MARGIN && start + needed > width - MARGIN) {
        line++;
        start = MARGIN;
      }
      boxes.add(new Box(i, line, start, own));
      x = start + own;
    }
    return boxes;
  }

  private void draw(Graphics2D graphics, Lettering lettering, Box box, double top) {
    int color = background(box.word);
    double y = top + box.line * LINE;
    graphics.setColor(new Color(color));
    graphics.fill(new RoundRectangle2D.Double(box.x, y, box.width, LINE - 6, 6, 6));
    graphics.setColor(isDark(color) ? Color.WHITE : Color.BLACK);
    lettering.draw(graphics, shown(box.word), box.x + INSET, y + SIZE + 3, SIZE);
  }

  /** {@return a line for each word: its value, and the word} */
  public String table() {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < words.size(); i++) {
      out.append(String.format(Locale.ROOT, "%12.6g  %s%n", values[i], shown(i)));
    }
    return out.toString();
  }
}
