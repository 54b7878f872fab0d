package dev.keralens.keras.layer;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.Weight;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;

/**
 * Convolutions with a kernel of its own for every place ({@code LocallyConnected1D} and {@code
 * LocallyConnected2D} of Keras 2): the windows are gathered, and multiplied with their kernels.
 */
final class LocallyConnectedLayers {
  private LocallyConnectedLayers() {}

  public static KerasTensor convolution(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    Value x = layer.plain(layer.input());
    LocalWindows windows = LocalWindows.of(layer, x.shape());
    int places = windows.places();
    int batch = x.shape().size(0);
    Value flat = graph.reshape(x, Shape.of(batch, windows.inputs()));
    Value gathered =
        graph.node(Op.GATHER, Attributes.of("axis", 1), flat, graph.ints(windows.gathered()));
    Value rows =
        graph.transpose(graph.reshape(gathered, Shape.of(batch, places, windows.reach())), 1, 0, 2);
    int implementation = layer.config().integer("implementation", 1);
    Value kernel = windows.kernel(layer.weight("kernel"), implementation).value();
    Value product = graph.transpose(graph.matMul(rows, kernel), 1, 0, 2);
    if (layer.config().flag("use_bias", true)) {
      product = graph.add(product, bias(layer, windows).value());
    }
    int[] outputs = windows.outputs();
    int[] sizes = new int[outputs.length + 2];
    sizes[0] = batch;
    System.arraycopy(outputs, 0, sizes, 1, outputs.length);
    sizes[sizes.length - 1] = windows.filters();
    Value last = graph.reshape(product, Shape.of(sizes));
    KerasTensor out =
        KerasTensor.plain(
            windows.channelsFirst()
                ? graph.transpose(last, KerasTensor.channelsFirst(last.rank()))
                : last);
    return layer.activate(out);
  }

  /**
   * (places, filters). Keras makes it in this shape and, where the channels come first, reads the
   * same numbers as (filters, places).
   */
  private static Weight bias(LayerCall layer, LocalWindows windows) {
    Weight bias = layer.weight("bias");
    return windows.channelsFirst()
        ? bias.reshape(windows.filters(), windows.places()).transpose(1, 0)
        : bias.reshape(windows.places(), windows.filters());
  }
}
