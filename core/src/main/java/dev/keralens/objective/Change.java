package dev.keralens.objective;

/**
 * What is made of something explained: of its units, or of the places that they are summed over.
 */
interface Change {
  /** {@return what becomes of it} */
  ResolvedObjective of(ResolvedObjective units);

  /** {@return it with what is to be done after all other changes} */
  default ResolvedObjective last(ResolvedObjective units) {
    return units;
  }
}
