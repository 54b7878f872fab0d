package dev.keralens.picture.draw;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.AffineTransform;
import java.awt.geom.Arc2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A stroke font of our own for machines without fonts: ASCII, drawn with a round pen.
 *
 * <p>Accents are dropped; a character that it does not know is a box. The strokes are in {@code
 * strokes.txt}.
 */
final class StrokeLettering implements Lettering {
  /** Units of the strokes per size: a capital is 7 units and 0.72 of the size high. */
  private static final double UNIT = 0.72 / 7;

  private static final double PEN = 0.85;
  private static final double GAP = 1.6;
  private static final double SPACE = 2.6;
  private static final Map<String, String> SUBSTITUTES =
      Map.of("–", "-", "—", "-", "−", "-", "‘", "'", "’", "'", "“", "\"", "”", "\"", "×", "x");

  /**
   * A character: its strokes, and the room that they take.
   *
   * @param strokes the strokes, the y axis upwards
   */
  private record Glyph(Path2D strokes, double width) {
    static Glyph of(Path2D strokes) {
      Rectangle2D bounds = strokes.getBounds2D();
      strokes.transform(AffineTransform.getTranslateInstance(-bounds.getX(), 0));
      return new Glyph(strokes, bounds.getWidth());
    }
  }

  private final Map<Integer, Glyph> glyphs = load();
  private final Glyph unknown = Glyph.of(polyline(0, 0, 0, 7, 3.6, 7, 3.6, 0, 0, 0));

  @Override
  public double width(String line, double size) {
    return simplified(line).codePoints().mapToDouble(this::advance).sum() * UNIT * size;
  }

  @Override
  public void draw(Graphics2D graphics, String line, double x, double baseline, double size) {
    Stroke before = graphics.getStroke();
    graphics.setStroke(
        new BasicStroke(
            (float) (PEN * UNIT * size), BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    double unit = UNIT * size;
    double pen = x;
    for (int c : simplified(line).codePoints().toArray()) {
      if (c != ' ') {
        Shape placed =
            new AffineTransform(unit, 0, 0, -unit, pen + unit * GAP / 2, baseline)
                .createTransformedShape(glyph(c).strokes);
        graphics.draw(placed);
      }
      pen += advance(c) * unit;
    }
    graphics.setStroke(before);
  }

  private double advance(int c) {
    return c == ' ' ? SPACE : glyph(c).width + GAP;
  }

  private Glyph glyph(int c) {
    return glyphs.getOrDefault(c, unknown);
  }

  private static String simplified(String line) {
    String plain = Normalizer.normalize(line, Normalizer.Form.NFD).replaceAll("\\p{M}+", "");
    for (Map.Entry<String, String> substitute : SUBSTITUTES.entrySet()) {
      plain = plain.replace(substitute.getKey(), substitute.getValue());
    }
    return plain;
  }

  private static Map<Integer, Glyph> load() {
    Map<Integer, Glyph> glyphs = new HashMap<>();
    try (InputStream in = StrokeLettering.class.getResourceAsStream("strokes.txt");
        BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(Objects.requireNonNull(in), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.charAt(1) == ' ') { // else a comment
          Path2D strokes = new Path2D.Double();
          for (String stroke : line.substring(2).split("; ", -1)) {
            strokes.append(parse(stroke), false);
          }
          glyphs.put(line.codePointAt(0), Glyph.of(strokes));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return glyphs;
  }

  private static Shape parse(String stroke) {
    double[] n =
        Arrays.stream(stroke.substring(2).split(" ", -1))
            .mapToDouble(Double::parseDouble)
            .toArray();
    return switch (stroke.charAt(0)) {
      case 'L' -> polyline(n);
      case 'C' -> curve(n);
      case 'O' -> new Ellipse2D.Double(n[0] - n[2], n[1] - n[3], 2 * n[2], 2 * n[3]);
      // Java's angles run clockwise where the y axis points up.
      case 'A' ->
          new Arc2D.Double(n[0] - n[2], n[1] - n[3], 2 * n[2], 2 * n[3], -n[4], -n[5], Arc2D.OPEN);
      case 'D' -> polyline(n[0], n[1], n[0], n[1] + 0.01);
      default -> throw new IllegalStateException("Unknown stroke " + stroke);
    };
  }

  private static Path2D polyline(double... points) {
    Path2D path = new Path2D.Double();
    path.moveTo(points[0], points[1]);
    for (int i = 2; i < points.length; i += 2) {
      path.lineTo(points[i], points[i + 1]);
    }
    return path;
  }

  /** The Catmull-Rom spline through the points. */
  private static Path2D curve(double... p) {
    Path2D path = new Path2D.Double();
    path.moveTo(p[0], p[1]);
    for (int i = 2; i < p.length; i += 2) {
      int before = Math.max(0, i - 4);
      int after = Math.min(p.length - 2, i + 2);
      path.curveTo(
          p[i - 2] + (p[i] - p[before]) / 6,
          p[i - 1] + (p[i + 1] - p[before + 1]) / 6,
          p[i] - (p[after] - p[i - 2]) / 6,
          p[i + 1] - (p[after + 1] - p[i - 1]) / 6,
          p[i],
          p[i + 1]);
    }
    return path;
  }
}
