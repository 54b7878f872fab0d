package dev.keralens.objective;

import dev.keralens.network.Network;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the units of an objective are numbers of. */
interface Base {
  /**
   * Finds the units.
   *
   * @param names what the outputs are called
   * @param output the position of the output
   * @param unitAxis the axis of its units that is named; null for the one that the model proves
   */
  ResolvedObjective of(Network network, List<String> names, int output, @Nullable Integer unitAxis);
}
