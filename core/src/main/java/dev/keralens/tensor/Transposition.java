package dev.keralens.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;

/**
 * Another order of the axes of a tensor.
 *
 * <p>The kernels of convolutions and dense layers, nearly all that a model's file holds, have their
 * output channels last in Keras and first in ONNX. This case is done in panels that fit the
 * processor's cache, which are filled and written by copies of many elements, not one by one: it
 * has to be fast in a program that has just started, before Java has compiled it well.
 */
final class Transposition {
  private static final int PANEL_COLUMNS = 32;
  private static final int PANEL_ROWS = 2048;

  private final int width;
  private final int[] sizes;
  private final int[] steps;
  private final int elements;

  /**
   * Prepares a transposition.
   *
   * @param width the bytes of an element: 1, 4 or 8
   * @param shape the size of each axis
   * @param axes the axis that each axis of the result is, a permutation
   */
  Transposition(int width, int[] shape, int[] axes) {
    int rank = shape.length;
    int[] strides = new int[rank];
    int stride = 1;
    for (int axis = rank - 1; axis >= 0; stride *= shape[axis--]) {
      strides[axis] = stride;
    }
    this.width = width;
    elements = stride;
    sizes = new int[rank];
    steps = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      sizes[axis] = shape[axes[axis]];
      steps[axis] = strides[axes[axis]];
    }
  }

  /** {@return the elements in their new order, on the heap} */
  ByteBuffer apply(ByteBuffer data) {
    ByteBuffer out = ByteBuffer.allocate(elements * width).order(ByteOrder.LITTLE_ENDIAN);
    if (elements > 0 && width == Integer.BYTES && sizes.length > 1 && steps[0] == 1) {
      lastFirst(data.duplicate().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer(), out.asIntBuffer());
    } else {
      oneByOne(data, out);
    }
    return out;
  }

  /** The last axis becomes the first: a matrix whose rows are put in another order as well. */
  private void lastFirst(IntBuffer in, IntBuffer out) {
    int columns = sizes[0];
    int rows = elements / columns;
    Places places = new Places(1);
    int[] panel = new int[Math.min(rows, PANEL_ROWS) * Math.min(columns, PANEL_COLUMNS)];
    int[] line = new int[Math.min(rows, PANEL_ROWS)];
    int[] starts = new int[line.length];
    for (int row = 0; row < rows; row += PANEL_ROWS) {
      int high = Math.min(PANEL_ROWS, rows - row);
      for (int i = 0; i < high; i++) {
        starts[i] = places.next();
      }
      for (int column = 0; column < columns; column += PANEL_COLUMNS) {
        int wide = Math.min(PANEL_COLUMNS, columns - column);
        for (int i = 0; i < high; i++) {
          in.get(starts[i] + column, panel, i * wide, wide);
        }
        for (int k = 0; k < wide; k++) {
          for (int i = 0, from = k; i < high; i++, from += wide) {
            line[i] = panel[from];
          }
          out.put((column + k) * rows + row, line, 0, high);
        }
      }
    }
  }

  private void oneByOne(ByteBuffer data, ByteBuffer out) {
    Places places = new Places(0);
    for (int i = 0; i < elements; i++) {
      int from = places.next();
      switch (width) {
        case 4 -> out.putInt(i * 4, data.getInt(from * 4));
        case 8 -> out.putLong(i * 8, data.getLong(from * 8));
        default -> out.put(i, data.get(from));
      }
    }
  }

  /**
   * Where the elements of the result, or of one of its parts, lie in the source, in their order.
   */
  private final class Places {
    private final int first;
    private final int[] index = new int[sizes.length];
    private int place;

    /** {@code first}: the axes before it stay at 0. */
    Places(int first) {
      this.first = first;
    }

    int next() {
      int result = place;
      for (int axis = sizes.length - 1; axis >= first; axis--) {
        place += steps[axis];
        if (++index[axis] < sizes[axis]) {
          break;
        }
        place -= steps[axis] * sizes[axis];
        index[axis] = 0;
      }
      return result;
    }
  }
}
