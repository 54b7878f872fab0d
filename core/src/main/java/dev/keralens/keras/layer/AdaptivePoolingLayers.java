package dev.keralens.keras.layer;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Image;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;
import java.util.ArrayList;
import java.util.List;

/** Poolings to a given size, whatever the image's. */
final class AdaptivePoolingLayers {
  private AdaptivePoolingLayers() {}

  static KerasTensor max(LayerCall layer) {
    return pool(layer, Op.REDUCE_MAX);
  }

  public static KerasTensor average(LayerCall layer) {
    return pool(layer, Op.REDUCE_MEAN);
  }

  /**
   * One axis after the other: the window of output i of m reaches from floor(i n / m) to ceil((i +
   * 1) n / m).
   */
  private static KerasTensor pool(LayerCall layer, Op op) {
    Image image = layer.image(layer.input());
    int[] sizes = layer.config().positives("output_size", image.spatialRank(), 1);
    Value value = image.value();
    for (int i = 0; i < sizes.length; i++) {
      value = alongAxis(layer.graph(), op, value, i + 2, sizes[i]);
    }
    return image.like(value);
  }

  private static Value alongAxis(GraphBuilder graph, Op op, Value x, int axis, int windows) {
    int size = x.shape().size(axis);
    if (windows == size) {
      return x;
    }
    int[] axes = {axis};
    List<Value> parts = new ArrayList<>();
    for (int i = 0; i < windows; i++) {
      int start = (int) ((long) i * size / windows);
      int end = (int) -Math.floorDiv(-(i + 1L) * size, (long) windows);
      Value part = graph.slice(x, axes, new int[] {start}, new int[] {end});
      parts.add(end - start == 1 ? part : graph.reduce(op, part, true, axis));
    }
    return graph.concat(axis, parts);
  }
}
