package dev.keralens.explain;

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
}
