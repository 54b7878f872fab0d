package dev.keralens.explain;

/** A method that draws numbers: with the same seed, the same input gives the same map. */
public interface Seeded {
  /**
   * {@return the same method with other numbers}
   *
   * @param number what the numbers are drawn from
   */
  Method seed(long number);
}
