package dev.keralens.picture.draw;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;

/**
 * Java's logical sans-serif font, which every Java with fonts has and which knows the scripts of
 * the machine's fonts.
 */
final class FontLettering implements Lettering {
  private static final FontRenderContext CONTEXT = new FontRenderContext(null, true, true);

  private final Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 1);

  @Override
  public double width(String line, double size) {
    return line.isEmpty() ? 0 : sized(size).getStringBounds(line, CONTEXT).getWidth();
  }

  @Override
  public void draw(Graphics2D graphics, String line, double x, double baseline, double size) {
    graphics.setFont(sized(size));
    graphics.drawString(line, (float) x, (float) baseline);
  }

  private Font sized(double size) {
    return font.deriveFont((float) size);
  }
}
