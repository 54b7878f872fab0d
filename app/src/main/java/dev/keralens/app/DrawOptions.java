package dev.keralens.app;

import dev.keralens.picture.draw.ColorMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How maps are drawn over the images. */
final class DrawOptions {
  private static final double ZHOU_2016 = 0.2;

  /** More colours cannot be told apart. */
  static final int MOST_JOINED = 8;

  private static final Map<String, Rendering.Style> STYLES =
      Map.of(
          "heat", Rendering.Style.HEAT,
          "contours", Rendering.Style.CONTOURS,
          "box", Rendering.Style.BOX,
          "units", Rendering.Style.UNITS);

  @Option(
      names = "--draw",
      paramLabel = "STYLE",
      defaultValue = "heat",
      description =
          "heat: the map in colours over the image. contours: lines at 25, 50 and 75 %% of its"
              + " maximum. box: heat, and a box around the largest part above --threshold. units:"
              + " up to eight units of an image in one picture, grey, a colour and a legend for each"
              + " (default: ${DEFAULT-VALUE}).")
  private String style = "heat";

  @Option(
      names = "--threshold",
      paramLabel = "X",
      description =
          "With --draw box: the share of the map's maximum from which a place belongs to the object,"
              + " above 0 to 1 (default: 0.2, as Zhou et al., 2016).")
  private @Nullable Double threshold;

  @Option(
      names = "--colormap",
      paramLabel = "NAME",
      description =
          "The colours: jet, turbo, viridis, inferno, magma, gray, coolwarm, seismic. Default: jet"
              + " over the picture, viridis for contours, inferno for maps of pixels, coolwarm for values below zero.")
  private @Nullable String colorMap;

  @Option(
      names = "--alpha",
      paramLabel = "X",
      defaultValue = "0.65",
      description = "How much the strongest colour hides, 0 to 1 (default: ${DEFAULT-VALUE}).")
  private double alpha;

  @Option(
      names = "--columns",
      paramLabel = "N",
      description =
          "How many images stand side by side in a picture of all, each with its maps. Default: as"
              + " many as make a page of 4:3. More than 60 images go on several pages, why-1.png and"
              + " so on.")
  private @Nullable Integer columns;

  /** Whether the units of an image share one picture. */
  boolean joinsUnits() {
    return Choice.of(STYLES, "way to draw", style) == Rendering.Style.UNITS;
  }

  /** Whether the number of columns is given. */
  boolean hasColumns() {
    return columns != null;
  }

  /**
   * What is asked for.
   *
   * @param signed whether maps have values below zero
   */
  Rendering rendering(boolean signed) {
    if (colorMap != null && !ColorMap.names().contains(colorMap.toLowerCase(Locale.ROOT))) {
      throw Choice.unknown(ColorMap.names(), "colour map", colorMap);
    }
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new UsageException("--alpha is 0 to 1, got " + alpha + ".");
    }
    Rendering.Style chosen = Choice.of(STYLES, "way to draw", style);
    if (threshold != null && chosen != Rendering.Style.BOX) {
      throw new UsageException("--threshold has no effect without --draw box.");
    }
    double share = threshold == null ? ZHOU_2016 : threshold;
    if (!(share > 0 && share <= 1)) {
      throw new UsageException("--threshold is above 0 and at most 1, got " + share + ".");
    }
    if (columns != null && columns < 1) {
      throw new UsageException("--columns is at least 1, got " + columns + ".");
    }
    return new Rendering(
        chosen,
        colorMap == null ? null : ColorMap.of(colorMap),
        alpha,
        signed,
        share,
        columns == null ? 0 : columns);
  }
}
