package dev.keralens.keras.build;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Shapes without their batch, in which a size may be open. */
final class SymbolicShapes {
  private SymbolicShapes() {}

  /** {@return a shape as Keras shows it} */
  static String describe(int... shape) {
    return Arrays.stream(shape)
        .mapToObj(size -> size == ModelBuilder.OPEN ? ", None" : ", " + size)
        .collect(Collectors.joining("", "(None", ")"));
  }

  /** {@return the shape of an operation on each element of several tensors} */
  static int[] broadcast(List<int[]> shapes) {
    int rank = shapes.stream().mapToInt(shape -> shape.length).max().orElse(0);
    int[] out = new int[rank];
    Arrays.fill(out, 1);
    for (int[] shape : shapes) {
      for (int i = 0; i < shape.length; i++) {
        int axis = rank - shape.length + i;
        if (out[axis] == 1) {
          out[axis] = shape[i];
        } else if (shape[i] != 1 && shape[i] != out[axis]) {
          if (shape[i] != ModelBuilder.OPEN && out[axis] != ModelBuilder.OPEN) {
            throw new IllegalArgumentException(
                "shapes %s do not broadcast."
                    .formatted(shapes.stream().map(SymbolicShapes::describe).toList()));
          }
          out[axis] = Math.max(shape[i], out[axis]);
        }
      }
    }
    return out;
  }

  /** {@return the shape with its parts joined along an axis} */
  static int[] concatenate(List<int[]> shapes, int axis) {
    int[] out = shapes.get(0).clone();
    for (int[] shape : shapes.subList(1, shapes.size())) {
      if (shape.length != out.length) {
        throw new IllegalArgumentException(
            "%s and %s have another number of axes.".formatted(describe(out), describe(shape)));
      }
      for (int i = 0; i < out.length; i++) {
        if (i == axis) {
          out[i] = open(out[i], shape[i]) ? ModelBuilder.OPEN : out[i] + shape[i];
        } else if (out[i] != shape[i] && !open(out[i], shape[i])) {
          throw new IllegalArgumentException(
              "%s and %s differ beside the axis that joins them."
                  .formatted(describe(out), describe(shape)));
        }
      }
    }
    return out;
  }

  private static boolean open(int a, int b) {
    return a == ModelBuilder.OPEN || b == ModelBuilder.OPEN;
  }

  /**
   * {@return how many places a window has along an axis}
   *
   * @param size the axis, or open
   * @param window how far the window reaches
   * @param stride from place to place
   * @param same whether the axis is padded, so that every stride is a place
   */
  static int windows(int size, int window, int stride, boolean same) {
    if (size == ModelBuilder.OPEN) {
      return size;
    }
    int places = same ? (size + stride - 1) / stride : Math.floorDiv(size - window, stride) + 1;
    if (places < 1) {
      throw new IllegalArgumentException(
          "a window of %d does not fit into %d; use padding 'same' or a larger input."
              .formatted(window, size));
    }
    return places;
  }

  /** {@return the product of the sizes, open where one of them is} */
  static int product(int[] shape) {
    int product = 1;
    for (int size : shape) {
      if (size == ModelBuilder.OPEN) {
        return ModelBuilder.OPEN;
      }
      product = Math.multiplyExact(product, size);
    }
    return product;
  }
}
