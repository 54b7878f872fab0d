package dev.keralens.keras.layer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.call.Axes;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Layers that scale what a network takes. */
final class PreprocessingLayers {
  /** Keras' {@code backend.epsilon()}. */
  private static final float EPSILON = 1e-7f;

  private PreprocessingLayers() {}

  /** x * scale + offset; each a number, or one for each channel. */
  public static KerasTensor rescaling(LayerCall layer) {
    KerasTensor x = layer.input();
    Value value = layer.graph().cast(x.value(), ElementType.FLOAT32);
    value = layer.graph().mul(value, perChannel(layer, "scale", 1, x));
    value = layer.graph().add(value, perChannel(layer, "offset", 0, x));
    return LayerCall.like(x, value);
  }

  private static Value perChannel(LayerCall layer, String key, double otherwise, KerasTensor x) {
    JsonNode node = layer.config().node(key);
    if (!node.isArray()) {
      return layer.graph().scalar((float) layer.config().number(key, otherwise));
    }
    float[] values = layer.config().numbers(key);
    if (x.layout() != Layout.CHANNELS_MOVED) {
      return layer.graph().constant(Tensor.of(values, values.length));
    }
    int[] shape = new int[x.value().rank() - 1];
    Arrays.fill(shape, 1);
    shape[0] = values.length;
    return layer.graph().constant(Tensor.of(values, shape));
  }

  /**
   * (x - mean) / max(sqrt(variance), 1e-7), or with {@code invert} back again. Mean and variance
   * lie along the kept axes; they were learned, or given when the layer was made.
   */
  public static KerasTensor normalization(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    KerasTensor x = layer.input();
    Value value = graph.cast(layer.plain(x), ElementType.FLOAT32);
    int rank = value.rank();
    int[] kept =
        layer.config().has("axis")
            ? Arrays.stream(layer.config().integers("axis"))
                .map(axis -> Axes.fromZero(axis, rank))
                .sorted()
                .toArray()
            : new int[0];
    int[] shape = new int[rank];
    Arrays.fill(shape, 1);
    Arrays.stream(kept).forEach(axis -> shape[axis] = value.shape().size(axis));
    Value mean;
    Value variance;
    if (layer.config().has("mean")) {
      mean = given(layer, "mean", kept, rank);
      variance = given(layer, "variance", kept, rank);
    } else {
      mean = layer.weight("mean").reshape(shape).value();
      variance = layer.weight("variance").reshape(shape).value();
    }
    Value deviation = graph.max(graph.node(Op.SQRT, variance), graph.scalar(EPSILON));
    return KerasTensor.plain(
        layer.config().flag("invert", false)
            ? graph.add(graph.mul(value, deviation), mean)
            : graph.div(graph.sub(value, mean), deviation));
  }

  /** A number for all, or an array whose axes are the last of the kept ones. */
  private static Value given(LayerCall layer, String key, int[] kept, int rank) {
    List<Integer> sizes = new ArrayList<>();
    List<Float> values = new ArrayList<>();
    read(layer, key, layer.config().node(key), 0, sizes, values);
    if (sizes.size() > kept.length) {
      throw layer.config().wrong(key, "an array of at most %d axes".formatted(kept.length));
    }
    int[] shape = new int[rank];
    Arrays.fill(shape, 1);
    for (int i = 1; i <= sizes.size(); i++) {
      shape[kept[kept.length - i]] = sizes.get(sizes.size() - i);
    }
    float[] array = new float[values.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = values.get(i);
    }
    return layer.graph().constant(Tensor.of(array, shape));
  }

  private static void read(
      LayerCall layer,
      String key,
      JsonNode node,
      int depth,
      List<Integer> sizes,
      List<Float> values) {
    if (node.isNumber()) {
      values.add(node.floatValue());
      return;
    }
    if (!node.isArray()) {
      throw layer.config().wrong(key, "an array of numbers");
    }
    if (depth == sizes.size()) {
      sizes.add(node.size());
    }
    for (JsonNode element : node) {
      read(layer, key, LayerConfig.unwrap(element), depth + 1, sizes, values);
    }
  }
}
