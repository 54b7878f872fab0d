package dev.keralens.keras.layer;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.Weight;
import dev.keralens.keras.call.Activations;
import dev.keralens.keras.call.Axes;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;
import java.util.Arrays;

/** Activations as layers. */
final class ActivationLayers {
  private ActivationLayers() {}

  static KerasTensor activation(LayerCall layer) {
    return layer.activate(layer.input());
  }

  static KerasTensor elu(LayerCall layer) {
    KerasTensor x = layer.input();
    double alpha = layer.config().number("alpha", 1);
    return LayerCall.like(x, Activations.elu(layer.graph(), x.value(), alpha));
  }

  /** Keras 2 calls the slope {@code alpha}, Keras 3 {@code negative_slope}. */
  static KerasTensor leakyRelu(LayerCall layer) {
    LayerConfig config = layer.config();
    double slope = config.number("negative_slope", config.number("alpha", 0.3));
    KerasTensor x = layer.input();
    return LayerCall.like(x, Activations.leakyRelu(layer.graph(), x.value(), slope));
  }

  /** max(x, 0) - alpha * max(-x, 0), where alpha has size 1 along the shared axes. */
  static KerasTensor prelu(LayerCall layer) {
    KerasTensor x = layer.input();
    int rank = x.value().rank();
    Weight alpha = layer.weight("alpha");
    int[] shape = new int[rank];
    shape[0] = 1;
    System.arraycopy(alpha.shape(), 0, shape, 1, rank - 1);
    Weight slope = alpha.reshape(shape);
    if (x.layout() == dev.keralens.network.Layout.CHANNELS_MOVED) {
      slope = slope.transpose(KerasTensor.channelsFirst(rank));
    }
    return LayerCall.like(x, layer.graph().node(Op.PRELU, x.value(), slope.value()));
  }

  static KerasTensor relu(LayerCall layer) {
    LayerConfig config = layer.config();
    KerasTensor x = layer.input();
    return LayerCall.like(
        x,
        Activations.relu(
            layer.graph(),
            x.value(),
            config.number("negative_slope", 0),
            config.number("max_value", Double.POSITIVE_INFINITY),
            config.number("threshold", 0)));
  }

  /** x above {@code theta}, else 0. */
  static KerasTensor thresholdedRelu(LayerCall layer) {
    KerasTensor x = layer.input();
    return LayerCall.like(
        x,
        Activations.relu(
            layer.graph(),
            x.value(),
            0,
            Double.POSITIVE_INFINITY,
            layer.config().number("theta", 1)));
  }

  /** Along one axis, or over several together. */
  static KerasTensor softmax(LayerCall layer) {
    KerasTensor x = layer.input();
    int[] axes = layer.config().has("axis") ? layer.config().integers("axis") : new int[] {-1};
    if (axes.length == 1) {
      return Activations.alongAxis(layer, Op.SOFTMAX, x, axes[0]);
    }
    GraphBuilder graph = layer.graph();
    int[] inGraph =
        Arrays.stream(axes).map(a -> Axes.inGraph(a, x.value().rank(), x.layout())).toArray();
    Value exponential =
        graph.node(
            Op.EXP, graph.sub(x.value(), graph.reduce(Op.REDUCE_MAX, x.value(), true, inGraph)));
    return LayerCall.like(x, graph.div(exponential, graph.reduceSum(exponential, true, inGraph)));
  }
}
