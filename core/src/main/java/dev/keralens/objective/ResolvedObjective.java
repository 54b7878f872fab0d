package dev.keralens.objective;

import dev.keralens.inspect.UnitAxis;
import dev.keralens.inspect.logits.Logits;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Objective} comes to in a network, checked: which value is explained, and where its
 * units lie.
 */
public final class ResolvedObjective {
  private final int position;
  private final Network network;
  private final Logits logits;
  private final KerasTensor target;
  private final KerasTensor output;
  private final KerasTensor ranked;
  private final UnitAxis unitAxis;
  private final @Nullable Tensor region;

  /** The units as the model has them. */
  ResolvedObjective(int position, Logits logits, UnitAxis unitAxis) {
    this(
        position,
        logits.network(),
        logits,
        logits.tensor(),
        logits.output(),
        logits.isRankedByOutput() ? logits.output() : logits.tensor(),
        unitAxis,
        null);
  }

  private ResolvedObjective(
      int position,
      Network network,
      Logits logits,
      KerasTensor target,
      KerasTensor output,
      KerasTensor ranked,
      UnitAxis unitAxis,
      @Nullable Tensor region) {
    this.position = position;
    this.network = network;
    this.logits = logits;
    this.target = target;
    this.output = output;
    this.ranked = ranked;
    this.unitAxis = unitAxis;
    this.region = region;
  }

  ResolvedObjective withRegion(Tensor weights) {
    return new ResolvedObjective(
        position, network, logits, target, output, ranked, unitAxis, weights);
  }

  /** {@return the position of the output among the model's} */
  public int position() {
    return position;
  }

  /** {@return the network, with the operators that make the objective, where there are any} */
  public Network network() {
    return network;
  }

  /** {@return what is explained: the batch first, and an axis of units} */
  public KerasTensor target() {
    return target;
  }

  /**
   * {@return the model's output for the same units, such as probabilities; the target where nothing
   * comes after it}
   */
  public KerasTensor output() {
    return output;
  }

  /** {@return the value whose highest units are taken where none are named} */
  public KerasTensor ranked() {
    return ranked;
  }

  /** {@return the axis of the units, and why it is this one} */
  public UnitAxis unitAxis() {
    return unitAxis;
  }

  /**
   * {@return what a unit is weighted with at each place of the target: its axes but the batch's and
   * that of the units; null for 1 everywhere}
   */
  public @Nullable Tensor region() {
    return region;
  }

  /** {@return what was found at the output: its logits, or why there are none} */
  public Logits logits() {
    return logits;
  }

  /**
   * {@return the value of the model that the objective is made of; layers are looked for before it}
   */
  public KerasTensor source() {
    return logits.tensor();
  }

  /** {@return the number of units} */
  public int units() {
    return unitAxis.units(target);
  }

  /** {@return the sizes of the axes that a unit is summed over} */
  public int[] places() {
    return unitAxis.places(target);
  }

  /** {@return what is explained, in a line} */
  public String description() {
    return logits.ground();
  }
}
