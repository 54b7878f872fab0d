package dev.keralens.picture.webp;

import java.io.IOException;

/** Refuses pictures that are too large, before they take memory. */
@FunctionalInterface
public interface SizeCheck {
  /**
   * Looks at a size that a file claims.
   *
   * @param width the number of columns
   * @param height the number of rows
   * @throws IOException if it is too large
   */
  void check(int width, int height) throws IOException;
}
