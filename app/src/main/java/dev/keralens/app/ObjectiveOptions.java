package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.graph.Shape;
import dev.keralens.inspect.Logits;
import dev.keralens.inspect.UnitAxis;
import dev.keralens.network.Network;
import dev.keralens.objective.Objective;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/**
 * What is explained of an output: logits or more, of which units what is made, over which region.
 */
final class ObjectiveOptions {
  private static final String PREDICTED = "predicted";

  @ArgGroup(exclusive = true)
  private @Nullable Numbers numbers;

  @ArgGroup(exclusive = true)
  private @Nullable Change change;

  /** What the numbers of units are. */
  static final class Numbers {
    @Option(
        names = "--of-output",
        description =
            "Explain the model's output itself, not the logits before its final softmax or"
                + " sigmoid.")
    private boolean ofOutput;

    @Option(
        names = "--probability",
        description =
            "Explain the probability: the output itself, or a softmax over its units where it ends"
                + " in none.")
    private boolean probability;
  }

  /** What is made of units. */
  static final class Change {
    @Option(
        names = "--versus",
        paramLabel = "UNIT",
        description =
            "Explain the difference of each unit to this one, a number or a class name: why a dog,"
                + " and not a wolf. The highest units are then those of the others.")
    private @Nullable String versus;

    @Option(
        names = "--absence",
        description =
            "Explain the absence of each unit: minus its logit, or 1 minus its probability.")
    private boolean absence;

    @Option(
        names = "--sum",
        split = ",",
        paramLabel = "UNIT:WEIGHT",
        description = "Explain a weighted sum of units, such as cat:1,dog:-0.5, as one unit.")
    private @Nullable List<String> sum;
  }

  @Option(
      names = "--unit-axis",
      paramLabel = "AXIS",
      description =
          "The axis of the output along which its units lie, from 0 for the batch's; -1 is the"
              + " last. A unit is summed over all others, as for segmentation. Default: that of the"
              + " channels, as the model proves it.")
  private @Nullable Integer unitAxis;

  @Option(
      names = "--region",
      paramLabel = "FILE",
      description =
          "Of an output that is itself a map, explain the sum over a region: a picture, white"
              + " inside and black outside, or a .npy array of weights (height, width); or"
              + " 'predicted', the places where the unit is the highest.")
  private @Nullable String region;

  /**
   * Refuses --of-output where it changes nothing: the output is scores itself, which are explained
   * anyway.
   *
   * @param output the position of the output
   */
  void check(Model model, List<Shape> shapes, int output) {
    if (numbers == null || !numbers.ofOutput) {
      return;
    }
    Logits logits = Logits.of(model.network(shapes), output);
    if (!logits.isFound() || logits.ending() == Logits.Ending.SCORE) {
      throw new UsageException(
          "--of-output has no effect: no softmax or sigmoid was found at the end of %s, whose output itself is explained."
              .formatted(model.name()));
    }
  }

  /**
   * Refuses the boxes of a detector as units, before names are looked for.
   *
   * @throws UsageException if the output is a detector's, and no units of it are known
   */
  static void checkUnits(Objective units, Network network, List<String> names) {
    if (Objective.detections(network, names).isEmpty()) {
      return;
    }
    try {
      var unused = units.resolve(network, names);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Whether the output itself is explained, or its probability. */
  boolean ofOutput() {
    return numbers != null;
  }

  /** Whether something is made of units. */
  boolean isChanged() {
    return change != null;
  }

  /** Whether anything is said of units, their axis or places, which an embedding has not. */
  @Nullable String ofUnits() {
    if (numbers != null) {
      return numbers.probability ? "--probability" : "--of-output";
    } else if (change != null) {
      return change.absence ? "--absence" : change.sum != null ? "--sum" : "--versus";
    } else if (unitAxis != null) {
      return "--unit-axis";
    }
    return region == null ? null : "--region";
  }

  /** The units that something is made of. */
  Objective base() {
    Objective objective =
        numbers == null
            ? Objective.logits()
            : numbers.ofOutput ? Objective.output() : Objective.probability();
    return objective.withUnitAxis(unitAxis);
  }

  /**
   * What is explained: what is made of the units, over a region.
   *
   * @param base the units
   * @param units what they come to in the model
   * @param classes what they are called
   * @throws IOException if the region cannot be read, or is none of such an output
   */
  Objective of(Objective base, ResolvedObjective units, ClassNames classes) throws IOException {
    Objective objective = base;
    if (change != null && change.versus != null) {
      objective = objective.versus(unit(change.versus, classes));
    } else if (change != null && change.absence) {
      objective = objective.absence();
    } else if (change != null && change.sum != null) {
      objective = sum(objective, weights(change.sum, classes));
    }
    if (region == null) {
      return objective;
    }
    return region.equals(PREDICTED)
        ? objective.withPredictedRegion()
        : objective.withRegion(region(region, units));
  }

  private static Objective sum(Objective units, Map<Integer, Double> weights) {
    try {
      return units.weightedSum(weights);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--sum: " + e.getMessage(), e);
    }
  }

  private static int unit(String given, ClassNames classes) {
    try {
      return classes.unit(given.strip());
    } catch (UsageException e) {
      String message =
          String.valueOf(e.getMessage()).replace("--units " + given, "'" + given + "'");
      throw new UsageException(message, e);
    }
  }

  private static Map<Integer, Double> weights(List<String> given, ClassNames classes) {
    Map<Integer, Double> weights = new HashMap<>();
    for (String one : given) {
      int colon = one.lastIndexOf(':');
      String number = colon < 0 ? "" : one.substring(colon + 1).strip();
      if (!number.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?")) {
        throw new UsageException(
            "--sum takes units with weights, such as 3:1,5:-0.5, got '%s'.".formatted(one));
      }
      weights.merge(unit(one.substring(0, colon), classes), Double.valueOf(number), Double::sum);
    }
    return weights;
  }

  /** The region of a file, at the size of an output. */
  private static Tensor region(String file, ResolvedObjective units) throws IOException {
    int[] places = units.places();
    if (InputFiles.isArray(Path.of(file))) {
      Tensor weights = ArrayFile.read(Path.of(file));
      if (!Arrays.equals(weights.shape(), places)) {
        throw new IOException(
            "%s holds %s, but a region of the output %s has the shape %s."
                .formatted(file, weights, units.target().shape(), Tensor.describe(places)));
      }
      return weights;
    }
    if (places.length != 2) {
      throw new UsageException(
          "--region %s: the output %s is no map; a region is for segmentation."
              .formatted(file, units.target().shape()));
    }
    Picture mask = Picture.read(Path.of(file)).convert(ColorMode.GRAYSCALE);
    float[] weights =
        mask.resize(places[0], places[1], Interpolation.BILINEAR).toTensor().toFloatArray();
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= 255;
    }
    return Tensor.of(weights, places);
  }

  /** Says which the axis of the units is where that is no matter of course. */
  static void tellUnitAxis(ResolvedObjective units, PrintWriter err) {
    UnitAxis axis = units.unitAxis();
    if (!axis.isUsual()) {
      err.printf(
          "keralens: the units of the output %s lie on axis %d: %s (--unit-axis)%n",
          units.target().shape(), axis.axis(), axis.reason());
      err.flush();
    }
  }

  /** Says which output is explained where the model has several and none was named. */
  static void tellOutput(Subject subject, @Nullable String named, PrintWriter err) {
    List<String> names = subject.model().outputNames(subject.inputs().shapes());
    if (named == null && names.size() > 1) {
      err.printf(
          "keralens: explained is the first of the outputs %s (--output-name)%n",
          String.join(", ", names));
      err.flush();
    }
  }

  /** Says that a unit is summed over the tokens or queries of an output where none were named. */
  void tellPlaces(ResolvedObjective units, PrintWriter err) {
    int[] places = units.places();
    if (region == null && places.length == 1 && places[0] > 1) {
      err.printf(
          "keralens: a unit of the output %s is summed over its %d places (--region takes some)%n",
          units.target().shape(), places[0]);
      err.flush();
    }
  }
}
