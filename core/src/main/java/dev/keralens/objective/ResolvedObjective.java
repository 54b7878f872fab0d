package dev.keralens.objective;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.inspect.Logits;
import dev.keralens.inspect.UnitAxis;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Objective} comes to in a network, checked: which value is explained, and where its
 * units lie.
 */
public final class ResolvedObjective {
  private final int position;
  private final Logits logits;
  private final Made made;
  private final UnitAxis unitAxis;
  private final @Nullable Tensor region;
  private final @Nullable PredictedBoxes predictions;

  /**
   * The values.
   *
   * @param network has all of them
   * @param source the value of the model that they are made of
   * @param ranked the value whose highest units are taken
   * @param how what was made; null for the units as the model has them
   * @param names what the units are called, where they are none of the model's; else empty
   */
  private record Made(
      Network network,
      KerasTensor source,
      KerasTensor target,
      KerasTensor output,
      KerasTensor ranked,
      @Nullable String how,
      List<String> names) {}

  private ResolvedObjective(
      int position, Logits logits, Made made, UnitAxis unitAxis, @Nullable Tensor region) {
    this(position, logits, made, unitAxis, region, null);
  }

  private ResolvedObjective(
      int position,
      Logits logits,
      Made made,
      UnitAxis unitAxis,
      @Nullable Tensor region,
      @Nullable PredictedBoxes predictions) {
    this.predictions = predictions;
    this.position = position;
    this.logits = logits;
    this.made = made;
    this.unitAxis = unitAxis;
    this.region = region;
  }

  /** The units as the model has them. */
  ResolvedObjective(int position, Logits logits, UnitAxis unitAxis) {
    this(
        position,
        logits,
        new Made(
            logits.network(),
            logits.tensor(),
            logits.tensor(),
            logits.output(),
            logits.isRankedByOutput() ? logits.output() : logits.tensor(),
            null,
            List.of()),
        unitAxis,
        null);
  }

  /**
   * A value (batch, unit) of its own.
   *
   * @param itself what was found at the output
   * @param source the value of the model that it is made of
   * @param names what its units are called; empty where they are units of the model
   */
  static ResolvedObjective of(
      int position,
      Logits itself,
      GraphBuilder b,
      KerasTensor source,
      Value value,
      String how,
      List<String> names) {
    KerasTensor target = KerasTensor.plain(value);
    return new ResolvedObjective(
        position,
        itself,
        new Made(
            extended(itself.network(), b, source, target),
            source,
            target,
            target,
            target,
            how,
            names),
        UnitAxis.made(1),
        null);
  }

  /** {@return this, of one of the boxes that a detector predicts} */
  ResolvedObjective of(PredictedBoxes boxes, GraphBuilder b) {
    List<Value> outputs = new ArrayList<>(made.network().graph().outputs());
    boxes.all().stream().filter(value -> !outputs.contains(value)).forEach(outputs::add);
    Made all =
        new Made(
            withOutputs(made.network(), b, outputs),
            made.source(),
            made.target(),
            made.output(),
            made.ranked(),
            made.how(),
            made.names());
    return new ResolvedObjective(position, logits, all, unitAxis, region, boxes);
  }

  /** A builder of what is made of this. */
  GraphBuilder builder() {
    GraphBuilder b = GraphBuilder.from(made.network().graph());
    b.scope("objective");
    return b;
  }

  /**
   * {@return what was made of this, over the same axes}
   *
   * @param b the builder, of {@link #builder}
   * @param how what was made; null for as before
   */
  ResolvedObjective made(
      GraphBuilder b,
      KerasTensor target,
      KerasTensor output,
      KerasTensor ranked,
      @Nullable String how) {
    Network network = extended(made.network(), b, target, output, ranked);
    String whole = how == null ? made.how() : how;
    return new ResolvedObjective(
        position,
        logits,
        new Made(network, made.source(), target, output, ranked, whole, made.names()),
        unitAxis,
        region);
  }

  /** {@return this, with names of its units} */
  ResolvedObjective named(List<String> names) {
    Made all =
        new Made(
            made.network(),
            made.source(),
            made.target(),
            made.output(),
            made.ranked(),
            made.how(),
            names);
    return new ResolvedObjective(position, logits, all, unitAxis, region);
  }

  ResolvedObjective withRegion(Tensor weights) {
    return new ResolvedObjective(position, logits, made, unitAxis, weights);
  }

  private static Network extended(Network network, GraphBuilder b, KerasTensor... tensors) {
    Set<Value> outputs = new LinkedHashSet<>(network.graph().outputs());
    for (KerasTensor tensor : tensors) {
      outputs.add(tensor.value());
    }
    return withOutputs(network, b, List.copyOf(outputs));
  }

  private static Network withOutputs(Network network, GraphBuilder b, List<Value> outputs) {
    return new Network(
        b.build(outputs),
        network.inputs(),
        network.outputs(),
        network.layers(),
        network.named(),
        network.passing());
  }

  /** {@return the position of the output among the model's} */
  public int position() {
    return position;
  }

  /** {@return the network, with the operators that make the objective, where there are any} */
  public Network network() {
    return made.network();
  }

  /** {@return what is explained: the batch first, and an axis of units} */
  public KerasTensor target() {
    return made.target();
  }

  /**
   * {@return the model's output for the same units, such as probabilities; the target where nothing
   * comes after it}
   */
  public KerasTensor output() {
    return made.output();
  }

  /** {@return the value whose highest units are taken where none are named} */
  public KerasTensor ranked() {
    return made.ranked();
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
    return made.source();
  }

  /**
   * {@return what a detector predicts, where one of its boxes is explained and nothing was made of
   * it; else null}
   */
  public @Nullable PredictedBoxes predictions() {
    return predictions;
  }

  /** {@return the number of units} */
  public int units() {
    return unitAxis.units(made.target());
  }

  /** {@return the sizes of the axes that a unit is summed over} */
  public int[] places() {
    return unitAxis.places(made.target());
  }

  /** {@return whether units of the model are explained as they are: logits or outputs} */
  public boolean isUnits() {
    return made.how() == null;
  }

  /** {@return what the units are called where they are none of the model's; else empty} */
  public List<String> unitNames() {
    return made.names();
  }

  /** {@return what is explained, in a line} */
  public String description() {
    String how = made.how();
    return how == null ? logits.ground() : how;
  }

  /** {@return what is to be said where the choice was no matter of course, in one line} */
  public Optional<String> note() {
    return isUnits() ? logits.note() : Optional.of("explained is " + description());
  }
}
