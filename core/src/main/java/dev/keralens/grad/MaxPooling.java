package dev.keralens.grad;

import static dev.keralens.grad.Backward.gradients;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.graph.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of max pooling: that of each window goes to its first maximum, in row-major order,
 * as in TensorFlow.
 *
 * <p>One position of the window after the other is compared with the maximum; positions that fall
 * on the same phase of the stride are summed, and the phases interleaved.
 */
final class MaxPooling {
  private final Backward n;
  private final GraphBuilder b;
  private final Window window;
  private final int rank;
  private final Value padded;
  private final Map<List<Integer>, Value> phases = new HashMap<>();
  private final Map<List<Integer>, Value> sources = new HashMap<>();
  private @Nullable Value taken;

  static List<@Nullable Value> maxPool(Backward n) {
    return gradients(new MaxPooling(n).gradient());
  }

  private MaxPooling(Backward n) {
    this.n = n;
    this.b = n.builder();
    this.window = Window.of(n.node());
    this.rank = window.rank();
    this.padded = padded();
  }

  private Value padded() {
    int[] pads = new int[2 * (rank + 2)];
    for (int i = 0; i < rank; i++) {
      int last = (n.y().shape().size(i + 2) - 1) * window.strides()[i] + window.reach(i);
      pads[i + 2] = window.before()[i];
      pads[rank + 4 + i] = Math.max(0, last - n.x().shape().size(i + 2) - window.before()[i]);
    }
    return lowest(n.x(), pads);
  }

  /** A value with what is less than every number around it. */
  private Value lowest(Value x, int[] pads) {
    return Arrays.stream(pads).allMatch(pad -> pad == 0)
        ? x
        : b.node(Op.PAD, x, b.ints(pads), b.scalar(Double.NEGATIVE_INFINITY, x.type()));
  }

  private Value gradient() {
    int[] sizes = Arrays.copyOfRange(n.x().shape().sizes(), 2, rank + 2);
    if (Arrays.stream(window.kernel()).allMatch(size -> size == 1)) {
      Value spread = Interleaving.spread(b, n.dy(), window.strides());
      return Interleaving.window(b, spread, window.before(), sizes);
    }
    int count = Arrays.stream(window.kernel()).reduce(1, (p, q) -> p * q);
    for (int k = 0; k < count; k++) {
      int[] offset = new int[rank];
      for (int i = rank - 1, rest = k; i >= 0; rest /= window.kernel()[i--]) {
        offset[i] = rest % window.kernel()[i] * window.dilations()[i];
      }
      collect(offset, n.times(n.dy(), mask(offset, k == count - 1)));
    }
    Value grid = joined(new ArrayList<>(), 0);
    return Interleaving.window(b, grid, new int[rank], sizes);
  }

  /** One where the element at an offset is its window's first maximum. */
  private Value mask(int[] offset, boolean last) {
    Value at = elements(offset);
    Value hit = b.node(Op.EQUAL, at, n.y());
    Value first = taken == null ? hit : b.node(Op.AND, hit, b.node(Op.NOT, taken));
    if (!last) {
      taken = taken == null ? hit : b.node(Op.OR, taken, hit);
    }
    return number(first);
  }

  /**
   * The elements at an offset of each window. Taking every s-th element is slow, so that is done
   * once for each phase of the stride; offsets that differ by whole strides are parts of one phase.
   */
  private Value elements(int[] offset) {
    List<Integer> phase = new ArrayList<>();
    int[] axes = IntStream.range(2, rank + 2).toArray();
    int[] starts = new int[rank];
    int[] ends = new int[rank];
    for (int i = 0; i < rank; i++) {
      int stride = window.strides()[i];
      phase.add(offset[i] % stride);
      starts[i] = offset[i] / stride;
      ends[i] = starts[i] + n.y().shape().size(i + 2);
    }
    Value all = sources.computeIfAbsent(phase, this::source);
    boolean whole =
        IntStream.range(0, rank)
            .allMatch(i -> starts[i] == 0 && ends[i] == all.shape().size(i + 2));
    return whole ? all : b.slice(all, axes, starts, ends);
  }

  /**
   * The elements of a phase of the stride. They are taken before padding, which is then cheaper,
   * and which would stand between the engine and a faster way to take them.
   */
  private Value source(List<Integer> phase) {
    int[] strides = window.strides();
    if (Arrays.stream(strides).allMatch(stride -> stride == 1)) {
      return padded;
    }
    int[] axes = IntStream.range(2, rank + 2).toArray();
    int[] starts = new int[rank];
    int[] pads = new int[2 * (rank + 2)];
    for (int i = 0; i < rank; i++) {
      int from = phase.get(i) - window.before()[i];
      starts[i] = Math.floorMod(from, strides[i]);
      pads[i + 2] = (starts[i] - from) / strides[i];
    }
    if (IntStream.range(0, rank).anyMatch(i -> starts[i] >= n.x().shape().size(i + 2))) {
      return taken(padded, phase.stream().mapToInt(Integer::intValue).toArray(), axes);
    }
    Value inside = taken(n.x(), starts, axes);
    for (int i = 0; i < rank; i++) {
      int size = -Math.floorDiv(phase.get(i) - padded.shape().size(i + 2), strides[i]);
      pads[rank + 4 + i] = size - pads[i + 2] - inside.shape().size(i + 2);
    }
    return lowest(inside, pads);
  }

  private Value taken(Value x, int[] starts, int[] axes) {
    int[] ends = IntStream.of(axes).map(axis -> x.shape().size(axis)).toArray();
    Value strides = b.ints(window.strides());
    return b.node(Op.SLICE, x, b.ints(starts), b.ints(ends), b.ints(axes), strides);
  }

  private Value number(Value truth) {
    return b.cast(truth, n.y().type());
  }

  /**
   * Adds a part to its phase of what is given back, shifted by the whole strides of its offset, and
   * without what lies outside.
   */
  private void collect(int[] offset, Value part) {
    List<Integer> phase = new ArrayList<>();
    int[] before = new int[rank + 2];
    int[] after = new int[rank + 2];
    for (int i = 0; i < rank; i++) {
      int stride = window.strides()[i];
      int from = offset[i] - window.before()[i];
      int size = -Math.floorDiv(-n.x().shape().size(i + 2), stride);
      phase.add(Math.floorMod(from, stride));
      before[i + 2] = Math.floorDiv(from, stride);
      after[i + 2] = size - part.shape().size(i + 2) - before[i + 2];
    }
    phases.merge(phase, b.pad(part, before, after), b::add);
  }

  /** The phases of the axes from a given one on, interleaved; null where there are none. */
  private Value joined(List<Integer> prefix, int axis) {
    Value value = joinedOrNull(prefix, axis);
    if (value == null) {
      throw new AssertionError(prefix);
    }
    return value;
  }

  private @Nullable Value joinedOrNull(List<Integer> prefix, int axis) {
    if (axis == rank) {
      return phases.get(prefix);
    }
    List<@Nullable Value> parts = new ArrayList<>();
    for (int p = 0; p < window.strides()[axis]; p++) {
      List<Integer> longer = new ArrayList<>(prefix);
      longer.add(p);
      parts.add(joinedOrNull(longer, axis + 1));
    }
    boolean none = parts.stream().allMatch(part -> part == null);
    return none ? null : Interleaving.interleave(b, parts, axis + 2);
  }
}
