package dev.keralens.picture.draw;

import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Draws a map's contour lines on a picture.
 *
 * <p>Immutable: each setting returns another one.
 */
public final class Contours {
  private double[] levels = {0.25, 0.5, 0.75};
  private int color = 0xFFFFFF;
  private @Nullable ColorMap colorMap;
  private double lineWidth;
  private Interpolation interpolation = Interpolation.BICUBIC;

  private Contours() {}

  private Contours(Contours other) {
    levels = other.levels;
    color = other.color;
    colorMap = other.colorMap;
    lineWidth = other.lineWidth;
    interpolation = other.interpolation;
  }

  /** {@return white lines at 25, 50 and 75 % of a map's maximum, bicubic} */
  public static Contours create() {
    return new Contours();
  }

  /**
   * {@return lines at other levels}
   *
   * @param shares shares of the map's maximum, such as 0.5
   * @throws IllegalArgumentException if one is NaN or infinite
   */
  public Contours levels(double... shares) {
    for (double share : shares) {
      if (!Double.isFinite(share)) {
        throw new IllegalArgumentException("A level is a number, got " + share + ".");
      }
    }
    Contours copy = new Contours(this);
    copy.levels = shares.clone();
    return copy;
  }

  /**
   * {@return lines of one other colour}
   *
   * @param value the colour, 0xRRGGBB
   * @throws IllegalArgumentException if it is no such colour
   */
  public Contours color(int value) {
    Contours copy = new Contours(this);
    copy.color = Colors.check(value);
    copy.colorMap = null;
    return copy;
  }

  /**
   * {@return lines in the colours of their levels}
   *
   * @param map the colours of 0 to 1
   */
  public Contours colorMap(ColorMap map) {
    Contours copy = new Contours(this);
    copy.colorMap = map;
    return copy;
  }

  /**
   * {@return lines of another width}
   *
   * @param pixels the width; 0, the default, takes 1/160 of the picture's shorter side
   * @throws IllegalArgumentException if it is negative or NaN
   */
  public Contours lineWidth(double pixels) {
    if (!(pixels >= 0)) {
      throw new IllegalArgumentException("A line is not " + pixels + " pixels wide.");
    }
    Contours copy = new Contours(this);
    copy.lineWidth = pixels;
    return copy;
  }

  /**
   * {@return lines of a map that is resized to the picture in another way}
   *
   * @param how the way; {@link Interpolation#BICUBIC}, the default, gives rounder lines than {@link
   *     Interpolation#BILINEAR}
   */
  public Contours interpolation(Interpolation how) {
    Contours copy = new Contours(this);
    copy.interpolation = how;
    return copy;
  }

  /**
   * {@return the picture in RGB with the lines on it} A map without a value above 0 has none.
   *
   * @param picture the picture; alpha is blended over white
   * @param map (height, width) or (height, width, 1), of any size: it is resized to the picture's
   * @throws IllegalArgumentException if the shape is another or a value is NaN or infinite
   */
  public Picture draw(Picture picture, Tensor map) {
    MapValues plane = MapValues.ofMap(map);
    double maximum = plane.maximum();
    if (!(maximum > 0)) {
      return picture.overWhite();
    }
    MapValues sized = plane.resize(picture.height(), picture.width(), interpolation);
    double shorter = Math.min(picture.height(), picture.width());
    double width = lineWidth > 0 ? lineWidth : Math.max(1, shorter / 160);
    List<Strokes.Line> lines = new ArrayList<>();
    for (double level : Arrays.stream(levels).sorted().toArray()) {
      int ink = colorMap == null ? color : colorMap.color(level);
      for (Contour contour : new MarchingSquares(sized, level * maximum).contours()) {
        lines.add(new Strokes.Line(contour, ink));
      }
    }
    return Strokes.lines(picture, lines, width);
  }
}
