package dev.keralens.picture.draw;

import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.picture.figure.Canvas;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;

/** Paints a grid as its layout says. */
final class GridPainter {
  /** From this factor on, pixels are shown as squares. */
  private static final double VISIBLE_PIXELS = 3;

  private final Grid grid;
  private final GridLayout layout;
  private final Lettering lettering;
  private final int ink;

  GridPainter(Grid grid, GridLayout layout, Lettering lettering) {
    this.grid = grid;
    this.layout = layout;
    this.lettering = lettering;
    int background = grid.background();
    boolean dark =
        Colors.luma(Colors.red(background), Colors.green(background), Colors.blue(background))
            < 128;
    ink = dark ? 0xF0F0F0 : 0x111111;
  }

  Picture paint() {
    BufferedImage image =
        new BufferedImage(layout.width, layout.height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = graphics(image);
    try {
      paint(new RasterCanvas(graphics, lettering));
    } finally {
      graphics.dispose();
    }
    return Picture.of(image);
  }

  void paint(Canvas canvas) {
    canvas.color(grid.background());
    canvas.fill(0, 0, layout.width, layout.height);
    canvas.color(ink);
    paintTitles(canvas);
    for (int i = 0; i < grid.cells().size(); i++) {
      paintCell(canvas, i);
    }
    paintColorBar(canvas);
  }

  static Graphics2D graphics(BufferedImage image) {
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    return graphics;
  }

  private void paintTitles(Canvas canvas) {
    int padding = layout.padding;
    layout.title.draw(
        canvas, lettering, padding, padding, layout.width - 2.0 * padding, TextBlock.Align.CENTER);
    double bottom = layout.rowTops[0] - layout.letters * 0.4;
    for (int c = 0; c < Math.min(layout.columns, layout.columnTitles.size()); c++) {
      TextBlock block = layout.columnTitles.get(c);
      block.draw(
          canvas,
          lettering,
          layout.columnLeft(c),
          bottom - block.height(),
          layout.cellWidth,
          TextBlock.Align.CENTER);
    }
    for (int r = 0; r < layout.rowTitles.size(); r++) {
      TextBlock block = layout.rowTitles.get(r);
      double top = layout.rowTops[r] + (layout.pictureHeights[r] - block.height()) / 2;
      block.draw(
          canvas,
          lettering,
          layout.margin + padding,
          top,
          layout.rowTitlesWidth - padding,
          TextBlock.Align.RIGHT);
    }
  }

  private void paintCell(Canvas canvas, int index) {
    int row = index / layout.columns;
    int left = layout.columnLeft(index % layout.columns);
    int top = layout.rowTops[row];
    Grid.Cell cell = grid.cells().get(index);
    if (cell.picture() != null) {
      GridLayout.Place place = layout.fitted(cell.picture());
      Picture sized = sized(cell.picture(), place).overWhite();
      Picture drawn = drawn(cell, sized);
      canvas.image(
          drawn,
          left + (layout.cellWidth - place.width()) / 2,
          top + layout.pictureTop(row, place.height()));
    }
    double captionTop = top + layout.pictureHeights[row] + layout.letters * 0.2;
    TextBlock caption = layout.captions.get(index);
    caption.draw(canvas, lettering, left, captionTop, layout.cellWidth, TextBlock.Align.CENTER);
    layout
        .legends
        .get(index)
        .draw(
            canvas, lettering, left, captionTop + caption.height(), grid.unitOverlay()::color, ink);
    canvas.color(ink);
  }

  private Picture drawn(Grid.Cell cell, Picture sized) {
    if (!cell.units().isEmpty()) {
      return grid.unitOverlay().blended(sized, cell.units());
    }
    return cell.map() == null ? sized : grid.overlay().draw(sized, cell.map());
  }

  private static Picture sized(Picture picture, GridLayout.Place place) {
    boolean squares = place.width() >= VISIBLE_PIXELS * picture.width();
    return picture.resize(
        place.height(), place.width(), squares ? Interpolation.NEAREST : Interpolation.BICUBIC);
  }

  private void paintColorBar(Canvas canvas) {
    int top = layout.rowTops[0];
    int bottom = Math.min(layout.bodyBottom(), top + 3 * layout.cellWidth);
    int left = layout.columnLeft(layout.columns);
    layout.colorBar.draw(canvas, lettering, left, top, bottom, ink, grid.colorBarOver());
  }
}
