package dev.keralens.app;

import dev.keralens.picture.ColorMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How maps are drawn over the images. */
final class DrawOptions {
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
              + " all units of an image in one picture, a colour and a legend for each (default:"
              + " ${DEFAULT-VALUE}).")
  private String style = "heat";

  @Option(
      names = "--threshold",
      paramLabel = "X",
      defaultValue = "0.2",
      description =
          "With --draw box: the share of the map's maximum from which a place belongs to the object,"
              + " above 0 to 1 (default: ${DEFAULT-VALUE}, as Zhou et al., 2016).")
  private double threshold;

  @Option(
      names = "--colormap",
      paramLabel = "NAME",
      description =
          "The colours: jet, turbo, viridis, inferno, magma, gray, coolwarm, seismic. Default: jet"
              + " over the picture, inferno for maps of pixels, coolwarm for values below zero.")
  private @Nullable String colorMap;

  @Option(
      names = "--alpha",
      paramLabel = "X",
      defaultValue = "0.65",
      description = "How much the strongest colour hides, 0 to 1 (default: ${DEFAULT-VALUE}).")
  private double alpha;

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
    if (!(threshold > 0 && threshold <= 1)) {
      throw new UsageException("--threshold is above 0 and at most 1, got " + threshold + ".");
    }
    return new Rendering(
        Choice.of(STYLES, "way to draw", style),
        colorMap == null ? null : ColorMap.of(colorMap),
        alpha,
        signed,
        threshold);
  }
}
