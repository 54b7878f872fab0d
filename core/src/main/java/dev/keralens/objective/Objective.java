package dev.keralens.objective;

import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.network.Network;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
import dev.keralens.text.ClosestName;
import java.util.List;
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
    ResolvedObjective resolved = base.of(network, position, unitAxis);
    resolved = region == null ? resolved : region.of(resolved);
    return change == null ? resolved : change.of(resolved);
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
