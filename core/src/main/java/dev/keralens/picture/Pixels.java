package dev.keralens.picture;

/** What a decoder gives: 8-bit samples, or one channel of 16-bit ones. */
sealed interface Pixels permits Picture, Plane {
  int height();

  int width();
}
