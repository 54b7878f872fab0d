package dev.keralens.picture.draw;

import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Lays the maps of several units over one picture, each in a colour of its own, with a legend.
 *
 * <p>A pixel has the colour of the unit that is strongest there, which blends into the next unit's
 * where two are about equal. Each map is scaled by its own maximum; values below 0 count as 0. A
 * value's opacity grows with it as in {@link Overlay}.
 *
 * <p>Immutable: each setting returns another one.
 */
public final class UnitOverlay {
  /** Okabe and Ito's colours, which colour-blind readers tell apart, and a wine red. */
  private static final int[] COLORS = {
    0xD55E00, 0x0072B2, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0xF0E442, 0x882255
  };

  /**
   * The power of a strength that weighs its colour: the higher, the narrower the blend between two
   * units.
   */
  private static final double SHARPNESS = 8;

  private static final int INK = 0x111111;

  private double alpha = 0.7;
  private List<Integer> colors = List.of();
  private boolean legend = true;

  private UnitOverlay() {}

  private UnitOverlay(UnitOverlay other) {
    alpha = other.alpha;
    colors = other.colors;
    legend = other.legend;
  }

  /**
   * {@return an overlay with an alpha of 0.7, colours that colour-blind readers tell apart, and a
   * legend}
   */
  public static UnitOverlay create() {
    return new UnitOverlay();
  }

  /**
   * {@return an overlay with another opacity of the strongest evidence}
   *
   * @param opacity 0 (invisible) to 1 (hides the picture); 0.7 by default
   * @throws IllegalArgumentException if it is outside that
   */
  public UnitOverlay alpha(double opacity) {
    if (!(opacity >= 0 && opacity <= 1)) {
      throw new IllegalArgumentException("Alpha is 0 to 1, got " + opacity + ".");
    }
    UnitOverlay copy = new UnitOverlay(this);
    copy.alpha = opacity;
    return copy;
  }

  /**
   * {@return an overlay in other colours}
   *
   * @param values a colour per unit, 0xRRGGBB; units beyond them get colours of ours
   * @throws IllegalArgumentException if one is no such colour
   */
  public UnitOverlay colors(List<Integer> values) {
    values.forEach(Colors::check);
    UnitOverlay copy = new UnitOverlay(this);
    copy.colors = List.copyOf(values);
    return copy;
  }

  /**
   * {@return an overlay with or without a legend}
   *
   * @param wanted whether names and colours stand below the picture, as by default
   */
  public UnitOverlay legend(boolean wanted) {
    UnitOverlay copy = new UnitOverlay(this);
    copy.legend = wanted;
    return copy;
  }

  /**
   * {@return the picture in RGB with the maps over it, and the legend below it}
   *
   * @param picture the picture; alpha is blended over white
   * @param units the name and the map of each unit, in the order of the colours; a map is (height,
   *     width) or (height, width, 1), of any size
   * @throws IllegalArgumentException if a map's shape is another or a value is NaN or infinite
   */
  public Picture draw(Picture picture, Map<String, Tensor> units) {
    return draw(picture, units, Lettering.ofMachine());
  }

  Picture draw(Picture picture, Map<String, Tensor> units, Lettering lettering) {
    Picture drawn = blended(picture, units);
    return legend && !units.isEmpty()
        ? withLegend(drawn, List.copyOf(units.keySet()), lettering)
        : drawn;
  }

  /** The picture with the maps over it, without a legend. */
  Picture blended(Picture picture, Map<String, Tensor> units) {
    List<float[]> strengths = new ArrayList<>();
    for (Tensor map : units.values()) {
      strengths.add(strengths(MapValues.ofMap(map), picture));
    }
    byte[] out = picture.overWhite().toBytes();
    for (int i = 0; i < out.length / 3; i++) {
      blend(out, i, strengths);
    }
    return Picture.ofBytes(ColorMode.RGB, picture.height(), picture.width(), out);
  }

  boolean hasLegend() {
    return legend;
  }

  /** A unit's values of 0 to 1 for each pixel. */
  private static float[] strengths(MapValues map, Picture picture) {
    double maximum = map.maximum();
    float[] values =
        map.resize(picture.height(), picture.width(), Interpolation.BILINEAR).values().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = maximum > 0 ? (float) Math.max(0, Math.min(1, values[i] / maximum)) : 0;
    }
    return values;
  }

  private void blend(byte[] out, int pixel, List<float[]> strengths) {
    double strongest = 0;
    double sum = 0;
    double red = 0;
    double green = 0;
    double blue = 0;
    for (int unit = 0; unit < strengths.size(); unit++) {
      double strength = strengths.get(unit)[pixel];
      double weight = Math.pow(strength, SHARPNESS);
      int color = color(unit);
      strongest = Math.max(strongest, strength);
      sum += weight;
      red += weight * Colors.red(color);
      green += weight * Colors.green(color);
      blue += weight * Colors.blue(color);
    }
    if (sum > 0) {
      int mixed =
          (int) Math.round(red / sum) << 16
              | (int) Math.round(green / sum) << 8
              | (int) Math.round(blue / sum);
      Colors.blendOver(out, pixel * 3, mixed, alpha * Overlay.ease(strongest));
    }
  }

  /** The colour of a unit: the user's, ours, then hues around the circle. */
  int color(int unit) {
    if (unit < colors.size()) {
      return colors.get(unit);
    }
    if (unit < COLORS.length) {
      return COLORS[unit];
    }
    return Color.HSBtoRGB((float) (unit * 0.61803398875), 0.75f, 0.85f) & 0xFFFFFF;
  }

  private Picture withLegend(Picture drawn, List<String> names, Lettering lettering) {
    int width = drawn.width();
    double size = Math.max(10, Math.min(width * 0.058, 14 + width * 0.02));
    Legend.Layout layout = Legend.layout(names, lettering, size, width);
    BufferedImage image =
        new BufferedImage(width, drawn.height() + layout.height(), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = GridPainter.graphics(image);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    graphics.drawImage(drawn.toImage(), 0, 0, null);
    layout.draw(
        new RasterCanvas(graphics, lettering), lettering, 0, drawn.height(), this::color, INK);
    graphics.dispose();
    return Picture.of(image);
  }
}
