package dev.keralens.app;

import dev.keralens.picture.draw.ColorMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
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
              + " up to eight units of an image in one picture, grey, a colour and a legend for"
              + " each (default: ${DEFAULT-VALUE}).")
  private String style = "heat";

  @Option(
      names = "--threshold",
      paramLabel = "X",
      description =
          "With --draw box: the share of the map's maximum from which a place belongs to the"
              + " object, above 0 to 1 (default: 0.2, as Zhou et al., 2016).")
  private @Nullable Double threshold;

  @Option(
      names = "--colormap",
      paramLabel = "NAME",
      description =
          "The colours: jet, turbo, viridis, inferno, magma, gray, coolwarm, seismic. Default: jet"
              + " over the picture, viridis for contours, inferno for maps of pixels, coolwarm for"
              + " values below zero.")
  private @Nullable String colorMap;

  @Option(
      names = "--alpha",
      paramLabel = "X",
      defaultValue = "0.65",
      description = "How much the strongest colour hides, 0 to 1 (default: ${DEFAULT-VALUE}).")
  private double alpha;

  @Mixin private FigureOptions figure = new FigureOptions();

  @Option(
      names = "--features",
      paramLabel = "FILE",
      description =
          "What the features of a table or the channels of a signal are called: a text file with a"
              + " name on each line. Default: the first line of a .csv, where it has names.")
  private @Nullable Path features;

  /**
   * How the input is drawn where it is no picture; null where it is one.
   *
   * @throws UsageException if nobody knows how, or an option has no effect on it
   * @throws IOException if the names of features cannot be read
   */
  @Nullable Views views(Subject subject) throws IOException {
    boolean picture =
        subject.inputs().areDrawable() && subject.explainedInput().places().length == 2;
    if (picture) {
      if (features != null) {
        throw new UsageException("--features has no effect: the input is pictures.");
      }
      return null;
    }
    Views views = Views.of(subject, features == null ? List.of() : FeatureNames.read(features));
    if (views == null) {
      throw new UsageException(
          "The input %s is no picture, signal, volume or table to draw; write the maps with -o maps.npy or maps.npz."
              .formatted(subject.inputs().shape()));
    }
    if (features != null && views.labels().size() != views.channels()) {
      throw new UsageException(
          "--features %s has %d names, and the input has %d."
              .formatted(features, views.labels().size(), views.channels()));
    }
    Rendering.Style chosen = Choice.of(STYLES, "way to draw", style);
    if (chosen != Rendering.Style.HEAT) {
      throw new UsageException(
          "--draw %s is for pictures, and the input %s is none."
              .formatted(style, subject.inputs().shape()));
    }
    if (figure.hasColorBar()) {
      throw new UsageException("--color-bar is for pictures, and the input is none.");
    }
    return views;
  }

  /** Whether the units of an image share one picture. */
  boolean joinsUnits() {
    return Choice.of(STYLES, "way to draw", style) == Rendering.Style.UNITS;
  }

  /** How a picture of all is laid out. */
  FigureOptions figure() {
    return figure;
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
    figure.check();
    if (figure.hasColorBar() && chosen != Rendering.Style.HEAT) {
      throw new UsageException("--color-bar has no effect with --draw %s.".formatted(style));
    }
    return new Rendering(
        chosen,
        colorMap == null ? null : ColorMap.of(colorMap),
        alpha,
        signed,
        share,
        figure.interpolation(),
        figure.figure());
  }
}
