package dev.keralens.keras.weights;

/** How the groups of weights in one file find their layers in the architecture in another. */
public enum WeightMatching {
  /** The first layer with weights takes the first group with weights, and so on. */
  ORDER,
  /** As {@link #ORDER}; the file may have more groups at its end. */
  BEGINNING,
  /** A layer takes the group of its name. */
  NAME
}
