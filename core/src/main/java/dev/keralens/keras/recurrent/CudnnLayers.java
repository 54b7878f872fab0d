package dev.keralens.keras.recurrent;

import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.Weight;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.WeightLists;
import dev.keralens.keras.weights.WeightPart;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.List;

/**
 * The recurrent layers of Keras 2 that ran on NVIDIA's cuDNN alone. They compute what {@code LSTM}
 * and {@code GRU} (its reset gate after the product) compute, from weights in cuDNN's order: the
 * kernel of each gate is stored row by row as (units, features), and there are two biases.
 */
public final class CudnnLayers {
  private CudnnLayers() {}

  public static List<WeightPart> weights(LayerConfig config) {
    return WeightLists.trainable("kernel", "recurrent_kernel", "bias");
  }

  public static List<KerasTensor> lstm(LayerCall layer) {
    Weight bias = layer.weight("bias");
    int columns = bias.shape()[0] / 2;
    Weight sum =
        bias.map(
            "sum",
            new int[] {columns},
            tensor -> {
              float[] both = tensor.toFloatArray();
              float[] sums = new float[columns];
              for (int i = 0; i < columns; i++) {
                sums[i] = both[i] + both[columns + i];
              }
              return Tensor.of(sums, columns);
            });
    return RecurrentLayers.run(layer, new LstmCell(weights(layer, 4, sum)));
  }

  public static List<KerasTensor> gru(LayerCall layer) {
    Weight bias = layer.weight("bias");
    Weight rows = bias.reshape(2, bias.shape()[0] / 2);
    return RecurrentLayers.run(layer, new GruCell(weights(layer, 3, rows)));
  }

  private static RecurrentWeights weights(LayerCall layer, int gates, Weight bias) {
    Weight kernel = layer.weight("kernel");
    Weight recurrent = layer.weight("recurrent_kernel");
    return new RecurrentWeights(
        layer,
        kernel.map("rearranged", kernel.shape(), tensor -> kernel(tensor, gates)),
        recurrent.map("transposed", recurrent.shape(), tensor -> recurrentKernel(tensor, gates)),
        bias);
  }

  /** Each gate's elements, read row by row, are its matrix (units, features). */
  private static Tensor kernel(Tensor tensor, int gates) {
    int features = tensor.shape()[0];
    int units = tensor.shape()[1] / gates;
    float[] stored = tensor.toFloatArray();
    float[] kernel = new float[stored.length];
    for (int gate = 0; gate < gates; gate++) {
      for (int unit = 0; unit < units; unit++) {
        for (int feature = 0; feature < features; feature++) {
          int place = unit * features + feature;
          kernel[(feature * gates + gate) * units + unit] =
              stored[((place / units) * gates + gate) * units + place % units];
        }
      }
    }
    return Tensor.of(kernel, tensor.shape());
  }

  /** Each gate's matrix is transposed. */
  private static Tensor recurrentKernel(Tensor tensor, int gates) {
    int units = tensor.shape()[0];
    float[] stored = tensor.toFloatArray();
    float[] kernel = new float[stored.length];
    for (int gate = 0; gate < gates; gate++) {
      for (int row = 0; row < units; row++) {
        for (int column = 0; column < units; column++) {
          kernel[(row * gates + gate) * units + column] =
              stored[(column * gates + gate) * units + row];
        }
      }
    }
    return Tensor.of(kernel, tensor.shape());
  }
}
