package dev.keralens.keras.recurrent;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.Weight;
import dev.keralens.keras.call.Activations;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.Matrices;
import dev.keralens.network.KerasTensor;
import org.jspecify.annotations.Nullable;

/**
 * What a recurrent cell holds, and what all cells do with it.
 *
 * @param layer the layer or cell, for its arguments
 * @param kernel (features, gates * units)
 * @param recurrentKernel (units, gates * units)
 * @param bias (gates * units), or two of them; null for none
 */
record RecurrentWeights(
    LayerCall layer, Weight kernel, Weight recurrentKernel, @Nullable Weight bias) {

  /**
   * {@return the weights of a layer or cell, as Keras names them}
   *
   * @param layer the layer or cell
   * @param prefix what comes before a weight's name
   */
  static RecurrentWeights of(LayerCall layer, String prefix) {
    return new RecurrentWeights(
        layer,
        layer.weight(prefix + "kernel"),
        layer.weight(prefix + "recurrent_kernel"),
        layer.config().flag("use_bias", true) ? layer.weight(prefix + "bias") : null);
  }

  /** {@return x * kernel + bias, for one step or a whole sequence} */
  Value project(Value x, @Nullable Weight inputBias) {
    int[] shape = kernel.shape();
    if (shape.length != 2 || shape[0] != x.shape().size(-1)) {
      throw new IllegalArgumentException(
          "%s takes %d features, got %s.".formatted(kernel, shape[0], x.shape()));
    }
    Value added = inputBias == null ? null : inputBias.value();
    return Matrices.affine(layer.graph(), x, kernel.value(), added);
  }

  /** {@return h * recurrent kernel + x; x alone where h is zero} */
  Value recur(@Nullable Value h, Value x) {
    GraphBuilder graph = layer.graph();
    return h == null ? x : graph.add(graph.matMul(h, recurrentKernel.value()), x);
  }

  /** {@return x with the activation applied that an argument names} */
  Value activate(String key, Value x) {
    return activate(layer, key, x);
  }

  /**
   * {@return x with the activation applied that an argument names: where it is left out, Keras'}
   */
  static Value activate(LayerCall layer, String key, Value x) {
    if (!layer.config().json().has(key)) {
      return layer.graph().node(key.equals("recurrent_activation") ? Op.SIGMOID : Op.TANH, x);
    }
    return Activations.apply(layer, key, KerasTensor.plain(x)).value();
  }
}
