package dev.keralens.keras.layer;

import dev.keralens.graph.Value;
import dev.keralens.keras.call.Image;
import dev.keralens.keras.call.Interpolation;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;
import java.util.stream.IntStream;

/** Layers that repeat or interpolate pixels by whole factors. */
final class UpSamplingLayers {
  private UpSamplingLayers() {}

  static KerasTensor upSampling(LayerCall layer) {
    Image image = layer.image(layer.input());
    int rank = image.spatialRank();
    int[] factors = layer.config().positives("size", rank, 2);
    int[] sizes =
        IntStream.range(0, rank)
            .map(i -> Math.multiplyExact(image.sizes()[i], factors[i]))
            .toArray();
    String interpolation = layer.config().text("interpolation", "nearest");
    Value out = Interpolation.resize(layer, image.value(), sizes, interpolation, false);
    return image.like(out);
  }
}
