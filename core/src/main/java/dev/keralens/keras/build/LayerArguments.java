package dev.keralens.keras.build;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * What a rule needs to know of a layer.
 *
 * @param config the layer's arguments
 * @param inputs the shapes of what it is called with, without the batch
 * @param initializers those that are not Keras' default, by weight
 */
record LayerArguments(
    ObjectNode config, List<int[]> inputs, Map<String, Initializer> initializers) {
  /** {@return the shape of the only input} */
  int[] input() {
    if (inputs.size() != 1) {
      throw new IllegalArgumentException("it takes one input, got " + inputs.size() + ".");
    }
    return inputs.get(0);
  }

  /** {@return the shape of the only input, an image} */
  int[] image() {
    int[] shape = input();
    if (shape.length != 3) {
      throw new IllegalArgumentException(
          "it takes (batch, height, width, channels), got %s."
              .formatted(SymbolicShapes.describe(shape)));
    }
    return shape;
  }

  /** {@return the number of channels of the only input, which must be known} */
  int channels() {
    int[] shape = input();
    int channels = shape.length == 0 ? ModelBuilder.OPEN : shape[shape.length - 1];
    if (channels == ModelBuilder.OPEN) {
      throw new IllegalArgumentException(
          "the size of the last axis of %s must be known."
              .formatted(SymbolicShapes.describe(shape)));
    }
    return channels;
  }

  int integer(String key) {
    return config.path(key).intValue();
  }

  boolean flag(String key) {
    return config.path(key).booleanValue();
  }

  /** {@return one of two whole numbers} */
  int pair(String key, int axis) {
    return config.path(key).path(axis).intValue();
  }

  /** {@return one of two pairs of whole numbers} */
  int pair(String key, int axis, int side) {
    return config.path(key).path(axis).path(side).intValue();
  }

  boolean isSame() {
    return config.path("padding").asText().equals("same");
  }

  /** {@return an axis, counted from 0 after the batch} */
  int axis(String key) {
    JsonNode value = config.path(key);
    int axis = (value.isArray() ? value.path(0) : value).intValue();
    int rank = inputs.get(0).length;
    int at = axis < 0 ? axis + rank : axis - 1;
    if (at < 0 || at >= rank) {
      throw new IllegalArgumentException(
          "there is no axis %d in %s.".formatted(axis, SymbolicShapes.describe(inputs.get(0))));
    }
    return at;
  }

  WeightSpec weight(String name, Initializer otherwise, int... shape) {
    return new WeightSpec(name, shape, initializers.getOrDefault(name, otherwise));
  }
}
