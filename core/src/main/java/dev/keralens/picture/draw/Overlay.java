package dev.keralens.picture.draw;

import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;

/**
 * Lays a map over a picture in the colours of a colour map, so that the picture stays visible.
 *
 * <p>A value's opacity grows with it: nothing is drawn where there is no evidence, and {@link
 * #alpha} of the colour where there is most. With the value v scaled to t of 0 to 1, the opacity is
 * alpha * t * t * (3 - 2 t). Of a diverging colour map the middle is 0 and t is the distance from
 * it.
 *
 * <p>Differs from keras-explainable, whose overlays have one opacity throughout and hide the
 * picture under the map's lowest colour.
 *
 * <p>Immutable: each setting returns another overlay.
 */
public final class Overlay {
  private ColorMap colorMap = ColorMap.JET;
  private double alpha = 0.65;
  private Interpolation interpolation = Interpolation.BILINEAR;
  private double low = Double.NaN;
  private double high = Double.NaN;

  private Overlay() {}

  private Overlay(Overlay other) {
    colorMap = other.colorMap;
    alpha = other.alpha;
    interpolation = other.interpolation;
    low = other.low;
    high = other.high;
  }

  /**
   * {@return an overlay in {@link ColorMap#JET} with an alpha of 0.65, each map scaled by its own
   * range}
   */
  public static Overlay create() {
    return new Overlay();
  }

  /**
   * {@return an overlay in other colours}
   *
   * @param map the colours; a diverging one for maps of two signs
   */
  public Overlay colorMap(ColorMap map) {
    Overlay copy = new Overlay(this);
    copy.colorMap = map;
    return copy;
  }

  /** {@return the colour map} */
  public ColorMap colorMap() {
    return colorMap;
  }

  /**
   * {@return an overlay with another opacity of the strongest evidence}
   *
   * @param opacity 0 (invisible) to 1 (hides the picture); 0.65 by default
   * @throws IllegalArgumentException if it is outside that
   */
  public Overlay alpha(double opacity) {
    if (!(opacity >= 0 && opacity <= 1)) {
      throw new IllegalArgumentException("Alpha is 0 to 1, got " + opacity + ".");
    }
    Overlay copy = new Overlay(this);
    copy.alpha = opacity;
    return copy;
  }

  /**
   * {@return an overlay that resizes maps to the picture in another way}
   *
   * @param how the way; {@link Interpolation#BILINEAR} by default, with half-pixel centres, and
   *     averaging where a map shrinks
   */
  public Overlay interpolation(Interpolation how) {
    Overlay copy = new Overlay(this);
    copy.interpolation = how;
    return copy;
  }

  /**
   * {@return an overlay that scales every map by one range} so that several can be compared.
   * Without it each map's own is taken: 0, or its minimum if that is negative, to its maximum; for
   * a diverging colour map, its largest absolute value to both sides.
   *
   * @param lowest the value of the colour map's first colour
   * @param highest the value of its last
   * @throws IllegalArgumentException if the first is not below the second
   */
  public Overlay range(double lowest, double highest) {
    if (!(lowest < highest) || Double.isInfinite(highest - lowest)) {
      throw new IllegalArgumentException(
          "A range goes from a lower to a higher number, got " + lowest + " to " + highest + ".");
    }
    Overlay copy = new Overlay(this);
    copy.low = lowest;
    copy.high = highest;
    return copy;
  }

  /**
   * {@return the picture in RGB with the map over it}
   *
   * @param picture the picture; alpha is blended over white
   * @param map (height, width) or (height, width, 1), of any size: it is resized to the picture's
   * @throws IllegalArgumentException if the shape is another or a value is NaN or infinite
   */
  public Picture draw(Picture picture, Tensor map) {
    MapValues plane = MapValues.ofMap(map);
    Scale scale = scale(plane);
    MapValues sized = plane.resize(picture.height(), picture.width(), interpolation);
    byte[] out = picture.overWhite().toBytes();
    for (int i = 0; i < sized.values().length; i++) {
      double value = scale.of(sized.values()[i]);
      Colors.blendOver(out, i * 3, colorMap.color(value), opacity(value));
    }
    return Picture.ofBytes(ColorMode.RGB, picture.height(), picture.width(), out);
  }

  /** The opacity of a value that is scaled to 0 to 1. */
  double opacity(double scaled) {
    double t = colorMap.isDiverging() ? Math.abs(2 * scaled - 1) : scaled;
    return alpha * ease(t);
  }

  /** From 0 to 1 with a gentle start and end. */
  static double ease(double t) {
    return t * t * (3 - 2 * t);
  }

  /** The scale of a map. */
  Scale scale(MapValues map) {
    if (!Double.isNaN(low)) {
      return new Scale(low, high);
    }
    double minimum = map.minimum();
    double maximum = map.maximum();
    if (colorMap.isDiverging()) {
      double largest = Math.max(-minimum, maximum);
      return largest == 0 ? new Scale(-1, 1) : new Scale(-largest, largest);
    }
    double lowest = Math.min(0, minimum);
    return maximum > lowest ? new Scale(lowest, maximum) : new Scale(lowest, lowest + 1);
  }

  /**
   * Takes values to 0 to 1.
   *
   * @param low the value that becomes 0
   * @param high the value that becomes 1
   */
  record Scale(double low, double high) {
    /** The scaled value, clipped. */
    double of(double value) {
      return Math.max(0, Math.min(1, (value - low) / (high - low)));
    }

    boolean isNear(Scale other) {
      double tolerance = 1e-4 * (high - low);
      return Math.abs(low - other.low) <= tolerance && Math.abs(high - other.high) <= tolerance;
    }
  }
}
