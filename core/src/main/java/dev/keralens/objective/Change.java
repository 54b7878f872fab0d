package dev.keralens.objective;

/**
 * What is made of something explained: of its units, or of the places that they are summed over.
 */
interface Change {
  /** {@return what becomes of it} */
  ResolvedObjective of(ResolvedObjective units);
}
