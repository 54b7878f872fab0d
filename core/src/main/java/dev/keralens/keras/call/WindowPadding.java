package dev.keralens.keras.call;

import dev.keralens.graph.Attributes;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How far a convolution or pooling reaches beyond the image, and the attributes that say so to
 * ONNX.
 *
 * @param kernel the window's size along each spatial axis
 * @param strides the steps between windows
 * @param dilations the steps between the window's elements
 * @param before padding at the beginning of each spatial axis
 * @param after padding at its end
 */
@SuppressWarnings("ArrayRecordComponent") // Neither compared nor used as a key.
public record WindowPadding(
    int[] kernel, int[] strides, int[] dilations, int[] before, int[] after) {

  /** {@return a window that stays inside the image} */
  public static WindowPadding valid(int[] kernel, int[] strides, int[] dilations) {
    return new WindowPadding(
        kernel, strides, dilations, new int[kernel.length], new int[kernel.length]);
  }

  /**
   * {@return the window by the layer's {@code padding}}
   *
   * @param layer a convolution or pooling
   * @param sizes the image's size along each spatial axis
   */
  public static WindowPadding of(
      LayerCall layer, int[] sizes, int[] kernel, int[] strides, int[] dilations) {
    String padding = layer.config().text("padding", "valid");
    WindowPadding window = of(padding, sizes, kernel, strides, dilations);
    if (window == null) {
      throw layer.config().wrong("padding", "'valid', 'same' or 'causal'");
    }
    return window;
  }

  /** {@return the window by the name of its padding, or null for an unknown one} */
  public static @Nullable WindowPadding of(
      String padding, int[] sizes, int[] kernel, int[] strides, int[] dilations) {
    return switch (padding.toLowerCase(Locale.ROOT)) {
      case "valid" -> valid(kernel, strides, dilations);
      case "same" -> same(sizes, kernel, strides, dilations);
      case "causal" -> causal(kernel, strides, dilations);
      default -> null;
    };
  }

  /** TensorFlow's rule: just enough for ceil(size / stride) windows, the odd element at the end. */
  public static WindowPadding same(int[] sizes, int[] kernel, int[] strides, int[] dilations) {
    int[] before = new int[kernel.length];
    int[] after = new int[kernel.length];
    for (int i = 0; i < kernel.length; i++) {
      int windows = -Math.floorDiv(-sizes[i], strides[i]);
      int reach = (kernel[i] - 1) * dilations[i] + 1;
      int total = Math.max(0, (windows - 1) * strides[i] + reach - sizes[i]);
      before[i] = total / 2;
      after[i] = total - before[i];
    }
    return new WindowPadding(kernel, strides, dilations, before, after);
  }

  private static WindowPadding causal(int[] kernel, int[] strides, int[] dilations) {
    int[] before =
        IntStream.range(0, kernel.length).map(i -> (kernel[i] - 1) * dilations[i]).toArray();
    return new WindowPadding(kernel, strides, dilations, before, new int[kernel.length]);
  }

  /** {@return the attributes of ONNX's convolutions and poolings} */
  public Attributes attributes() {
    int rank = kernel.length;
    int[] pads = new int[2 * rank];
    System.arraycopy(before, 0, pads, 0, rank);
    System.arraycopy(after, 0, pads, rank, rank);
    return Attributes.of("kernel_shape", kernel)
        .with("strides", strides)
        .with("dilations", dilations)
        .with("pads", pads);
  }
}
