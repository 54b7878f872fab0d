package dev.keralens.keras.layer;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.Weight;
import dev.keralens.keras.call.Image;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.WindowPadding;
import dev.keralens.network.KerasTensor;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Convolutions: dense, grouped, depthwise and separable. */
final class ConvolutionLayers {
  private ConvolutionLayers() {}

  /**
   * Kernel (height, width, input channels / groups, filters), with as many spatial axes as the
   * image.
   */
  public static KerasTensor convolution(LayerCall layer) {
    Image image = layer.image(layer.input());
    Value kernel = outputsFirst(layer.weight("kernel")).value();
    int groups = layer.config().integer("groups", 1);
    return layer.activate(
        image.like(convolve(layer, image, kernel, groups, bias(layer, kernel.shape().size(0)))));
  }

  /**
   * Kernel (height, width, input channels, multiplier): the outputs of one channel lie together.
   */
  public static KerasTensor depthwise(LayerCall layer) {
    Image image = layer.image(layer.input());
    Value kernel = depthwiseKernel(layer.weight("depthwise_kernel"), image.channels());
    int filters = kernel.shape().size(0);
    return layer.activate(
        image.like(convolve(layer, image, kernel, image.channels(), bias(layer, filters))));
  }

  /** A depthwise convolution, then a dense one of size 1 with the bias. */
  public static KerasTensor separable(LayerCall layer) {
    Image image = layer.image(layer.input());
    Value depthwise = depthwiseKernel(layer.weight("depthwise_kernel"), image.channels());
    Value middle = convolve(layer, image, depthwise, image.channels(), null);
    Value pointwise = outputsFirst(layer.weight("pointwise_kernel")).value();
    Value bias = bias(layer, pointwise.shape().size(0));
    int[] ones = IntStream.generate(() -> 1).limit(image.spatialRank()).toArray();
    Value out = conv(layer, middle, pointwise, WindowPadding.valid(ones, ones, ones), 1, bias);
    return layer.activate(image.like(out));
  }

  private static Value convolve(
      LayerCall layer, Image image, Value kernel, int groups, @Nullable Value bias) {
    int rank = image.spatialRank();
    int[] size = Arrays.copyOfRange(kernel.shape().sizes(), 2, kernel.rank());
    WindowPadding window =
        WindowPadding.of(
            layer,
            image.sizes(),
            size,
            layer.config().positives("strides", rank, 1),
            layer.config().positives("dilation_rate", rank, 1));
    return conv(layer, image.value(), kernel, window, groups, bias);
  }

  private static Value conv(
      LayerCall layer,
      Value x,
      Value kernel,
      WindowPadding window,
      int groups,
      @Nullable Value bias) {
    Attributes attributes = window.attributes().with("group", groups);
    return bias == null
        ? layer.graph().node(Op.CONV, attributes, x, kernel)
        : layer.graph().node(Op.CONV, attributes, x, kernel, bias);
  }

  /** {@return (spatial.., inputs, outputs) as (outputs, inputs, spatial..)} */
  static Weight outputsFirst(Weight kernel) {
    int rank = kernel.rank();
    return kernel.transpose(
        IntStream.range(0, rank)
            .map(axis -> axis == 0 ? rank - 1 : axis == 1 ? rank - 2 : axis - 2)
            .toArray());
  }

  /** {@return (spatial.., channels, multiplier) as (channels * multiplier, 1, spatial..)} */
  private static Value depthwiseKernel(Weight kernel, int channels) {
    int rank = kernel.rank();
    int[] shape = kernel.shape();
    if (shape[rank - 2] != channels) {
      throw new IllegalArgumentException(
          "%s takes %d channels, got %d.".formatted(kernel, shape[rank - 2], channels));
    }
    int[] axes =
        IntStream.range(0, rank).map(axis -> axis < 2 ? rank - 2 + axis : axis - 2).toArray();
    int[] sizes =
        IntStream.range(0, rank)
            .map(axis -> axis == 0 ? channels * shape[rank - 1] : axis == 1 ? 1 : shape[axis - 2])
            .toArray();
    return kernel.transpose(axes).reshape(sizes).value();
  }

  /** {@return the bias, or null where the layer has none} */
  static @Nullable Value bias(LayerCall layer, int filters) {
    return layer.config().flag("use_bias", true) ? layer.weight("bias", filters).value() : null;
  }
}
