package dev.keralens.app;

/**
 * How images of 16 bits are read.
 *
 * @param isSixteen whether the model gets numbers of 0 to 65535
 * @param imageBits how many bits the images use
 * @param isRaw whether the model gets the numbers themselves, without preprocessing
 * @param reason why 0 to 65535 were chosen, to be put after it; empty where the user said it
 */
record Depth(boolean isSixteen, int imageBits, boolean isRaw, String reason) {}
