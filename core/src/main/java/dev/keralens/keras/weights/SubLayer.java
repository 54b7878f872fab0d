package dev.keralens.keras.weights;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A layer inside a wrapper, with an envelope of its own.
 *
 * @param attribute the wrapper's Python attribute, such as {@code layer} or {@code cell}; an
 *     element of a list has its index behind it: {@code cells/0}
 * @param layer the inner layer's envelope: {@code class_name} and {@code config}
 */
public record SubLayer(String attribute, JsonNode layer) implements WeightPart {}
