package dev.keralens.app;

import java.io.IOException;

/** Takes what was explained, batch by batch, and writes it. */
interface Writer {
  /** Takes a batch, in order. */
  void add(Explained batch) throws IOException;

  /**
   * Writes what is left.
   *
   * @return what was written, for people
   */
  String finish() throws IOException;
}
