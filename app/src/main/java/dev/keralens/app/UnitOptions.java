package dev.keralens.app;

import dev.keralens.Units;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which units are explained: one of four ways to say it. */
final class UnitOptions {
  private static final Pattern RANGE = Pattern.compile("(\\d{1,9})-(\\d{1,9})");

  @ArgGroup(exclusive = true)
  private @Nullable Which which;

  @Option(
      names = "--two-classes",
      description =
          "Take one sigmoid neuron as two classes: unit 0 is its absence, explained by minus its"
              + " logit, and unit 1 the neuron; the highest is the predicted class. So do the names"
              + " of two --classes.")
  private boolean twoClasses;

  static final class Which {
    @Option(
        names = "--top",
        paramLabel = "K",
        description = "The K highest units of each image (default: 1).")
    private @Nullable Integer top;

    @Option(
        names = "--units",
        split = ",",
        paramLabel = "UNIT",
        description =
            "These units of every image: numbers from 0, ranges such as 5-8, or class names as they"
                + " are printed, or one of the names in them.")
    private @Nullable List<String> units;

    @Option(
        names = "--units-from",
        paramLabel = "FILE",
        description =
            "The units of each image: an array (images) or (images, k) of whole numbers (.npy), or"
                + " a line for each image (.csv, .txt).")
    private @Nullable Path file;

    @Option(names = "--all-units", description = "Every unit.")
    private boolean all;
  }

  /** The units of a run of images. */
  interface Selection {
    /** The units of some of the images, by their places among all. */
    Units of(List<Integer> places);

    /** How many units are explained of each image. */
    int perImage();
  }

  private record Same(Units units, int perImage) implements Selection {
    @Override
    public Units of(List<Integer> places) {
      return units;
    }
  }

  private record Each(Tensor units, int perImage) implements Selection {
    @Override
    public Units of(List<Integer> places) {
      return Units.each(Tensor.concat(places.stream().map(i -> units.rows(i, i + 1)).toList()));
    }
  }

  /** Checks what can be checked before a model is read. */
  void check() {
    if (which != null && which.top != null && which.top < 1) {
      throw new UsageException("--top is at least 1, got " + which.top + ".");
    }
  }

  /** Whether one unit is taken as two classes. */
  boolean twoClasses() {
    return twoClasses;
  }

  /**
   * The selection.
   *
   * @param classes what units are called
   * @param available the number of units that the model has
   * @param images the number of images
   * @param err is told of units that are named twice, and explained once
   */
  Selection select(ClassNames classes, String model, int available, int images, PrintWriter err)
      throws IOException {
    if (which != null && which.units != null) {
      int[] named = units(which.units, classes, available);
      int[] units = IntStream.of(named).distinct().toArray();
      tellTwice(named, units, err);
      for (int unit : units) {
        checkUnit("--units", unit, model, available);
      }
      return new Same(Units.of(units), units.length);
    } else if (which != null && which.file != null) {
      return each(which.file, model, available, images);
    } else if (which != null && which.all) {
      return new Same(Units.all(), available);
    }
    int top = which == null || which.top == null ? 1 : Math.min(which.top, available);
    return new Same(Units.top(top), top);
  }

  private static void tellTwice(int[] named, int[] units, PrintWriter err) {
    if (units.length < named.length) {
      err.printf(
          "keralens: --units names %d %s twice; each is explained once%n",
          named.length - units.length, named.length - units.length == 1 ? "unit" : "units");
      err.flush();
    }
  }

  /** Numbers, ranges of them and names; a name may have commas of its own. */
  private static int[] units(List<String> given, ClassNames classes, int available) {
    List<Integer> units = new ArrayList<>();
    for (int from = 0; from < given.size(); ) {
      int to = given.size();
      while (to > from + 1 && !classes.isName(String.join(",", given.subList(from, to)))) {
        to--;
      }
      String text = String.join(",", given.subList(from, to)).strip();
      from = to;
      Matcher range = RANGE.matcher(text);
      if (!range.matches() || classes.isName(text)) {
        units.add(classes.unit(text));
        continue;
      }
      int first = Integer.parseInt(range.group(1));
      int last = Integer.parseInt(range.group(2));
      if (first > last || last >= available) {
        throw new UsageException(
            "--units %s is no range of the units 0 to %d.".formatted(text, available - 1));
      }
      IntStream.rangeClosed(first, last).forEach(units::add);
    }
    return units.stream().mapToInt(Integer::intValue).toArray();
  }

  private static Selection each(Path file, String model, int available, int images)
      throws IOException {
    Tensor units = UnitFile.read(file);
    if (units.size(0) != images && units.size(0) != 1) {
      throw new IOException(
          "%s holds the units of %d images, but there are %d."
              .formatted(file, units.size(0), images));
    }
    for (long unit : units.toLongArray()) {
      checkUnit(file.toString(), unit, model, available);
    }
    int perImage = units.size(1);
    return units.size(0) == images
        ? new Each(units, perImage)
        : new Same(Units.each(units), perImage);
  }

  private static void checkUnit(String where, long unit, String model, int available) {
    if (unit < 0 || unit >= available) {
      throw new UsageException(
          "%s: there is no unit %d; %s has the units 0 to %d.%s"
              .formatted(where, unit, model, available - 1, hint(unit, available)));
    }
  }

  private static String hint(long unit, int available) {
    return available == 1 && unit == 1 ? " With --two-classes, the one unit is class 1." : "";
  }
}
