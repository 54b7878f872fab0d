package dev.keralens.explain;

import dev.keralens.graph.UnsupportedModelException;

/**
 * A method that asks the network several times, of changed inputs: SmoothGrad, Score-CAM,
 * occlusion.
 *
 * <p>It says how the inputs change from pass to pass and how the answers become a map. The passes
 * themselves are run for it: batches, threads, interruption, filter and resizing are not its
 * business.
 */
public non-sealed interface Ensemble extends Method {
  /**
   * Prepares the method for a network at one size of its inputs.
   *
   * @param probes gives the questions that the method may ask of the network
   * @return how it explains a batch
   * @throws dev.keralens.graph.UnsupportedModelException if the method does not apply to the
   *     network
   */
  Plan plan(Probes probes);

  /**
   * Adds the method to one graph, its passes as rows, for files that others run. By default there
   * is no such graph.
   *
   * @param rows the graph
   * @return the maps
   * @throws dev.keralens.graph.UnsupportedModelException if the method has no such graph, does not
   *     apply to the network, or has too many passes
   */
  default Unrolling.Maps unroll(Unrolling rows) {
    throw new UnsupportedModelException(
        "%s cannot be exported: how it goes on depends on what the network answered before, or its passes are no rows of one run."
            .formatted(name()));
  }
}
