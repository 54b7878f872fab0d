package dev.keralens;

/** Hears how far long work has come. Called on the thread that works. */
@FunctionalInterface
public interface ProgressListener {
  /** Hears nothing. */
  ProgressListener NONE = (done, total) -> {};

  /**
   * Called after each batch.
   *
   * @param done how many images are done
   * @param total how many there are; -1 where that is not known
   */
  void progress(long done, long total);
}
