package dev.keralens.picture.draw;

import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Draws a row of a table as a bar for each feature: to the right what speaks for, to the left what
 * speaks against, the longest bars first; with the features' names and values.
 *
 * <p>Immutable: each setting returns another one.
 */
public final class BarChart {
  private static final Color FOR = new Color(0xB40426);
  private static final Color AGAINST = new Color(0x3B4CC0);
  private static final Color EDGE = new Color(0x7A7A7A);

  private List<String> labels = List.of();
  private int most = 30;
  private int width = 720;

  private BarChart() {}

  private BarChart(BarChart other) {
    labels = other.labels;
    most = other.most;
    width = other.width;
  }

  /** {@return a chart of the 30 longest bars, 720 pixels wide} */
  public static BarChart create() {
    return new BarChart();
  }

  /**
   * {@return a chart with the names of the features}
   *
   * @param names the names, in order; features beyond them are called by their numbers
   */
  public BarChart labels(List<String> names) {
    BarChart copy = new BarChart(this);
    copy.labels = List.copyOf(names);
    return copy;
  }

  /**
   * {@return a chart of so many bars at most; how many are left out is said}
   *
   * @param count at least 1
   * @throws IllegalArgumentException if it is less
   */
  public BarChart most(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("There is at least 1 bar, got " + count + ".");
    }
    BarChart copy = new BarChart(this);
    copy.most = count;
    return copy;
  }

  /**
   * {@return the row as a picture}
   *
   * @param features the values of the features, of any shape
   * @param map a number for each; null for the values alone
   * @throws IllegalArgumentException if their counts differ, or a number of the map is NaN or
   *     infinite
   */
  public Picture draw(Tensor features, @Nullable Tensor map) {
    int count = features.elements();
    if (count == 0 || (map != null && map.elements() != count)) {
      throw new IllegalArgumentException(
          "A bar is drawn for each feature: %s has another count than %s."
              .formatted(map, features));
    }
    float[] values = features.toFloatArray();
    float[] bars = map == null ? new float[count] : map.toFloatArray();
    for (float bar : bars) {
      if (!Float.isFinite(bar)) {
        throw new IllegalArgumentException("The map %s holds %s.".formatted(map, bar));
      }
    }
    List<Integer> order =
        IntStream.range(0, count)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -Math.abs(bars[i])))
            .limit(most)
            .toList();
    return paint(values, bars, order, count - order.size());
  }

  private String name(int feature, float value) {
    String name = feature < labels.size() ? labels.get(feature) : "feature " + feature;
    return name + " = " + Plots.number(value);
  }

  private Picture paint(float[] values, float[] bars, List<Integer> order, int leftOut) {
    Lettering lettering = Lettering.ofMachine();
    double letters = width * 0.022;
    int row = (int) Math.round(letters * 1.75);
    int top = 6;
    int height = top + row * order.size() + (int) Math.ceil(letters * (leftOut > 0 ? 3.6 : 2.2));
    double widest = 0;
    double longest = 0;
    double number = 0;
    boolean negative = false;
    boolean positive = false;
    for (int i : order) {
      widest = Math.max(widest, lettering.width(name(i, values[i]), letters));
      longest = Math.max(longest, Math.abs(bars[i]));
      number = Math.max(number, lettering.width(Plots.number(bars[i]), letters));
      negative |= bars[i] < 0;
      positive |= bars[i] > 0;
    }
    double names = Math.min(widest, width * 0.45) + letters * 0.8;
    double numbers = Math.max(letters * 4, number + letters * 0.7);
    double left = names + (negative ? numbers : 4);
    double right = width - (positive || !negative ? numbers : 8);
    double zero = !negative ? left : positive ? (left + right) / 2 : right;
    double scale =
        longest == 0 ? 0 : (negative && positive ? right - zero : right - left) / longest;
    BufferedImage image = Plots.sheet(width, height);
    Graphics2D graphics = GridPainter.graphics(image);
    try {
      for (int k = 0; k < order.size(); k++) {
        int i = order.get(k);
        int y = top + k * row;
        double length = Math.abs(bars[i]) * scale;
        int from = (int) Math.round(bars[i] < 0 ? zero - length : zero);
        graphics.setColor(bars[i] < 0 ? AGAINST : FOR);
        graphics.fillRect(from, y + row / 6, (int) Math.round(length), row * 2 / 3);
        graphics.setColor(Plots.INK);
        double text = y + row / 2.0 - letters * 0.62;
        TextBlock.of(lettering, name(i, values[i]), letters, names - letters * 0.6, 1)
            .draw(
                new RasterCanvas(graphics, lettering),
                lettering,
                0,
                text,
                names - letters * 0.6,
                TextBlock.Align.RIGHT);
        double beside = bars[i] < 0 ? zero - length - numbers : zero + length + letters * 0.35;
        TextBlock.of(lettering, Plots.number(bars[i]), letters, width, 1)
            .draw(
                new RasterCanvas(graphics, lettering),
                lettering,
                beside,
                text,
                numbers - letters * 0.35,
                bars[i] < 0 ? TextBlock.Align.RIGHT : TextBlock.Align.LEFT);
      }
      graphics.setColor(EDGE);
      graphics.fillRect((int) Math.round(zero), top, 1, row * order.size());
      graphics.setColor(Plots.INK);
      feet(
          graphics,
          lettering,
          letters,
          zero,
          negative,
          positive,
          top + row * order.size(),
          leftOut);
    } finally {
      graphics.dispose();
    }
    return Picture.of(image);
  }

  private void feet(
      Graphics2D graphics,
      Lettering lettering,
      double letters,
      double zero,
      boolean negative,
      boolean positive,
      double top,
      int leftOut) {
    double y = top + letters * 0.5;
    if (positive && negative) {
      TextBlock.of(lettering, "for →", letters, width, 1)
          .draw(
              new RasterCanvas(graphics, lettering),
              lettering,
              zero + letters * 0.4,
              y,
              0,
              TextBlock.Align.LEFT);
      TextBlock.of(lettering, "← against", letters, width, 1)
          .draw(
              new RasterCanvas(graphics, lettering),
              lettering,
              0,
              y,
              zero - letters * 0.4,
              TextBlock.Align.RIGHT);
    }
    if (leftOut > 0) {
      TextBlock.of(
              lettering,
              "%d features with shorter bars are left out".formatted(leftOut),
              letters,
              width,
              1)
          .draw(
              new RasterCanvas(graphics, lettering),
              lettering,
              0,
              y + letters * 1.4,
              width - letters * 0.5,
              TextBlock.Align.RIGHT);
    }
  }
}
