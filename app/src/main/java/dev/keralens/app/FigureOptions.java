package dev.keralens.app;

import dev.keralens.picture.Interpolation;
import dev.keralens.picture.PictureNotes;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a picture of all is laid out and written. */
final class FigureOptions {
  private static final int MOST_PIXELS = 20_000;

  private static final SortedMap<String, Interpolation> INTERPOLATIONS =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(
              Map.of(
                  "linear", Interpolation.BILINEAR,
                  "cubic", Interpolation.BICUBIC,
                  "nearest", Interpolation.NEAREST)));

  @Option(
      names = "--columns",
      paramLabel = "N",
      description =
          "How many images stand side by side in a picture of all, each with its maps; of one image"
              + " and many methods, how many cells. Default: as many as make a page of 4:3. More"
              + " than 60 images go on several pages, why-1.png and so on.")
  private @Nullable Integer columns;

  @Option(
      names = "--width",
      paramLabel = "PIXELS",
      description = "How wide a picture of all is. Default: cells of 224 to 640 pixels.")
  private @Nullable Integer width;

  @Option(
      names = "--dpi",
      paramLabel = "N",
      description = "How many pixels of the picture are an inch in print; written into the file.")
  private @Nullable Integer dpi;

  @Option(
      names = "--color-bar",
      description = "Add a bar to a picture of all that says what the colours stand for.")
  private boolean colorBar;

  @Option(
      names = "--interpolation",
      paramLabel = "HOW",
      description =
          "How a map of few places becomes as large as the picture: linear, cubic (without the"
              + " bands at the edges) or nearest (its places as squares). Default: linear.")
  private @Nullable String interpolation;

  /** Checks what can be checked before anything is read. */
  void check() {
    if (columns != null && columns < 1) {
      throw new UsageException("--columns is at least 1, got " + columns + ".");
    } else if (width != null && (width < 100 || width > MOST_PIXELS)) {
      throw new UsageException("--width is 100 to %d, got %d.".formatted(MOST_PIXELS, width));
    } else if (dpi != null && (dpi < 1 || dpi > 9600)) {
      throw new UsageException("--dpi is 1 to 9600, got " + dpi + ".");
    }
    interpolation();
  }

  /**
   * Refuses what has no effect on what is written.
   *
   * @param target what is written
   * @param output as the user named it
   */
  void check(Output target, String output) {
    boolean grid = target.kind() == Output.Kind.GRID;
    boolean drawn = grid || target.kind() == Output.Kind.FOLDER;
    String vain =
        !grid && columns != null
            ? "--columns"
            : !grid && width != null ? "--width" : !grid && colorBar ? "--color-bar" : null;
    if (vain != null) {
      throw new UsageException(
          "%s has no effect: -o %s is no picture of all.".formatted(vain, output));
    }
    vain =
        !drawn && dpi != null
            ? "--dpi"
            : !drawn && interpolation != null ? "--interpolation" : null;
    if (vain != null) {
      throw new UsageException("%s has no effect: -o %s is no picture.".formatted(vain, output));
    }
  }

  /** Whether it was said how many stand side by side. */
  boolean hasColumns() {
    return columns != null;
  }

  /** Whether a bar of colours is asked for. */
  boolean hasColorBar() {
    return colorBar;
  }

  /** Whether it was said how maps are enlarged. */
  boolean hasInterpolation() {
    return interpolation != null;
  }

  /** Whether maps are to be enlarged in another way than the network's graph does. */
  boolean enlargesMaps() {
    return interpolation != null && interpolation() != Interpolation.BILINEAR;
  }

  Interpolation interpolation() {
    return interpolation == null
        ? Interpolation.BILINEAR
        : Choice.of(INTERPOLATIONS, "interpolation", interpolation);
  }

  /** What is asked for. */
  Figure figure() {
    return new Figure(
        columns == null ? 0 : columns,
        width == null ? 0 : width,
        colorBar,
        PictureNotes.none().dpi(dpi == null ? 0 : dpi));
  }
}
