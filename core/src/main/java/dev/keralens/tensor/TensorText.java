package dev.keralens.tensor;

import java.util.function.IntFunction;

/** The elements of a small tensor as text, in brackets as NumPy writes them. */
final class TensorText {
  /** More elements than this are not written. */
  static final int MOST = 20;

  private final int[] shape;
  private final IntFunction<String> element;
  private final StringBuilder text = new StringBuilder();
  private int next;

  private TensorText(int[] shape, IntFunction<String> element) {
    this.shape = shape;
    this.element = element;
  }

  /**
   * {@return the elements, such as {@code [[1.0, 2.5], [0.0, 3.0]]}}
   *
   * @param element the text of an element, by its place in row-major order
   */
  static String of(int[] shape, IntFunction<String> element) {
    TensorText text = new TensorText(shape, element);
    text.append(0);
    return text.text.toString();
  }

  private void append(int axis) {
    if (axis == shape.length) {
      text.append(element.apply(next++));
      return;
    }
    text.append('[');
    for (int i = 0; i < shape[axis]; i++) {
      text.append(i == 0 ? "" : ", ");
      append(axis + 1);
    }
    text.append(']');
  }
}
