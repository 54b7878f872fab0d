package dev.keralens.objective;

import dev.keralens.network.Network;
import org.jspecify.annotations.Nullable;

/** What the units of an objective are numbers of. */
interface Base {
  /**
   * Finds the units.
   *
   * @param output the position of the output
   * @param unitAxis the axis of its units that is named; null for the one that the model proves
   */
  ResolvedObjective of(Network network, int output, @Nullable Integer unitAxis);
}
