package dev.keralens.picture.figure;

import dev.keralens.picture.Picture;
import dev.keralens.picture.PictureNotes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/**
 * A figure as SVG 1.1. Text is text, as wide as it was measured, in the reader's sans-serif font;
 * pictures are PNG within the file.
 */
public final class SvgCanvas implements Canvas {
  private static final double CSS_DPI = 96;

  private final StringBuilder body = new StringBuilder();
  private final int width;
  private final int height;
  private final PictureNotes notes;
  private String color = "#000000";

  /**
   * An empty figure.
   *
   * @param width its width
   * @param height its height
   * @param notes how large it is printed, how it was made
   */
  public SvgCanvas(int width, int height, PictureNotes notes) {
    this.width = width;
    this.height = height;
    this.notes = notes;
  }

  @Override
  public void color(int rgb) {
    color = String.format(Locale.ROOT, "#%06x", rgb);
  }

  @Override
  public void fill(double x, double y, double wide, double high) {
    add(
        "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill=\"%s\"/>",
        number(x), number(y), number(wide), number(high), color);
  }

  @Override
  public void frame(double x, double y, double wide, double high) {
    add(
        "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill=\"none\" stroke=\"%s\"/>",
        number(x + 0.5), number(y + 0.5), number(wide), number(high), color);
  }

  @Override
  public void image(Picture picture, int x, int y) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      picture.write(png, "png");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    add(
        "<image x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" xlink:href=\"data:image/png;base64,%s\"/>",
        x,
        y,
        picture.width(),
        picture.height(),
        Base64.getEncoder().encodeToString(png.toByteArray()));
  }

  @Override
  public void text(String line, double x, double baseline, double size, double measured) {
    if (!line.isBlank()) {
      add(
          "<text x=\"%s\" y=\"%s\" font-size=\"%s\" fill=\"%s\" textLength=\"%s\" lengthAdjust=\"spacingAndGlyphs\">%s</text>",
          number(x), number(baseline), number(size), color, number(measured), escaped(line));
    }
  }

  private void add(String form, Object... values) {
    body.append(String.format(Locale.ROOT, form, values)).append('\n');
  }

  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.replaceAll("\\.?0+$", "");
  }

  /** Text as XML has it; what XML does not allow is a question mark. */
  private static String escaped(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                default -> {
                  boolean allowed =
                      c >= 0x20 && c != 0xFFFE && c != 0xFFFF && (c < 0xD800 || c > 0xDFFF);
                  out.appendCodePoint(allowed ? c : '?');
                }
              }
            });
    return out.toString();
  }

  /** {@return the file} */
  public byte[] toBytes() {
    double scale = notes.dpi() > 0 ? CSS_DPI / notes.dpi() : 1;
    String head =
        String.format(
            Locale.ROOT,
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1"
              width="%s" height="%s" viewBox="0 0 %d %d" font-family="DejaVu Sans, Verdana, Arial, sans-serif">
            """,
            number(width * scale),
            number(height * scale),
            width,
            height);
    StringBuilder said = new StringBuilder();
    notes.texts().forEach((key, text) -> said.append(escaped(key + ": " + text)).append('\n'));
    String desc = said.isEmpty() ? "" : "<desc>" + said.toString().strip() + "</desc>\n";
    return (head + desc + body + "</svg>\n").getBytes(StandardCharsets.UTF_8);
  }
}
