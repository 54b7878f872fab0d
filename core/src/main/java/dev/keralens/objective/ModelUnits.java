package dev.keralens.objective;

import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.Logits;
import dev.keralens.inspect.UnitAxis;
import dev.keralens.network.Network;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The units of an output.
 *
 * @param itself whether the output itself is explained, not its logits
 * @param twoClasses whether one unit is taken as two classes
 */
record ModelUnits(boolean itself, boolean twoClasses) implements Base {
  @Override
  public ResolvedObjective of(
      Network network, List<String> names, int output, @Nullable Integer unitAxis) {
    if (!itself && unitAxis == null) {
      new Detections(network, names, output, null).checkUnits();
    }
    Logits logits = itself ? Logits.ofOutput(network, output) : Logits.of(network, output);
    if (twoClasses) {
      logits = logits.asTwoClasses(axis(logits, unitAxis).axis());
    }
    logits = logits.ofImages();
    return new ResolvedObjective(output, logits, axis(logits, unitAxis));
  }

  /** The axis; where nothing in the model says which it is, the caller has to. */
  private static UnitAxis axis(Logits logits, @Nullable Integer named) {
    try {
      return UnitAxis.of(logits.network(), logits.tensor(), named);
    } catch (UnsupportedModelException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
