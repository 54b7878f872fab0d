package dev.keralens.app;

import java.io.IOException;
import java.nio.file.Path;

/** Takes what was explained, batch by batch, and writes it. */
interface Writer extends AutoCloseable {
  /** Takes a batch, in order. */
  void add(Explained batch) throws IOException;

  /** The file that a map of a batch is written to. */
  Path file(Explained batch, int image, int explanation, int place);

  /**
   * Writes what is left.
   *
   * @return what was written, for people
   */
  String finish() throws IOException;

  /**
   * Ends what is left of the work after a failure; does nothing after {@link #finish}.
   *
   * @throws IOException if that fails as well
   */
  @Override
  default void close() throws IOException {}
}
