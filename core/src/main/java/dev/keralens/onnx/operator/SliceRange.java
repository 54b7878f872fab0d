package dev.keralens.onnx.operator;

import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What Slice takes along one axis.
 *
 * @param start the first position, from the end where it is negative
 * @param end the position after the last, from the end where it is negative
 * @param step the step
 */
record SliceRange(Linear start, Linear end, long step) {
  /** No axis is as long; exporters write numbers from here on to say "to the end". */
  private static final int TO_THE_END = 1_000_000_000;

  /** {@return the range of each axis, null where all is taken} */
  static @Nullable SliceRange[] of(OnnxNode node, int rank) {
    Numbers starts = node.numbers(1);
    Numbers ends = node.numbers(2);
    int[] axes = node.has(3) ? node.numbers(3).ints() : IntStream.range(0, starts.size()).toArray();
    if (ends.size() != starts.size() || axes.length != starts.size()) {
      throw new IllegalArgumentException(
          "it has %d starts, %d ends and %d axes"
              .formatted(starts.size(), ends.size(), axes.length));
    }
    @Nullable SliceRange[] out = new SliceRange[rank];
    for (int i = 0; i < axes.length; i++) {
      long step = node.has(4) ? node.numbers(4).longs()[i] : 1;
      if (step == 0) {
        throw new IllegalArgumentException("it has a step of 0");
      }
      out[OnnxNode.axis(axes[i], rank)] =
          new SliceRange(starts.elements().get(i), ends.elements().get(i), step);
    }
    return out;
  }

  /** {@return whether it takes the whole of an axis whose size depends on the batch} */
  boolean isWhole(Linear size) {
    if (step != 1 || !start.equals(Linear.ZERO)) {
      return false;
    }
    return end.equals(size) || (end.isFixed() && end.fixed() >= TO_THE_END);
  }

  /** {@return the positions on an axis of a size} */
  int[] positions(int size) {
    return IntStream.range(0, count(size))
        .map(i -> Math.toIntExact(first(size) + i * step))
        .toArray();
  }

  /** {@return the first position on an axis of a size} */
  long first(int size) {
    return clamp(fromStart(start.number(), size), 0, step < 0 ? size - 1 : size);
  }

  /** {@return how many positions it takes on an axis of a size} */
  int count(int size) {
    long from = first(size);
    long to = clamp(fromStart(end.number(), size), step < 0 ? -1 : 0, size);
    long span = step > 0 ? to - from : from - to;
    long width = Math.abs(step);
    return span <= 0 ? 0 : (int) ((span - 1) / width + 1);
  }

  private static double fromStart(double position, int size) {
    return position < 0 ? position + size : position;
  }

  private static long clamp(double value, long low, long high) {
    return (long) Math.max((double) low, Math.min((double) high, value));
  }
}
