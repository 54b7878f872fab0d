package dev.keralens.picture.draw;

import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Draws a signal as its curve, with a map of its steps as colours behind it. Channels are rows; of
 * very many, each is a row of grey instead of a curve.
 *
 * <p>All channels have one scale, unless that of one would be a flat line beside another: then each
 * has its own.
 *
 * <p>Immutable: each setting returns another one.
 */
public final class SignalOverlay {
  /** More channels are no curves. */
  private static final int MOST_CURVES = 24;

  private static final int ONE_HEIGHT = 220;
  private static final int ROW_HEIGHT = 58;
  private static final int MOST_RASTER = 520;

  /** Channels whose ranges differ more have scales of their own. */
  private static final double UNLIKE = 20;

  private Overlay overlay = Overlay.create();
  private List<String> labels = List.of();
  private double rate;
  private int width = 1000;

  private SignalOverlay() {}

  private SignalOverlay(SignalOverlay other) {
    overlay = other.overlay;
    labels = other.labels;
    rate = other.rate;
    width = other.width;
  }

  /** {@return a drawing in the colours of {@link Overlay#create}, 1000 pixels wide} */
  public static SignalOverlay create() {
    return new SignalOverlay();
  }

  /**
   * {@return a drawing with other colours}
   *
   * @param how colours, opacity, range
   */
  public SignalOverlay overlay(Overlay how) {
    SignalOverlay copy = new SignalOverlay(this);
    copy.overlay = how;
    return copy;
  }

  /**
   * {@return a drawing with names before the channels}
   *
   * @param names the names, in order; there may be fewer than channels
   */
  public SignalOverlay labels(List<String> names) {
    SignalOverlay copy = new SignalOverlay(this);
    copy.labels = List.copyOf(names);
    return copy;
  }

  /**
   * {@return a drawing whose axis is in seconds}
   *
   * @param hertz the steps of a second; 0, the default, counts steps
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public SignalOverlay rate(double hertz) {
    if (!(hertz >= 0) || Double.isInfinite(hertz)) {
      throw new IllegalArgumentException("A rate is 0 or more, got " + hertz + ".");
    }
    SignalOverlay copy = new SignalOverlay(this);
    copy.rate = hertz;
    return copy;
  }

  /**
   * {@return a drawing of another width}
   *
   * @param pixels at least 200
   * @throws IllegalArgumentException if it is less
   */
  public SignalOverlay width(int pixels) {
    if (pixels < 200) {
      throw new IllegalArgumentException("A signal is at least 200 pixels wide, got " + pixels);
    }
    SignalOverlay copy = new SignalOverlay(this);
    copy.width = pixels;
    return copy;
  }

  /**
   * {@return the signal as a picture}
   *
   * @param signal (steps) or (steps, channels)
   * @param map (steps), or of any other length: it is spread over the signal; null for none
   * @throws IllegalArgumentException if the shape is another, or a value is NaN or infinite
   */
  public Picture draw(Tensor signal, @Nullable Tensor map) {
    if (signal.rank() < 1 || signal.rank() > 2 || signal.elements() == 0) {
      throw new IllegalArgumentException(
          "A signal is (steps) or (steps, channels), got " + signal + ".");
    }
    Tensor rows = signal.rank() == 1 ? signal.reshape(signal.size(0), 1) : signal;
    MapValues values = MapValues.ofMap(rows);
    Lettering lettering = Lettering.ofMachine();
    double numbers = values.width() > 1 ? 0 : widest(ranges(values)[0], lettering);
    Sheet sheet = new Sheet(values.width(), numbers, lettering);
    BufferedImage image = Plots.sheet(width, sheet.height());
    MapValues heat = map == null ? null : MapValues.ofMap(map.reshape(1, map.elements()));
    Graphics2D graphics = GridPainter.graphics(image);
    try {
      if (values.width() > MOST_CURVES) {
        raster(graphics, sheet, values, heat);
      } else {
        if (heat != null) {
          band(image, sheet, heat);
        }
        curves(graphics, sheet, values);
      }
      axis(graphics, sheet, values.height());
    } finally {
      graphics.dispose();
    }
    return Picture.of(image);
  }

  private double widest(double[] range, Lettering lettering) {
    return Math.max(
        lettering.width(Plots.number(range[0]), width * 0.018),
        lettering.width(Plots.number(range[1]), width * 0.018));
  }

  /** Where the parts of the drawing stand. */
  private final class Sheet {
    final Lettering lettering;
    final int channels;
    final double letters = width * 0.018;
    final int left;
    final double numbers;
    final int right = width - 14;
    final int top = 6;
    final int rowHeight;

    Sheet(int channels, double numbers, Lettering lettering) {
      this.lettering = lettering;
      this.channels = channels;
      double widest = 0;
      this.numbers = numbers;
      for (int i = 0; i < channels; i++) {
        widest = Math.max(widest, lettering.width(label(i), letters));
      }
      left = (int) Math.ceil(Math.min(widest, width * 0.22) + letters + numbers);
      rowHeight =
          channels == 1
              ? ONE_HEIGHT
              : channels <= MOST_CURVES ? ROW_HEIGHT : Math.max(1, MOST_RASTER / channels);
    }

    String label(int channel) {
      return channel < labels.size()
          ? labels.get(channel)
          : channels == 1 ? "" : String.valueOf(channel);
    }

    int bottom() {
      return top + channels * rowHeight;
    }

    int height() {
      return bottom() + (int) Math.ceil(letters * 2.1);
    }
  }

  /** The map's colours behind all rows. */
  private void band(BufferedImage image, Sheet sheet, MapValues heat) {
    Overlay.Scale scale = overlay.scale(heat);
    float[] columns = columns(heat, sheet.right - sheet.left);
    for (int x = 0; x < columns.length; x++) {
      double value = scale.of(columns[x]);
      int color = Colors.mix(0xFFFFFF, overlay.colorMap().color(value), overlay.opacity(value));
      for (int y = sheet.top; y < sheet.bottom(); y++) {
        image.setRGB(sheet.left + x, y, color);
      }
    }
  }

  private static float[] columns(MapValues heat, int count) {
    return heat.resize(1, count, Interpolation.BILINEAR).values();
  }

  private void curves(Graphics2D graphics, Sheet sheet, MapValues values) {
    double[][] ranges = ranges(values);
    graphics.setStroke(
        new BasicStroke(width / 700f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    for (int channel = 0; channel < sheet.channels; channel++) {
      int top = sheet.top + channel * sheet.rowHeight;
      graphics.setColor(Plots.INK);
      graphics.draw(curve(sheet, values, channel, ranges[channel], top));
      label(graphics, sheet, channel, top + sheet.rowHeight / 2.0);
      if (channel > 0) {
        graphics.setColor(Plots.PALE);
        graphics.fillRect(sheet.left, top, sheet.right - sheet.left, 1);
      }
    }
    if (sheet.channels == 1) {
      ends(graphics, sheet, ranges[0]);
    }
  }

  private static void label(Graphics2D graphics, Sheet sheet, int channel, double middle) {
    graphics.setColor(Plots.INK);
    double space = sheet.left - sheet.letters * 0.6 - sheet.numbers;
    TextBlock.of(sheet.lettering, sheet.label(channel), sheet.letters, Math.max(space, 1), 1)
        .draw(
            new RasterCanvas(graphics, sheet.lettering),
            sheet.lettering,
            0,
            middle - sheet.letters * 0.62,
            space,
            TextBlock.Align.RIGHT);
  }

  /** The numbers at the ends of the only channel. */
  private static void ends(Graphics2D graphics, Sheet sheet, double[] range) {
    double[] tops = {sheet.top, sheet.bottom() - sheet.letters * 1.2};
    for (int i = 0; i < 2; i++) {
      TextBlock.of(sheet.lettering, Plots.number(range[1 - i]), sheet.letters, sheet.right, 1)
          .draw(
              new RasterCanvas(graphics, sheet.lettering),
              sheet.lettering,
              0,
              tops[i],
              sheet.left - sheet.letters * 0.4,
              TextBlock.Align.RIGHT);
    }
  }

  /**
   * Of each channel, the numbers at the bottom and the top of its row: as far apart in all rows,
   * each row around the middle of its channel.
   */
  private static double[][] ranges(MapValues values) {
    int channels = values.width();
    double[][] own = new double[channels][];
    double most = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int c = 0; c < channels; c++) {
      double min = Double.POSITIVE_INFINITY;
      double max = Double.NEGATIVE_INFINITY;
      for (int step = 0; step < values.height(); step++) {
        min = Math.min(min, values.at(step, c));
        max = Math.max(max, values.at(step, c));
      }
      own[c] = widened(min, max);
      most = Math.max(most, own[c][1] - own[c][0]);
      least = max > min ? Math.min(least, own[c][1] - own[c][0]) : least;
    }
    if (most <= UNLIKE * least) {
      for (double[] range : own) {
        double middle = (range[0] + range[1]) / 2;
        range[0] = middle - most / 2;
        range[1] = middle + most / 2;
      }
    }
    return own;
  }

  private static double[] widened(double low, double high) {
    double margin = high > low ? (high - low) * 0.04 : Math.max(1e-6, Math.abs(high) * 0.5);
    return new double[] {low - margin, high + margin};
  }

  /**
   * A line through the steps; where several fall on a pixel, from their lowest to their highest.
   */
  private static Path2D curve(Sheet sheet, MapValues values, int channel, double[] range, int top) {
    Path2D path = new Path2D.Double();
    int steps = values.height();
    double wide = sheet.right - sheet.left;
    int pixels = (int) wide;
    boolean dense = steps > 2 * pixels;
    int points = dense ? pixels : steps;
    for (int i = 0; i < points; i++) {
      int from = dense ? (int) ((long) i * steps / points) : i;
      int to = dense ? (int) ((long) (i + 1) * steps / points) : i + 1;
      float low = Float.POSITIVE_INFINITY;
      float high = Float.NEGATIVE_INFINITY;
      for (int step = from; step < to; step++) {
        low = Math.min(low, values.at(step, channel));
        high = Math.max(high, values.at(step, channel));
      }
      double x = sheet.left + (i + 0.5) / points * wide;
      double first = top + (range[1] - high) / (range[1] - range[0]) * sheet.rowHeight;
      double last = top + (range[1] - low) / (range[1] - range[0]) * sheet.rowHeight;
      if (i == 0) {
        path.moveTo(x, first);
      } else {
        path.lineTo(x, first);
      }
      if (dense) {
        path.lineTo(x, last);
      }
    }
    return path;
  }

  /** Channels as rows of grey, the map over them. */
  private void raster(
      Graphics2D graphics, Sheet sheet, MapValues values, @Nullable MapValues heat) {
    float low = values.minimum();
    float high = values.maximum();
    byte[] gray = new byte[values.width() * values.height()];
    for (int channel = 0; channel < values.width(); channel++) {
      for (int step = 0; step < values.height(); step++) {
        double share = high > low ? (values.at(step, channel) - low) / (high - low) : 0;
        gray[channel * values.height() + step] = (byte) Math.round(255 * (1 - share));
      }
    }
    int channels = values.width();
    int steps = values.height();
    Picture rows = Picture.ofBytes(ColorMode.GRAYSCALE, channels, steps, gray);
    Picture sized =
        rows.resize(
            sheet.bottom() - sheet.top,
            sheet.right - sheet.left,
            values.height() < sheet.right - sheet.left
                ? Interpolation.NEAREST
                : Interpolation.BILINEAR);
    Picture drawn =
        heat == null
            ? sized
            : overlay.draw(sized, Tensor.of(heat.values(), 1, heat.values().length));
    graphics.drawImage(drawn.toImage(), sheet.left, sheet.top, null);
    for (int channel = 0; channel < values.width(); channel++) {
      boolean fits = sheet.rowHeight >= sheet.letters * 0.9;
      if (fits || channel == 0 || channel == values.width() - 1) {
        label(graphics, sheet, channel, sheet.top + (channel + 0.5) * sheet.rowHeight);
      }
    }
  }

  /** Steps or seconds below the rows. */
  private void axis(Graphics2D graphics, Sheet sheet, int steps) {
    double range = rate > 0 ? steps / rate : steps;
    double step = Plots.step(range, 8);
    if (rate == 0) {
      step = Math.max(1, Math.rint(step));
    }
    graphics.setColor(Plots.INK);
    graphics.drawRect(
        sheet.left, sheet.top, sheet.right - sheet.left - 1, sheet.bottom() - sheet.top - 1);
    String unit = rate > 0 ? " s" : "";
    for (int k = 0; k * step <= range * (1 + 1e-9); k++) {
      double place = k * step / range;
      int x = (int) Math.round(sheet.left + place * (sheet.right - sheet.left - 1));
      graphics.fillRect(x, sheet.bottom(), 1, (int) Math.ceil(sheet.letters * 0.3));
      String text = Plots.number(k * step) + unit;
      double half = sheet.lettering.width(text, sheet.letters) / 2;
      double left = Math.min(x - half, width - 2 * half - 1);
      TextBlock.of(sheet.lettering, text, sheet.letters, width, 1)
          .draw(
              new RasterCanvas(graphics, sheet.lettering),
              sheet.lettering,
              left,
              sheet.bottom() + sheet.letters * 0.4,
              2 * half,
              TextBlock.Align.LEFT);
    }
  }
}
