package dev.keralens.applications;

/** What becomes of the last activation of a network without its top. */
public enum Pooling {
  /** It is the output: (batch, height, width, channels). */
  NONE,
  /** Its mean over height and width: (batch, channels). */
  AVG,
  /** Its maximum over height and width: (batch, channels). */
  MAX
}
