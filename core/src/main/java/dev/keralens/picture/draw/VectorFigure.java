package dev.keralens.picture.draw;

import dev.keralens.picture.Picture;
import dev.keralens.picture.PictureNotes;
import dev.keralens.picture.figure.PdfCanvas;
import dev.keralens.picture.figure.SvgCanvas;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;

/** A grid as a file whose letters are text. */
final class VectorFigure {
  private VectorFigure() {}

  static byte[] of(Grid grid, PictureNotes notes, boolean svg) {
    Lettering lettering = Lettering.ofMachine();
    GridLayout layout = GridLayout.of(grid, lettering);
    GridPainter painter = new GridPainter(grid, layout, lettering);
    if (svg) {
      SvgCanvas canvas = new SvgCanvas(layout.width, layout.height, notes);
      painter.paint(canvas);
      return canvas.toBytes();
    }
    PdfCanvas canvas =
        new PdfCanvas(
            layout.width,
            layout.height,
            notes,
            (line, size, width, height, baseline) ->
                letters(lettering, line, size, width, height, baseline));
    painter.paint(canvas);
    return canvas.toBytes();
  }

  private static Picture letters(
      Lettering lettering, String line, double size, int width, int height, double baseline) {
    BufferedImage sheet = Plots.sheet(width, height);
    Graphics2D graphics = GridPainter.graphics(sheet);
    graphics.setColor(Plots.INK);
    lettering.draw(graphics, line, 0, baseline, size);
    graphics.dispose();
    return Picture.of(sheet);
  }
}
