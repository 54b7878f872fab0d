package dev.keralens.picture.draw;

import dev.keralens.picture.Picture;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.List;

/** Draws lines on pictures, each on a darker, wider one, so that they show on any ground. */
final class Strokes {
  private static final Color SHADE = new Color(0, 0, 0, 140);

  private Strokes() {}

  /**
   * A contour and its colour.
   *
   * @param color 0xRRGGBB
   */
  record Line(Contour contour, int color) {}

  static Picture lines(Picture picture, List<Line> lines, double width) {
    BufferedImage image = picture.overWhite().toImage();
    Graphics2D graphics = GridPainter.graphics(image);
    for (Line line : lines) {
      graphics.setColor(SHADE);
      graphics.setStroke(round(width * 2.2));
      graphics.draw(path(line.contour));
    }
    for (Line line : lines) {
      graphics.setColor(new Color(line.color));
      graphics.setStroke(round(width));
      graphics.draw(path(line.contour));
    }
    graphics.dispose();
    return Picture.of(image);
  }

  static Picture box(Picture picture, BoundingBox box, int color) {
    BufferedImage image = picture.overWhite().toImage();
    Graphics2D graphics = GridPainter.graphics(image);
    double width = Math.max(1, Math.round(Math.min(picture.height(), picture.width()) / 110.0));
    double shade = Math.max(1, width / 2);
    frame(graphics, box, 0, width, new Color(color));
    frame(graphics, box, width, shade, SHADE);
    graphics.dispose();
    return Picture.of(image);
  }

  /** A frame whose outer edge lies {@code inset} inside the box. */
  private static void frame(
      Graphics2D graphics, BoundingBox box, double inset, double width, Color color) {
    double offset = inset + width / 2;
    double frameWidth = box.width() - 2 * offset;
    double frameHeight = box.height() - 2 * offset;
    if (frameWidth > 0 && frameHeight > 0) {
      graphics.setColor(color);
      graphics.setStroke(
          new BasicStroke((float) width, BasicStroke.CAP_SQUARE, BasicStroke.JOIN_MITER));
      graphics.draw(
          new Rectangle2D.Double(box.left() + offset, box.top() + offset, frameWidth, frameHeight));
    }
  }

  private static BasicStroke round(double width) {
    return new BasicStroke((float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
  }

  private static Path2D path(Contour contour) {
    Path2D path = new Path2D.Double();
    List<Contour.Point> points = contour.points();
    path.moveTo(points.get(0).x(), points.get(0).y());
    for (Contour.Point point : points.subList(1, points.size())) {
      path.lineTo(point.x(), point.y());
    }
    if (contour.closed()) {
      path.closePath();
    }
    return path;
  }
}
