package dev.keralens.keras.weights;

/** One part of what a layer holds: a weight of its own, or a layer inside it. */
public sealed interface WeightPart permits WeightSlot, SubLayer {}
