package dev.keralens.explain;

/** A method that compares the input with a baseline, or puts it where evidence is taken away. */
public interface FromBaseline {
  /**
   * {@return the same method with another baseline}
   *
   * @param from what stands for nothing
   */
  Method baseline(Baseline from);
}
