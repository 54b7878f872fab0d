package dev.keralens.app;

/**
 * How images of 16 bits are read.
 *
 * @param isSixteen whether the model gets numbers of 0 to 65535
 * @param imageBits how many bits the images use
 * @param isRaw whether the model gets the numbers themselves, without preprocessing
 */
record Depth(boolean isSixteen, int imageBits, boolean isRaw) {}
