package dev.keralens.objective;

import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.network.Network;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
import dev.keralens.text.ClosestName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What is explained of a model: the units of one of its outputs, or what is made of them. Every
 * method explains every objective.
 *
 * <p>A unit of an output that is a map is summed over its places, or over a region of them. What an
 * objective comes to in a model, {@link #resolve(Network)} finds and checks.
 *
 * <p>Immutable: each method that begins with {@code with} copies.
 */
@CheckReturnValue
public final class Objective {
  private final Base base;
  private final @Nullable Change change;
  private final @Nullable Change region;
  private final int output;
  private final @Nullable String outputName;
  private final @Nullable Integer unitAxis;

  private Objective(
      Base base,
      @Nullable Change change,
      @Nullable Change region,
      int output,
      @Nullable String outputName,
      @Nullable Integer unitAxis) {
    this.base = base;
    this.change = change;
    this.region = region;
    this.output = output;
    this.outputName = outputName;
    this.unitAxis = unitAxis;
  }

  private static Objective of(Base base) {
    return new Objective(base, null, null, 0, null, null);
  }

  /**
   * {@return the default: the logits of the first output, which are what enters its final softmax
   * or sigmoid; the output itself where it ends in none}
   */
  public static Objective logits() {
    return of(new ModelUnits(false, false));
  }

  /** {@return the first output itself, such as probabilities, or the number of a regression} */
  public static Objective output() {
    return of(new ModelUnits(true, false));
  }

  /**
   * {@return the probability of each unit: the output itself where it ends in a softmax or sigmoid,
   * else a softmax over its units}
   */
  public static Objective probability() {
    return of(new Probabilities());
  }

  /**
   * {@return the cosine of the output, an embedding, to others: one unit for each}
   *
   * <p>The cosine is e · r / (|e| |r|) over all numbers of the output.
   *
   * @param embeddings what the model gives for the images that are compared with, as {@code
   *     model.predict} has it: (images, numbers)
   * @param names what these are called; empty for their numbers
   * @throws IllegalArgumentException if these are no embeddings
   */
  public static Objective similarity(Tensor embeddings, String... names) {
    return of(new Similarity(embeddings, List.of(names)));
  }

  /**
   * {@return the scores of one prediction of a detector: of that which overlaps best with a box, by
   * intersection over union}
   *
   * <p>Its units are the classes. The scores are 0 where no prediction overlaps. The outputs are
   * those of YOLO, (batch, 4 + classes, boxes) or (batch, boxes, 4 + classes); or boxes (batch,
   * boxes, 4) beside scores (batch, boxes, classes) or (batch, boxes).
   *
   * @param box the box, in pixels of the model's input
   * @param form what the numbers of the model's boxes are; null for what the model proves
   */
  public static Objective box(Box box, @Nullable BoxForm form) {
    return of(new BoxObjective(box, form, null, null));
  }

  /**
   * {@return as {@link #box}, of the prediction with the highest score}
   *
   * @param form what the numbers of the model's boxes are; null for what the model proves
   */
  public static Objective strongestBox(@Nullable BoxForm form) {
    return of(new BoxObjective(null, form, null, null));
  }

  /**
   * {@return an objective of the user's own}
   *
   * @param description what it is, for messages
   * @param function makes the units of the model's outputs
   */
  public static Objective of(String description, ObjectiveFunction function) {
    return of(new OwnObjective(description, function));
  }

  /**
   * {@return what a model's outputs are if they are those of a detector, for {@link #box}, in a
   * line}
   *
   * @param network the network
   * @param names what its outputs are called, in order
   */
  public static Optional<String> detections(Network network, List<String> names) {
    return Detections.describe(network, names);
  }

  /**
   * {@return this, of another output}
   *
   * @param position its position among the model's outputs, from 0
   */
  public Objective withOutput(int position) {
    return new Objective(base, change, region, position, null, unitAxis);
  }

  /**
   * {@return this, of another output}
   *
   * @param name what the model's file calls the output; where it has no name, the layer it is of
   */
  public Objective withOutput(String name) {
    return new Objective(base, change, region, 0, name, unitAxis);
  }

  /**
   * {@return this, with another axis of units, as keras-explainable's {@code indices_axis}}
   *
   * @param axis the axis of the output, as Keras shows it; negative counts from the end. Null for
   *     the one that the model proves: that of the channels. A unit is summed over all other axes
   *     but the batch's
   */
  public Objective withUnitAxis(@Nullable Integer axis) {
    return new Objective(base, change, region, output, outputName, axis);
  }

  /**
   * {@return this, of a region of an output that is itself a map, as for segmentation: what is
   * explained is the sum of a unit over the region}
   *
   * @param weights (height, width), or the other axes that the output has beside the batch's and
   *     that of its units: 1 inside the region, 0 outside; null for all places
   */
  public Objective withRegion(@Nullable Tensor weights) {
    Change chosen = weights == null ? null : new WeightedRegion(weights);
    return new Objective(base, change, chosen, output, outputName, unitAxis);
  }

  /**
   * {@return this, taking one unit as two classes, as a sigmoid neuron for a question of yes or no}
   *
   * <p>Unit 0 is then the absence of the unit, whose score is minus the logit and whose probability
   * is 1 - p; unit 1 is the unit itself. The highest of them is the predicted class. All methods
   * differentiate the negated score.
   */
  public Objective asTwoClasses() {
    if (!(base instanceof ModelUnits units)) {
      throw new IllegalArgumentException("Two classes are made of the one unit of an output.");
    }
    return new Objective(
        new ModelUnits(units.itself(), true), change, region, output, outputName, unitAxis);
  }

  /**
   * {@return the difference of each unit to another one: why a dog, and not a wolf}
   *
   * <p>Where the highest units are taken, the other one is not among them.
   *
   * @param unit the other unit
   */
  public Objective versus(int unit) {
    return with(new Versus(unit));
  }

  /** {@return the unit that others are compared with ({@link #versus}); empty where none is} */
  public OptionalInt comparedUnit() {
    return change instanceof Versus versus ? OptionalInt.of(versus.other()) : OptionalInt.empty();
  }

  /**
   * {@return the same of a detector's box, with what makes probabilities of its scores}
   *
   * <p>D-RISE weighs masks by probabilities, and a score of there being an object is multiplied as
   * one. By default they have to be what the model proves: scores that end in a sigmoid or softmax.
   *
   * @param scores what makes probabilities of the scores; null for what the model proves
   * @throws IllegalArgumentException if no box is explained
   */
  public Objective withBoxScores(@Nullable BoxScores scores) {
    BoxObjective own = boxes();
    Base same = new BoxObjective(own.box(), own.form(), scores, own.background());
    return new Objective(same, change, region, output, outputName, unitAxis);
  }

  /**
   * {@return the same of a detector's box, with the class that stands for no object}
   *
   * <p>Where scores are a softmax over the classes of a box, one of them does: the first in SSD,
   * the last in DETR. It is none of the highest units, and the strongest box is that of another
   * class.
   *
   * @param unit the class; null for none
   * @throws IllegalArgumentException if no box is explained
   */
  public Objective withBoxBackground(@Nullable Integer unit) {
    BoxObjective own = boxes();
    Base same = new BoxObjective(own.box(), own.form(), own.by(), unit);
    return new Objective(same, change, region, output, outputName, unitAxis);
  }

  private BoxObjective boxes() {
    if (base instanceof BoxObjective boxes) {
      return boxes;
    }
    throw new IllegalArgumentException("Scores and classes of boxes are of a box to be explained.");
  }

  /** {@return the absence of each unit: minus its logit; of a probability 1 minus it} */
  public Objective absence() {
    return with(new Absence(base instanceof Probabilities));
  }

  /**
   * {@return a weighted sum of units, which is one unit}
   *
   * @param weights by units
   * @throws IllegalArgumentException if no weight is other than 0, or one is not finite
   */
  public Objective weightedSum(Map<Integer, Double> weights) {
    return with(new WeightedSum(weights));
  }

  /**
   * {@return this, each unit over the places where it is the highest: the region that a
   * segmentation predicts of the class; of one sigmoid, where it is above 0.5}
   *
   * <p>The region of each image is its own, and is not differentiated. The highest unit is the one
   * with the largest region.
   */
  public Objective withPredictedRegion() {
    return new Objective(base, change, new PredictedRegion(), output, outputName, unitAxis);
  }

  private Objective with(Change changed) {
    return new Objective(base, changed, region, output, outputName, unitAxis);
  }

  /**
   * {@return what this comes to in a network}
   *
   * @param network the network
   * @throws IllegalArgumentException if the network has no such output, axis, unit or region
   * @throws UnsupportedModelException if its output cannot be explained so
   */
  public ResolvedObjective resolve(Network network) {
    return resolve(network, List.of());
  }

  /**
   * {@return what this comes to in a network}
   *
   * @param network the network
   * @param names what its outputs are called, in order
   * @throws IllegalArgumentException if the network has no such output, axis, unit or region
   * @throws UnsupportedModelException if its output cannot be explained so
   */
  public ResolvedObjective resolve(Network network, List<String> names) {
    int position = position(network, names);
    ResolvedObjective resolved = base.of(network, names, position, unitAxis);
    resolved = change == null ? resolved : change.of(resolved);
    resolved = region == null ? resolved : region.of(resolved);
    return change == null ? resolved : change.last(resolved);
  }

  private int position(Network network, List<String> names) {
    int outputs = network.outputs().size();
    if (outputName == null) {
      if (output < 0 || output >= outputs) {
        throw new IllegalArgumentException(
            "The model has %d outputs; there is no output %d.".formatted(outputs, output));
      }
      return output;
    }
    int found = names.indexOf(outputName);
    if (found < 0) {
      String close =
          ClosestName.among(names, outputName).map(" Did you mean '%s'?"::formatted).orElse("");
      throw new IllegalArgumentException(
          "There is no output '%s'.%s The outputs are %s.".formatted(outputName, close, names));
    }
    return found;
  }
}
