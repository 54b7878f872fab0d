package dev.keralens.keras;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layout;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Dense layers, and layers that do nothing when a model predicts. */
final class CoreLayers {
  private CoreLayers() {}

  /** What a layer does that only acts in training. */
  static KerasTensor identity(LayerContext layer) {
    layer.refuseTraining();
    return layer.input();
  }

  /**
   * Kernel (inputs, units), on the last axis. On an image it is a convolution of size 1; else all
   * axes before the last become one, so that the bias is always added by the product's own node.
   */
  static KerasTensor dense(LayerContext layer) {
    KerasTensor x = layer.input();
    int features = x.shape().size(-1);
    Weight kernel = layer.weight("kernel");
    if (kernel.rank() != 2 || kernel.shape()[0] != features || x.value().rank() < 2) {
      throw new IllegalArgumentException(
          "%s takes %d features, got input %s.".formatted(kernel, kernel.shape()[0], x.shape()));
    }
    int units = kernel.shape()[1];
    Value bias = layer.config().flag("use_bias", true) ? layer.weight("bias", units).value() : null;
    return layer.activate(
        x.layout() == Layout.CHANNELS_MOVED
            ? onImage(layer.graph(), x, kernel, bias)
            : KerasTensor.plain(onRows(layer.graph(), x.value(), kernel, bias)));
  }

  private static KerasTensor onImage(
      GraphBuilder graph, KerasTensor x, Weight kernel, @Nullable Value bias) {
    int[] shape = new int[x.value().rank()];
    Arrays.fill(shape, 1);
    shape[0] = kernel.shape()[1];
    shape[1] = kernel.shape()[0];
    Value filters = kernel.transpose(1, 0).reshape(shape).value();
    Value out =
        bias == null
            ? graph.node(Op.CONV, x.value(), filters)
            : graph.node(Op.CONV, x.value(), filters, bias);
    return new KerasTensor(out, Layout.CHANNELS_MOVED);
  }

  private static Value onRows(GraphBuilder graph, Value x, Weight kernel, @Nullable Value bias) {
    int[] sizes = x.shape().sizes();
    int features = sizes[sizes.length - 1];
    int rows = Arrays.stream(sizes).limit(sizes.length - 1).reduce(1, Math::multiplyExact);
    Value matrix = graph.reshape(x, Shape.of(rows, features));
    Value out =
        bias == null
            ? graph.node(Op.GEMM, matrix, kernel.value())
            : graph.node(Op.GEMM, matrix, kernel.value(), bias);
    int[] result = sizes.clone();
    result[sizes.length - 1] = kernel.shape()[1];
    return graph.reshape(out, Shape.of(result));
  }
}
