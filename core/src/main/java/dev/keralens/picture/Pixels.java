package dev.keralens.picture;

/** Samples of 8 or 16 bits, as a decoder gives them, or one channel of numbers. */
sealed interface Pixels permits Picture, DeepPicture, Plane {
  int height();

  int width();
}
