package dev.keralens.graph;

import java.util.Arrays;
import java.util.List;

/**
 * How a convolution or pooling moves its window, one entry per spatial axis.
 *
 * @param kernel the window's size
 * @param strides the steps between windows
 * @param dilations the steps between the window's elements
 * @param before padding at the beginning
 * @param after padding at the end
 * @param outputPadding what a transposed convolution adds at the end
 * @param ceil whether a last, partial window counts (poolings)
 */
@SuppressWarnings("ArrayRecordComponent") // Windows are never compared.
public record Window(
    int[] kernel,
    int[] strides,
    int[] dilations,
    int[] before,
    int[] after,
    int[] outputPadding,
    boolean ceil) {

  /**
   * {@return the window of a node; automatic padding must have been made explicit}
   *
   * @param node a convolution or pooling
   */
  public static Window of(Node node) {
    return of(node.attributes(), node.inputs().stream().filter(v -> v != null).toList());
  }

  static Window of(Attributes attributes, List<Value> inputs) {
    int[] kernel = attributes.getInts("kernel_shape");
    if (kernel == null) {
      int[] sizes = inputs.get(1).shape().sizes();
      kernel = Arrays.copyOfRange(sizes, 2, sizes.length);
    }
    int rank = kernel.length;
    String auto = attributes.getString("auto_pad", "NOTSET");
    if (!auto.equals("NOTSET") && !auto.equals("VALID")) {
      throw new IllegalArgumentException("automatic padding " + auto + " must be made explicit");
    }
    int[] pads = attributes.getInts("pads", new int[2 * rank]);
    return new Window(
        kernel,
        attributes.getInts("strides", filled(rank, 1)),
        attributes.getInts("dilations", filled(rank, 1)),
        Arrays.copyOfRange(pads, 0, rank),
        Arrays.copyOfRange(pads, rank, 2 * rank),
        attributes.getInts("output_padding", new int[rank]),
        attributes.getInt("ceil_mode", 0) != 0);
  }

  private static int[] filled(int rank, int value) {
    int[] out = new int[rank];
    Arrays.fill(out, value);
    return out;
  }

  /** {@return the number of spatial axes} */
  public int rank() {
    return kernel.length;
  }

  /**
   * {@return how far the window reaches along a spatial axis, its dilation counted}
   *
   * @param axis the spatial axis, from 0
   */
  public int reach(int axis) {
    return Math.addExact(Math.multiplyExact(kernel[axis] - 1, dilations[axis]), 1);
  }

  /**
   * {@return the number of windows along a spatial axis}
   *
   * @param axis the spatial axis, from 0
   * @param size the image's size along it
   */
  public int outputSize(int axis, int size) {
    long room = (long) size + before[axis] + after[axis] - reach(axis);
    if (room < 0) {
      return 0;
    }
    long out = (ceil ? -Math.floorDiv(-room, strides[axis]) : room / strides[axis]) + 1;
    boolean startsInPadding = ceil && (out - 1) * strides[axis] >= (long) size + before[axis];
    return Math.toIntExact(startsInPadding ? out - 1 : out);
  }

  /**
   * {@return the size that a transposed convolution gives along a spatial axis}
   *
   * @param axis the spatial axis, from 0
   * @param size the image's size along it
   */
  public int transposedSize(int axis, int size) {
    return Math.toIntExact(
        (long) strides[axis] * (size - 1)
            + outputPadding[axis]
            + reach(axis)
            - before[axis]
            - after[axis]);
  }
}
