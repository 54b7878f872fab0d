package dev.keralens.keras.layer;

import dev.keralens.graph.Shape;
import dev.keralens.keras.Weight;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * The windows of a locally connected layer: which elements of the flattened input each place of the
 * output is made of, and where the kernel for them is stored.
 *
 * @param sizes the input's size along each spatial axis
 * @param channels the input's channels
 * @param kernel the window's size along each spatial axis
 * @param strides the steps between windows
 * @param same whether windows reach beyond the image
 * @param channelsFirst whether the channels come before the spatial axes
 * @param filters the output's channels
 */
@SuppressWarnings("ArrayRecordComponent") // Neither compared nor used as a key.
record LocalWindows(
    int[] sizes,
    int channels,
    int[] kernel,
    int[] strides,
    boolean same,
    boolean channelsFirst,
    int filters) {

  /**
   * {@return the windows by a layer's arguments}
   *
   * @param layer the layer
   * @param input the shape of what it is called with, as Keras shows it
   */
  static LocalWindows of(LayerCall layer, Shape input) {
    boolean first = layer.isChannelsFirst();
    int rank = input.rank() - 2;
    int from = first ? 2 : 1;
    return new LocalWindows(
        Arrays.copyOfRange(input.sizes(), from, from + rank),
        input.size(first ? 1 : -1),
        layer.config().positives("kernel_size", rank, 1),
        layer.config().positives("strides", rank, 1),
        layer.config().text("padding", "valid").equals("same"),
        first,
        layer.config().integer("filters"));
  }

  /** {@return the number of elements of an input} */
  int inputs() {
    return Math.multiplyExact(product(sizes), channels);
  }

  /** {@return the output's size along each spatial axis} */
  int[] outputs() {
    int[] outputs = new int[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      int windows = same ? sizes[i] : sizes[i] - kernel[i] + 1;
      if (windows < 1) {
        throw new IllegalArgumentException(
            "its window %s does not fit into %s."
                .formatted(Arrays.toString(kernel), Arrays.toString(sizes)));
      }
      outputs[i] = (windows + strides[i] - 1) / strides[i];
    }
    return outputs;
  }

  /** {@return the number of windows} */
  int places() {
    return product(outputs());
  }

  /** {@return the number of elements in a window} */
  int reach() {
    return product(kernel) * channels;
  }

  /** {@return for each window its elements in the flattened input; 0 for those beyond it} */
  int[] gathered() {
    int[] elements = new int[places() * reach()];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = Math.max(0, element(i / reach(), i % reach()));
    }
    return elements;
  }

  /**
   * {@return the kernels as (places, window's elements, filters)}
   *
   * @param stored the weight
   * @param implementation Keras' number for how it is stored: 1 as it is used; 2 a dense matrix
   *     from inputs to outputs; 3 the elements of that matrix that may differ from zero
   */
  Weight kernel(Weight stored, int implementation) {
    int[] shape = {places(), reach(), filters};
    if (implementation == 1) {
      return stored.reshape(shape);
    }
    return stored.map("windows", shape, tensor -> windows(tensor.toFloatArray(), implementation));
  }

  private Tensor windows(float[] stored, int implementation) {
    int places = places();
    int reach = reach();
    float[] kernels = new float[places * reach * filters];
    TreeMap<Long, Integer> order = new TreeMap<>();
    for (int i = 0; i < kernels.length; i++) {
      int place = i / filters / reach;
      int element = element(place, i / filters % reach);
      if (element < 0) {
        continue;
      }
      int output = output(place, i % filters);
      if (implementation == 2) {
        kernels[i] = stored[element * places * filters + output];
      } else {
        order.put((long) output * product(sizes) * channels + element, i);
      }
    }
    int next = 0;
    for (int i : order.values()) {
      kernels[i] = stored[next++];
    }
    return Tensor.of(kernels, places, reach, filters);
  }

  /** An element of a window in the flattened input, or -1 where it lies beyond it. */
  private int element(int place, int offset) {
    int window = product(kernel);
    int channel = channelsFirst ? offset / window : offset % channels;
    int inside = channelsFirst ? offset % window : offset / channels;
    int[] outputs = outputs();
    int position = 0;
    int scale = 1;
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      int start = place % outputs[axis] * strides[axis] - (same ? kernel[axis] / 2 : 0);
      int at = start + inside % kernel[axis];
      if (at < 0 || at >= sizes[axis]) {
        return -1;
      }
      position += at * scale;
      scale *= sizes[axis];
      place /= outputs[axis];
      inside /= kernel[axis];
    }
    return channelsFirst ? channel * scale + position : position * channels + channel;
  }

  private int output(int place, int filter) {
    return channelsFirst ? filter * places() + place : place * filters + filter;
  }

  private static int product(int[] numbers) {
    return Arrays.stream(numbers).reduce(1, Math::multiplyExact);
  }
}
