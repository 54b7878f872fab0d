package dev.keralens.keras.layer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.call.Image;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;

/** Layers that add to the borders of an image, or cut them off. */
final class PaddingLayers {
  private PaddingLayers() {}

  static KerasTensor zeroPadding(LayerCall layer) {
    return pad(layer, "padding", 1);
  }

  static KerasTensor cropping(LayerCall layer) {
    return pad(layer, "cropping", -1);
  }

  private static KerasTensor pad(LayerCall layer, String key, int sign) {
    Image image = layer.image(layer.input());
    int[][] borders = borders(layer, key, image.spatialRank());
    int rank = image.value().rank();
    int[] before = new int[rank];
    int[] after = new int[rank];
    for (int i = 0; i < image.spatialRank(); i++) {
      before[i + 2] = sign * borders[i][0];
      after[i + 2] = sign * borders[i][1];
    }
    return image.like(layer.graph().pad(image.value(), before, after));
  }

  /**
   * {@return the elements at the beginning and at the end of each spatial axis, from one number for
   * all, one for each axis, or a pair for each axis}
   */
  static int[][] borders(LayerCall layer, String key, int rank) {
    JsonNode value = layer.config().node(key);
    int[][] borders = new int[rank][];
    for (int i = 0; i < rank; i++) {
      JsonNode axis = value.isArray() ? LayerConfig.unwrap(value.path(i)) : value;
      boolean pairs = rank == 1 && value.isArray() && value.size() == 2;
      if (pairs && value.path(0).isNumber()) {
        axis = value;
      }
      int first = axis.isArray() ? border(layer, key, axis.path(0)) : border(layer, key, axis);
      int second = axis.isArray() ? border(layer, key, axis.path(1)) : first;
      borders[i] = new int[] {first, second};
    }
    return borders;
  }

  private static int border(LayerCall layer, String key, JsonNode value) {
    if (!value.canConvertToInt() || !value.isIntegralNumber() || value.intValue() < 0) {
      throw layer.config().wrong(key, "whole numbers of at least 0, or pairs of them");
    }
    return value.intValue();
  }
}
