package dev.keralens.explain;

/** Hears how far the passes over one batch have come. Called on the thread that explains. */
@FunctionalInterface
public interface PassListener {
  /** Hears nothing. */
  PassListener NONE = (method, done, total) -> {};

  /**
   * Called after each question to the network.
   *
   * @param method the method that asks
   * @param done how many are answered
   * @param total how many there are for this batch
   */
  void passed(Method method, int done, int total);
}
