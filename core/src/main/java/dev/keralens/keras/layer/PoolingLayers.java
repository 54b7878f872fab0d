package dev.keralens.keras.layer;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Image;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.WindowPadding;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import java.util.Arrays;

/** Poolings with a moving window, and over the whole image. */
final class PoolingLayers {
  private PoolingLayers() {}

  static KerasTensor max(LayerCall layer) {
    return pool(layer, Op.MAX_POOL);
  }

  /** Padding does not count: the divisor is the number of pixels under the window. */
  static KerasTensor average(LayerCall layer) {
    return pool(layer, Op.AVERAGE_POOL);
  }

  static KerasTensor globalMax(LayerCall layer) {
    return globalPool(layer, Op.GLOBAL_MAX_POOL);
  }

  static KerasTensor globalAverage(LayerCall layer) {
    return globalPool(layer, Op.GLOBAL_AVERAGE_POOL);
  }

  private static KerasTensor pool(LayerCall layer, Op op) {
    Image image = layer.image(layer.input());
    int rank = image.spatialRank();
    int[] size = layer.config().positives("pool_size", rank, 2);
    int[] strides =
        layer.config().has("strides") ? layer.config().positives("strides", rank, 1) : size;
    int[] ones = new int[rank];
    Arrays.fill(ones, 1);
    Attributes attributes =
        WindowPadding.of(layer, image.sizes(), size, strides, ones)
            .attributes()
            .without("dilations");
    return image.like(layer.graph().node(op, attributes, image.value()));
  }

  /** The mean over the steps that count, for sequences with a mask. */
  static KerasTensor globalAverageOfSequence(LayerCall layer) {
    KerasTensor x = layer.input();
    Value mask = layer.maskArgument(x);
    if (mask == null) {
      return globalAverage(layer);
    }
    GraphBuilder graph = layer.graph();
    int steps = layer.isChannelsFirst() ? 2 : 1;
    Value value = layer.plain(x);
    Value weight =
        graph.unsqueeze(graph.cast(mask, ElementType.FLOAT32), layer.isChannelsFirst() ? 1 : 2);
    boolean keep = layer.config().flag("keepdims", false);
    Value sum = graph.reduceSum(graph.mul(value, weight), keep, steps);
    return KerasTensor.plain(graph.div(sum, graph.reduceSum(weight, keep, steps)));
  }

  private static KerasTensor globalPool(LayerCall layer, Op op) {
    Image image = layer.image(layer.input());
    Value pooled = layer.graph().node(op, image.value());
    if (layer.config().flag("keepdims", false)) {
      return image.like(pooled);
    }
    Shape shape = pooled.shape();
    return KerasTensor.plain(layer.graph().reshape(pooled, Shape.of(shape.size(0), shape.size(1))));
  }
}
