package dev.keralens.keras;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layout;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;

/** Layers that bring values to a common scale. */
final class NormalizationLayers {
  private NormalizationLayers() {}

  /** gamma * (x - moving_mean) / sqrt(moving_variance + epsilon) + beta, along one axis. */
  static KerasTensor batch(LayerContext layer) {
    layer.refuseTraining();
    KerasTensor x = layer.input();
    int rank = x.value().rank();
    int[] axes = layer.config().has("axis") ? layer.config().integers("axis") : new int[] {-1};
    if (axes.length != 1) {
      throw layer.unsupported(
          "axis=%s has several axes; one is supported.".formatted(Arrays.toString(axes)));
    }
    int axis = Axes.fromZero(axes[0], rank);
    int channels = x.shape().size(axis);
    Attributes epsilon =
        Attributes.NONE.with("epsilon", (float) layer.config().number("epsilon", 1e-3));
    Value gamma = weightOr(layer, "gamma", "scale", 1, channels);
    Value beta = weightOr(layer, "beta", "center", 0, channels);
    Value mean = layer.weight("moving_mean", channels).value();
    Value variance = layer.weight("moving_variance", channels).value();
    if (rank > 2 && axis == rank - 1) {
      Value out =
          layer
              .graph()
              .node(
                  Op.BATCH_NORMALIZATION,
                  epsilon,
                  layer.channelsFirst(x),
                  gamma,
                  beta,
                  mean,
                  variance);
      return new KerasTensor(out, Layout.CHANNELS_MOVED);
    }
    int[] swap = java.util.stream.IntStream.range(0, rank).toArray();
    swap[1] = axis;
    swap[axis] = 1;
    Value value = layer.graph().transpose(layer.plain(x), swap);
    Value out =
        layer.graph().node(Op.BATCH_NORMALIZATION, epsilon, value, gamma, beta, mean, variance);
    Layout layout = x.layout() == Layout.CHANNELS_MOVED ? Layout.PLAIN : x.layout();
    return new KerasTensor(layer.graph().transpose(out, swap), layout);
  }

  private static Value weightOr(
      LayerContext layer, String weight, String flag, float otherwise, int channels) {
    if (layer.config().flag(flag, true)) {
      return layer.weight(weight, channels).value();
    }
    float[] values = new float[channels];
    Arrays.fill(values, otherwise);
    return layer.graph().constant(Tensor.of(values, channels));
  }
}
