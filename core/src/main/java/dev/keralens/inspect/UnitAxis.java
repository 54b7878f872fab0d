package dev.keralens.inspect;

import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.network.search.AxisRoles;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The axis of an output along which its units lie. Over all other axes but the batch's, a unit is
 * summed.
 */
public final class UnitAxis {
  private final int axis;
  private final String reason;
  private final boolean isUsual;

  UnitAxis(int axis, String reason, boolean isUsual) {
    this.axis = axis;
    this.reason = reason;
    this.isUsual = isUsual;
  }

  /** {@return the axis as Keras shows it, from 0 for the batch's} */
  public int axis() {
    return axis;
  }

  /** {@return why it is this one, such as "Conv 'out/Conv' has its channels there"} */
  public String reason() {
    return reason;
  }

  /** {@return whether it is a matter of course: given, the only one, or proved to be the last} */
  public boolean isUsual() {
    return isUsual;
  }

  private static final Set<Op> ALONG = Set.of(Op.SOFTMAX, Op.LOG_SOFTMAX, Op.ARG_MAX);

  /**
   * {@return the axis of what is made for the units of an objective}
   *
   * @param axis the axis as Keras shows it
   */
  public static UnitAxis made(int axis) {
    return new UnitAxis(axis, "it is made so", true);
  }

  /**
   * {@return the axis that a user names}
   *
   * @param target what is explained
   * @param named the axis as Keras shows it; negative counts from the end
   * @throws IllegalArgumentException if there is no such axis, or it is the batch's
   */
  public static UnitAxis named(KerasTensor target, int named) {
    Shape shape = target.shape();
    int axis = named < 0 ? named + shape.rank() : named;
    if (axis < 0 || axis >= shape.rank() || axis == batch(shape)) {
      throw new IllegalArgumentException(
          "The explained output is %s and has no axis %d for its units (--unit-axis); they lie on %s."
              .formatted(shape, named, candidates(shape)));
    }
    return new UnitAxis(axis, "it is given", true);
  }

  /**
   * {@return the axis: the named one, else the one that the model proves}
   *
   * @param network the network
   * @param target what is explained: one of its outputs, or the logits before it
   * @param named the axis as Keras shows it; null where none is named
   * @throws IllegalArgumentException if there is no such axis
   * @throws UnsupportedModelException if nothing tells which axis it is, the message lists them; or
   *     if the output's first axis is not the batch's
   */
  public static UnitAxis of(Network network, KerasTensor target, @Nullable Integer named) {
    Shape shape = target.shape();
    if (named != null || shape.rank() < 2) {
      return named(target, named == null ? -1 : named);
    }
    if (batch(shape) != 0) {
      throw new UnsupportedModelException(
          "The explained output is %s: its batch is on axis %d. Outputs are explained whose batch comes first; transpose it in the model."
              .formatted(shape, batch(shape)));
    }
    int[] open = axes(shape);
    if (open.length == 1) {
      return new UnitAxis(open[0], "there is no other", true);
    }
    if (Arrays.stream(open).allMatch(axis -> shape.size(axis) == 1)) {
      return new UnitAxis(shape.rank() - 1, "there is one number", true);
    }
    Optional<UnitAxis> along = along(network, target);
    if (along.isPresent()) {
      return along.get();
    }
    Optional<UnitTrail.Found> trail = new UnitTrail(network.graph()).axis(target.value());
    if (trail.isPresent()) {
      String from = "the %d of '%s' go there";
      Value units = trail.get().units();
      return at(target, trail.get().axis(), from.formatted(units.shape().size(1), units.name()));
    }
    AxisRoles roles = new AxisRoles(network.graph());
    Optional<UnitAxis> proved =
        roles.channelAxis(target.value()).map(axis -> proved(target, roles, axis));
    return proved.orElseGet(() -> open(network, shape));
  }

  /**
   * The axis along which the model itself takes a softmax of the output, or looks for the largest.
   */
  private static Optional<UnitAxis> along(Network network, KerasTensor target) {
    Value value = target.value();
    for (Node node : network.graph().nodes()) {
      boolean takes = node.inputs().contains(value) || node.outputs().contains(value);
      if (takes && ALONG.contains(node.op()) && node.input(0).rank() == value.rank()) {
        int rank = value.rank();
        int usual = node.op() == Op.ARG_MAX ? 0 : -1;
        int axis = Math.floorMod(node.attributes().getInt("axis", usual), rank);
        if (value.shape().size(axis) > 0) {
          return Optional.of(at(target, axis, "%s goes along it".formatted(name(node))));
        }
      }
    }
    return Optional.empty();
  }

  private static UnitAxis proved(KerasTensor target, AxisRoles roles, int inGraph) {
    String reason =
        roles
            .proof(target.value(), inGraph)
            .map(proof -> proof + " has its channels there")
            .orElse("it is as long as channels are many");
    return at(target, inGraph, reason);
  }

  private static UnitAxis at(KerasTensor target, int inGraph, String reason) {
    int rank = target.value().rank();
    int shown =
        IntStream.range(0, rank)
            .filter(axis -> target.axisInGraph(axis) == inGraph)
            .findFirst()
            .orElseThrow();
    return new UnitAxis(shown, reason, shown == rank - 1);
  }

  /** Keras has units last by convention; ONNX files have no convention. */
  private static UnitAxis open(Network network, Shape shape) {
    boolean isKeras = network.named().isEmpty();
    if (!isKeras) {
      throw new UnsupportedModelException(
          "The explained output is %s, and nothing in the model says on which axis its units lie; name it (--unit-axis, or withUnitAxis): %s."
              .formatted(shape, candidates(shape)));
    }
    return new UnitAxis(
        shape.rank() - 1, "Keras has them last, and nothing in the model says otherwise", false);
  }

  private static String name(Node node) {
    return "%s '%s'".formatted(node.op().onnxName(), node.output().name());
  }

  private static int batch(Shape shape) {
    return shape.hasBatch() ? shape.batchAxis() : 0;
  }

  private static int[] axes(Shape shape) {
    int batch = batch(shape);
    return IntStream.range(0, shape.rank()).filter(axis -> axis != batch).toArray();
  }

  private static String candidates(Shape shape) {
    return Arrays.stream(axes(shape))
        .mapToObj(axis -> "axis %d (of size %d)".formatted(axis, shape.size(axis)))
        .collect(Collectors.joining(" or "));
  }

  /**
   * {@return the number of units}
   *
   * @param target what is explained
   */
  public int units(KerasTensor target) {
    return target.shape().size(axis);
  }

  /**
   * {@return the sizes of the other axes but the batch's, over which a unit is summed}
   *
   * @param target what is explained
   */
  public int[] places(KerasTensor target) {
    Shape shape = target.shape();
    return Arrays.stream(axes(shape)).filter(a -> a != axis).map(shape::size).toArray();
  }

  /**
   * {@return the axis as the graph has it}
   *
   * @param target what is explained
   */
  public int inGraph(KerasTensor target) {
    return target.axisInGraph(axis);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof UnitAxis that
        && axis == that.axis
        && reason.equals(that.reason)
        && isUsual == that.isUsual;
  }

  @Override
  public int hashCode() {
    return Objects.hash(axis, reason, isUsual);
  }

  @Override
  public String toString() {
    return "UnitAxis[axis=%s, reason=%s, isUsual=%s]".formatted(axis, reason, isUsual);
  }
}
