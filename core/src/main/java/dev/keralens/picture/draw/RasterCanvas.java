package dev.keralens.picture.draw;

import dev.keralens.picture.Picture;
import dev.keralens.picture.figure.Canvas;
import java.awt.Color;
import java.awt.Graphics2D;

/** A figure as pixels. */
final class RasterCanvas implements Canvas {
  private final Graphics2D graphics;
  private final Lettering lettering;

  RasterCanvas(Graphics2D graphics, Lettering lettering) {
    this.graphics = graphics;
    this.lettering = lettering;
  }

  @Override
  public void color(int color) {
    graphics.setColor(new Color(color));
  }

  @Override
  public void fill(double x, double y, double width, double height) {
    graphics.fillRect((int) x, (int) y, (int) width, (int) height);
  }

  @Override
  public void frame(double x, double y, double width, double height) {
    graphics.drawRect((int) x, (int) y, (int) width, (int) height);
  }

  @Override
  public void image(Picture picture, int x, int y) {
    graphics.drawImage(picture.toImage(), x, y, null);
  }

  @Override
  public void text(String line, double x, double baseline, double size, double width) {
    lettering.draw(graphics, line, x, baseline, size);
  }
}
