package dev.keralens.app;

import dev.keralens.picture.PictureNotes;

/**
 * How a picture of all is laid out and written.
 *
 * @param columns how many images stand side by side on a page; 0 for as many as suit it
 * @param width how many pixels wide a page is; 0 for what suits it
 * @param colorBar whether a bar says what colours stand for
 * @param notes what the file says beside the picture
 */
record Figure(int columns, int width, boolean colorBar, PictureNotes notes) {
  /** As suits the pictures. */
  static Figure usual() {
    return new Figure(0, 0, false, PictureNotes.none());
  }

  /** The same with other notes. */
  Figure with(PictureNotes other) {
    return new Figure(columns, width, colorBar, other);
  }
}
