package dev.keralens.method;

import dev.keralens.filter.Filter;

/**
 * A way to explain what a network sees: for each image and unit, a map of where the evidence lies.
 *
 * <p>Most methods are {@link GraphMethod}s; those that run the network several times prepare a
 * {@link Routine} of their own.
 */
public interface Method {
  /** {@return the name, as on the command line} */
  String name();

  /** {@return the name as papers write it, for captions; {@link #name}, unless there is one} */
  default String title() {
    return name();
  }

  /** {@return the filter that is usual for its maps} */
  Filter usualFilter();

  /**
   * {@return whether the maps are made of a layer's activations, so that naming a layer makes
   * sense}
   */
  boolean explainsActivations();

  /**
   * Prepares the method for a network: all compilation happens here.
   *
   * @param setting the network and what is explained of it
   * @return a routine that runs it batch by batch, to be closed by the caller
   * @throws dev.keralens.graph.UnsupportedModelException if the method does not apply to the
   *     network
   */
  Routine prepare(Setting setting);
}
