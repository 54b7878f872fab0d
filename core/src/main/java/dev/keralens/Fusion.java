package dev.keralens;

import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How the maps of several layers become one, after filter and resizing: LayerCAM (Jiang et al.,
 * 2021, <a href="https://doi.org/10.1109/TIP.2021.3089943">doi:10.1109/TIP.2021.3089943</a>) takes
 * the maximum of maps that are scaled alike.
 */
public enum Fusion {
  /** The largest element at each place. */
  MAX,
  /** The mean at each place. */
  MEAN;

  /** One explanation of several layers by one method. */
  Explanation of(List<Explanation> layers) {
    Explanation first = layers.get(0);
    if (layers.size() == 1) {
      return first;
    }
    for (Explanation layer : layers) {
      if (!Arrays.equals(layer.maps().shape(), first.maps().shape())) {
        throw new IllegalArgumentException(
            "Maps of different sizes cannot be joined to one: that of '%s' is %s, that of '%s' %s. Resize them (withResize, --resize)."
                .formatted(
                    first.explained(),
                    first.maps().typeAndShape(),
                    layer.explained(),
                    layer.maps().typeAndShape()));
      }
    }
    return new Explanation(
        first.method(),
        layers.stream()
            .map(Explanation::explained)
            .collect(Collectors.joining(", ", name().toLowerCase(Locale.ROOT) + " of ", "")),
        joined(layers.stream().map(Explanation::maps).toList(), this),
        first.scores(),
        first.outputs(),
        first.units(),
        negated(joined(layers.stream().map(layer -> negated(layer.lowest())).toList(), MAX)),
        joined(layers.stream().map(Explanation::highest).toList(), MAX),
        null);
  }

  private static Tensor negated(Tensor tensor) {
    float[] values = tensor.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] = -values[i];
    }
    return Tensor.of(values, tensor.shape());
  }

  private static Tensor joined(List<Tensor> tensors, Fusion how) {
    float[] all = tensors.get(0).toFloatArray();
    for (Tensor tensor : tensors.subList(1, tensors.size())) {
      float[] other = tensor.toFloatArray();
      for (int i = 0; i < all.length; i++) {
        all[i] = how == MAX ? Math.max(all[i], other[i]) : all[i] + other[i];
      }
    }
    for (int i = 0; how == MEAN && i < all.length; i++) {
      all[i] /= tensors.size();
    }
    return Tensor.of(all, tensors.get(0).shape());
  }
}
