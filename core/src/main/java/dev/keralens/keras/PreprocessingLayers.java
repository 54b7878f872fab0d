package dev.keralens.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layout;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;

/** Layers that prepare what a network takes. */
final class PreprocessingLayers {
  private PreprocessingLayers() {}

  /** x * scale + offset; each a number, or one for each channel. */
  static KerasTensor rescaling(LayerContext layer) {
    KerasTensor x = layer.input();
    Value value = layer.graph().cast(x.value(), ElementType.FLOAT32);
    value = layer.graph().mul(value, perChannel(layer, "scale", 1, x));
    value = layer.graph().add(value, perChannel(layer, "offset", 0, x));
    return new KerasTensor(value, x.layout());
  }

  private static Value perChannel(LayerContext layer, String key, double otherwise, KerasTensor x) {
    JsonNode node = layer.config().node(key);
    if (!node.isArray()) {
      return layer.graph().scalar((float) layer.config().number(key, otherwise));
    }
    float[] values = layer.config().numbers(key);
    if (x.layout() != Layout.CHANNELS_MOVED) {
      return layer.graph().constant(Tensor.of(values, values.length));
    }
    int[] shape = new int[x.value().rank() - 1];
    java.util.Arrays.fill(shape, 1);
    shape[0] = values.length;
    return layer.graph().constant(Tensor.of(values, shape));
  }
}
