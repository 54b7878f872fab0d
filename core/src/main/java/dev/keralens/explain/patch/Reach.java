package dev.keralens.explain.patch;

import dev.keralens.graph.Window;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What windows of the input reach of a value along one axis: of each window the places from low to
 * high, which is not among them.
 *
 * @param size the size of the axis
 */
record Reach(int size, List<Integer> low, List<Integer> high) {
  /** Windows themselves: they begin at the multiples of the stride, and are cut off at the end. */
  static Reach of(int size, int window, int stride, int count) {
    return new Reach(
        size,
        IntStream.range(0, count).mapToObj(i -> Math.min(i * stride, size)).toList(),
        IntStream.range(0, count).mapToObj(i -> Math.min(i * stride + window, size)).toList());
  }

  /** What is reached behind a convolution or pooling. */
  Reach through(Window window, int axis, int outSize) {
    int stride = window.strides()[axis];
    int before = window.before()[axis];
    int reach = window.reach(axis);
    int[] from = new int[low.size()];
    int[] to = new int[low.size()];
    for (int i = 0; i < from.length; i++) {
      int first = -Math.floorDiv(-(low.get(i) + before - reach + 1), stride);
      int last = Math.floorDiv(high.get(i) - 1 + before, stride);
      from[i] = Math.max(0, Math.min(first, outSize - 1));
      to[i] = Math.max(from[i], Math.min(last + 1, outSize));
    }
    return new Reach(outSize, boxed(from), boxed(to));
  }

  /** What is reached of a value with places before. */
  Reach shifted(int before, int outSize) {
    return new Reach(
        outSize,
        low.stream().map(i -> Math.max(0, Math.min(i + before, outSize - 1))).toList(),
        high.stream().map(i -> Math.max(0, Math.min(i + before, outSize))).toList());
  }

  /** What one or the other reaches, of the same size. */
  Reach union(Reach other) {
    int[] from = new int[low.size()];
    int[] to = new int[low.size()];
    for (int i = 0; i < from.length; i++) {
      from[i] = Math.min(low.get(i), other.low.get(i));
      to[i] = Math.max(high.get(i), other.high.get(i));
    }
    return new Reach(size, boxed(from), boxed(to));
  }

  /** The places of the window that reaches most. */
  int widest() {
    int widest = 1;
    for (int i = 0; i < low.size(); i++) {
      widest = Math.max(widest, high.get(i) - low.get(i));
    }
    return widest;
  }

  /** Places of one number for each window, which hold all that it reaches. */
  Span span() {
    int length = widest();
    return new Span(
        length, low.stream().map(i -> Math.max(0, Math.min(i, size - length))).toList(), size);
  }

  /** Windows of one size that may hang over the end. */
  Span itself() {
    return new Span(widest(), low, size);
  }

  private static List<Integer> boxed(int[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  /**
   * As many places for each window.
   *
   * @param length how many
   * @param starts of each window the first; it may lie before or behind the axis
   * @param size the size of the axis
   */
  record Span(int length, List<Integer> starts, int size) {
    /** The whole axis for each window. */
    static Span whole(int size, int windows) {
      return new Span(size, IntStream.range(0, windows).mapToObj(i -> 0).toList(), size);
    }

    /** The places that a convolution or pooling reads for these. */
    Span read(Window window, int axis, int inSize) {
      int stride = window.strides()[axis];
      int before = window.before()[axis];
      return new Span(
          (length - 1) * stride + window.reach(axis),
          starts.stream().map(i -> i * stride - before).toList(),
          inSize);
    }

    /** The same places of a value that has none before. */
    Span unshifted(int before, int inSize) {
      return new Span(length, starts.stream().map(i -> i - before).toList(), inSize);
    }
  }
}
