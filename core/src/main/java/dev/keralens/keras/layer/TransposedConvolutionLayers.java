package dev.keralens.keras.layer;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.Weight;
import dev.keralens.keras.call.Image;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;
import org.jspecify.annotations.Nullable;

/** Transposed convolutions. */
final class TransposedConvolutionLayers {
  private TransposedConvolutionLayers() {}

  /**
   * Kernel (height, width, filters, input channels). The result is what the gradient of a
   * convolution gives that takes the output's size and has the layer's padding.
   */
  public static KerasTensor convolution(LayerCall layer) {
    Image image = layer.image(layer.input());
    int rank = image.spatialRank();
    Weight kernel = layer.weight("kernel");
    int filters = kernel.shape()[rank];
    int[] strides = layer.config().positives("strides", rank, 1);
    int[] dilations = layer.config().positives("dilation_rate", rank, 1);
    int[] outputPadding =
        layer.config().has("output_padding")
            ? layer.config().integers("output_padding", rank)
            : null;
    String padding = layer.config().text("padding", "valid");
    boolean same = padding.equals("same");
    if (!same && !padding.equals("valid")) {
      throw layer.config().wrong("padding", "'valid' or 'same'");
    }
    int[] pads = new int[2 * rank];
    int[] extra = new int[rank];
    for (int i = 0; i < rank; i++) {
      int reach = (kernel.shape()[i] - 1) * dilations[i] + 1;
      int full = (image.sizes()[i] - 1) * strides[i] + reach;
      int size =
          size(
              image.sizes()[i],
              reach,
              strides[i],
              same,
              outputPadding == null ? null : outputPadding[i]);
      int cut = Math.max(0, full - size);
      pads[i] = same ? cut / 2 : 0;
      pads[rank + i] = cut - pads[i];
      extra[i] = Math.max(0, size - full);
    }
    Attributes attributes =
        Attributes.of("strides", strides)
            .with("dilations", dilations)
            .with("pads", pads)
            .with("output_padding", extra);
    Value weights = ConvolutionLayers.outputsFirst(kernel).value();
    Value bias = ConvolutionLayers.bias(layer, filters);
    Value out =
        bias == null
            ? layer.graph().node(Op.CONV_TRANSPOSE, attributes, image.value(), weights)
            : layer.graph().node(Op.CONV_TRANSPOSE, attributes, image.value(), weights, bias);
    return layer.activate(image.like(out));
  }

  /** The size of the output along an axis. */
  private static int size(
      int size, int reach, int stride, boolean same, @Nullable Integer outputPadding) {
    if (outputPadding == null) {
      return same ? size * stride : (size - 1) * stride + Math.max(reach, stride);
    }
    return (size - 1) * stride + (same ? reach % 2 : reach) + outputPadding;
  }
}
