package dev.keralens.keras.hub.language;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.function.DoubleUnaryOperator;

/** FNet's block: the real part of Fourier's transform over words and features, and a dense net. */
public final class FNetLayers {
  public static final LayerType ENCODER = HubLayer.of(FNetLayers::parts, FNetLayers::encode);

  private FNetLayers() {}

  private static void parts(Parts parts, HubArguments a) {
    double epsilon = a.number("layer_norm_epsilon", 1e-5);
    a.skip("dropout", "kernel_initializer", "bias_initializer");
    parts
        .layer("_mixing_layer_norm", Part.layerNormalization(epsilon))
        .layer("_output_layer_norm", Part.layerNormalization(epsilon))
        .layer("_intermediate_dense", Part.dense(a.integer("intermediate_dim")))
        .layer("_output_dense", Attending.open());
  }

  private static KerasTensor encode(Block b, HubArguments a) {
    KerasTensor x = b.input();
    KerasTensor mixed = b.call("_mixing_layer_norm", b.add(x, mix(b.graph(), b.plain(x))));
    KerasTensor y = b.call("_intermediate_dense", mixed);
    y = Attending.activate(b, Attending.activation(a, "activation", "relu"), y);
    y = b.call("_output_dense", y);
    return b.call("_output_layer_norm", b.add(mixed, y));
  }

  /** cos(words) x cos(features) - sin(words) x sin(features), as products of matrices. */
  private static KerasTensor mix(GraphBuilder graph, Value x) {
    int words = x.shape().size(1);
    int features = x.shape().size(2);
    Value even = graph.matMul(x, waves(graph, features, Math::cos));
    Value odd = graph.matMul(x, waves(graph, features, Math::sin));
    return KerasTensor.plain(
        graph.sub(
            graph.matMul(waves(graph, words, Math::cos), even),
            graph.matMul(waves(graph, words, Math::sin), odd)));
  }

  private static Value waves(GraphBuilder graph, int size, DoubleUnaryOperator wave) {
    float[] values = new float[Math.multiplyExact(size, size)];
    for (int i = 0; i < values.length; i++) {
      long turns = (long) (i / size) * (i % size) % size;
      values[i] = (float) wave.applyAsDouble(2 * Math.PI * turns / size);
    }
    return graph.fixed(Tensor.of(values, size, size));
  }
}
