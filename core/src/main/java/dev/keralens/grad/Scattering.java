package dev.keralens.grad;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Adds up, at each position of an axis, the slices whose index it is.
 *
 * <p>Positions that are read once are gathered. Those that are read several times are a product
 * with a matrix of zeros and ones, while that is small; else the sum of what each position is read
 * by first, second, and so on.
 */
final class Scattering {
  private static final int LARGEST_MATRIX = 1 << 18;
  private static final int LONG_RUN = 8;

  private final GraphBuilder b;
  private final Value dy;
  private final int axis;
  private final int size;

  private Scattering(GraphBuilder b, Value dy, int axis, int size) {
    this.b = b;
    this.dy = dy;
    this.axis = axis;
    this.size = size;
  }

  /**
   * {@return the sums: dy with the size of the axis}
   *
   * @param index for each position along the axis of dy, where it is added
   */
  static Value of(GraphBuilder b, Value dy, int axis, int[] index, int size) {
    Scattering scattering = new Scattering(b, dy, axis, size);
    boolean once = Arrays.stream(index).distinct().count() == index.length;
    return !once && (long) index.length * size <= LARGEST_MATRIX
        ? scattering.product(index)
        : scattering.sums(index);
  }

  private Value product(int[] index) {
    float[] hits = new float[index.length * size];
    IntStream.range(0, index.length).forEach(i -> hits[i * size + index[i]] = 1);
    int[] order = IntStream.range(0, dy.rank()).toArray();
    order[axis] = dy.rank() - 1;
    order[dy.rank() - 1] = axis;
    Value matrix = b.constant(Tensor.of(hits, index.length, size));
    return b.transpose(b.matMul(b.transpose(dy, order), matrix), order);
  }

  private Value sums(int[] index) {
    List<Value> parts = new ArrayList<>();
    boolean[] done = new boolean[index.length];
    for (int from = 0, to; from < index.length; from = to) {
      to = from + 1;
      while (to < index.length && index[to] == index[from]) {
        to++;
      }
      if (to - from > LONG_RUN) {
        parts.add(run(from, to, index[from]));
        Arrays.fill(done, from, to, true);
      }
    }
    for (int[] from = next(index, done); from.length > 0; from = next(index, done)) {
      int[] after = new int[dy.rank()];
      after[axis] = 1;
      Value padded = b.pad(dy, new int[dy.rank()], after);
      parts.add(b.node(Op.GATHER, Attributes.of("axis", axis), padded, b.ints(from)));
    }
    return parts.stream().reduce(b::add).orElseGet(() -> product(index));
  }

  /** The sum over neighbours that are all added at one position, as those of a border are. */
  private Value run(int from, int to, int position) {
    Value slice = b.slice(dy, new int[] {axis}, new int[] {from}, new int[] {to});
    int[] before = new int[dy.rank()];
    int[] after = before.clone();
    before[axis] = position;
    after[axis] = size - position - 1;
    return b.pad(b.reduceSum(slice, true, axis), before, after);
  }

  /**
   * Of each position, the next place that it is read by, or the one of a zero; empty at the end.
   */
  private int[] next(int[] index, boolean[] done) {
    int[] from = new int[size];
    Arrays.fill(from, index.length);
    boolean any = false;
    for (int i = 0; i < index.length; i++) {
      if (!done[i] && from[index[i]] == index.length) {
        from[index[i]] = i;
        done[i] = true;
        any = true;
      }
    }
    return any ? from : new int[0];
  }
}
