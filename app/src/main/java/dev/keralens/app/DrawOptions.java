package dev.keralens.app;

import dev.keralens.network.KerasTensor;
import dev.keralens.picture.draw.ColorMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How maps are drawn over the images. */
final class DrawOptions {
  private static final double ZHOU_2016 = 0.2;
  private static final double USUAL_ALPHA = 0.65;

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
      description =
          "heat: the map in colours over the image. contours: lines at 25, 50 and 75 %% of its"
              + " maximum. box: heat, and a box around the largest part above --threshold. units:"
              + " up to eight units of an image in one picture, grey, a colour and a legend for"
              + " each (default: heat).")
  private @Nullable String style;

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
      description = "How much the strongest colour hides, 0 to 1 (default: 0.65).")
  private @Nullable Double alpha;

  @Mixin private FigureOptions figure = new FigureOptions();

  @Option(
      names = "--features",
      paramLabel = "FILE",
      description =
          "What the features of a table or the channels of a signal are called: a text file with a"
              + " name on each line. Default: the first line of a .csv, where it has names.")
  private @Nullable Path features;

  private Rendering.Style style() {
    return style == null ? Rendering.Style.HEAT : Choice.of(STYLES, "way to draw", style);
  }

  /**
   * Refuses what has no effect on what is written.
   *
   * @param target what is written
   * @param output as the user named it
   */
  void check(Output target, String output) {
    figure.check(target, output);
    boolean drawn = target.kind() == Output.Kind.GRID || target.kind() == Output.Kind.FOLDER;
    String vain =
        style != null
            ? "--draw"
            : colorMap != null
                ? "--colormap"
                : alpha != null ? "--alpha" : features != null ? "--features" : null;
    if (!drawn && vain != null) {
      throw new UsageException(
          target.kind() == Output.Kind.REPORT
              ? "%s has no effect: the page of -o %s has controls for it.".formatted(vain, output)
              : "%s has no effect: -o %s is no picture.".formatted(vain, output));
    }
  }

  /**
   * Refuses what has no effect on maps of single pixels, where all are such.
   *
   * @param anyOfPlaces whether there are maps of activations, which lie over the picture
   */
  void checkMaps(boolean anyOfPlaces) {
    Rendering.Style chosen = style();
    boolean heat = chosen == Rendering.Style.HEAT || chosen == Rendering.Style.BOX;
    if (anyOfPlaces || !heat) {
      return;
    }
    String vain = alpha != null ? "--alpha" : figure.hasInterpolation() ? "--interpolation" : null;
    if (vain != null) {
      throw new UsageException(
          "%s has no effect: all maps are of single pixels, which are drawn over a dark picture as they are."
              .formatted(vain));
    }
  }

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
    if (style() != Rendering.Style.HEAT) {
      throw new UsageException(
          "--draw %s is for pictures, and the input %s is none."
              .formatted(style, subject.inputs().shape()));
    }
    if (figure.hasColorBar()) {
      throw new UsageException("--color-bar is for pictures, and the input is none.");
    }
    if (views.kind() == Views.Kind.FEATURES) {
      refuseColors(subject);
    }
    return views;
  }

  /**
   * How each input of a model of several is drawn; null for one that is a picture.
   *
   * @param drawn whether they are drawn at all; where not, none has a way
   * @throws UsageException if nobody knows how
   */
  List<@Nullable Views> eachView(Subject subject, boolean drawn) {
    List<@Nullable Views> all = new ArrayList<>();
    for (int i = 0; i < subject.network().inputs().size(); i++) {
      KerasTensor input = subject.network().inputs().get(i);
      Inputs given =
          subject.inputs() instanceof SeveralInputs several
              ? several.parts().get(i)
              : subject.inputs();
      boolean picture = !drawn || (given.areDrawable() && input.places().length == 2);
      Views view = picture ? null : Views.of(input, given, List.of());
      if (!picture && view == null) {
        throw new UsageException(
            "The input %s %s is no picture, signal, volume or table to draw; write the maps with -o maps.npz."
                .formatted(subject.inputNames().get(i), input.shape()));
      }
      all.add(view);
    }
    return all;
  }

  /** What is for pictures of one input alone, if anything of it is asked for. */
  @Nullable String ofOneInput() {
    return style() != Rendering.Style.HEAT
        ? "--draw " + style
        : figure.hasColorBar()
            ? "--color-bar"
            : features != null ? "--features" : figure.hasColumns() ? "--columns" : null;
  }

  /** Bars have colours of their own. */
  private void refuseColors(Subject subject) {
    String vain =
        colorMap != null
            ? "--colormap"
            : alpha != null ? "--alpha" : figure.hasInterpolation() ? "--interpolation" : null;
    if (vain != null) {
      throw new UsageException(
          "%s has no effect: a row of a table %s is drawn as bars, red and blue."
              .formatted(vain, subject.inputs().shape()));
    }
  }

  /** Whether the units of an image share one picture. */
  boolean joinsUnits() {
    return style() == Rendering.Style.UNITS;
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
    double opacity = alpha == null ? USUAL_ALPHA : alpha;
    if (!(opacity >= 0 && opacity <= 1)) {
      throw new UsageException("--alpha is 0 to 1, got " + alpha + ".");
    }
    Rendering.Style chosen = style();
    if (alpha != null && chosen == Rendering.Style.CONTOURS) {
      throw new UsageException("--alpha has no effect with --draw contours: lines hide nothing.");
    }
    if (colorMap != null && chosen == Rendering.Style.UNITS) {
      throw new UsageException("--colormap has no effect with --draw units: each has a colour.");
    }
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
        opacity,
        signed,
        share,
        figure.interpolation(),
        figure.figure());
  }
}
