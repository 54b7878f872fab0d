package dev.keralens.grad;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.graph.Window;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of max pooling along one axis.
 *
 * <p>One position of the window after the other is compared with the maximum. The gradient of the
 * maximum among the first k positions is that of the window where one of them is the maximum, and
 * zero elsewhere; each position has what it adds to those before it, and the last one the rest,
 * uncompared. What falls on one phase of the stride is summed, and the phases interleaved.
 */
final class MaxPoolingAxis {
  private final Backward n;
  private final GraphBuilder b;
  private final Value x;
  private final Value y;
  private final int axis;
  private final int kernel;
  private final int stride;
  private final int dilation;
  private final int before;
  private final int size;
  private final Map<Integer, Value> sources = new HashMap<>();

  /**
   * @param axis the spatial axis, from 0
   * @param x what is pooled
   * @param y the maxima
   */
  MaxPoolingAxis(Backward n, Window window, int axis, Value x, Value y) {
    this.n = n;
    this.b = n.builder();
    this.x = x;
    this.y = y;
    this.axis = axis + 2;
    this.kernel = window.kernel()[axis];
    this.stride = window.strides()[axis];
    this.dilation = window.dilations()[axis];
    this.before = window.before()[axis];
    this.size = x.shape().size(axis + 2);
  }

  /**
   * {@return the gradient with respect to what is pooled}
   *
   * @param dy that with respect to the maxima
   */
  Value gradient(Value dy) {
    List<@Nullable Value> phases = new ArrayList<>(Collections.nCopies(stride, null));
    Value taken = null;
    Value known = null;
    for (int k = 0; k < kernel; k++) {
      Value sum = dy;
      if (k < kernel - 1) {
        Value hit = b.node(Op.EQUAL, elements(k * dilation), y);
        taken = taken == null ? hit : b.node(Op.OR, taken, hit);
        sum = n.times(dy, b.cast(taken, y.type()));
      }
      collect(k * dilation, known == null ? sum : b.sub(sum, known), phases);
      known = sum;
    }
    return window(Interleaving.interleave(b, phases, axis), 0, size);
  }

  /**
   * The elements at an offset of each window. Taking every s-th element is slow, so that is done
   * once for each phase of the stride; offsets that differ by whole strides are parts of one phase.
   */
  private Value elements(int offset) {
    int start = offset / stride;
    Value all = sources.computeIfAbsent(offset % stride, this::source);
    int end = start + y.shape().size(axis);
    return start == 0 && end == all.shape().size(axis)
        ? all
        : b.slice(all, new int[] {axis}, new int[] {start}, new int[] {end});
  }

  /**
   * The elements of a phase of the stride, with what is less than every number around them. They
   * are taken before padding, which is then cheaper, and which would stand between the engine and a
   * faster way to take them.
   */
  private Value source(int phase) {
    int last = Math.max(0, (kernel - 2) * dilation - phase) / stride;
    int wanted = y.shape().size(axis) + last;
    int first = Math.floorMod(phase - before, stride);
    if (first >= size) {
      return taken(lowest(x, before, wanted * stride), phase);
    }
    int ahead = (first - (phase - before)) / stride;
    Value inside = taken(x, first);
    int behind = wanted - ahead - inside.shape().size(axis);
    return lowest(inside, ahead, Math.max(0, behind));
  }

  private Value taken(Value all, int first) {
    return stride == 1
        ? all
        : b.node(
            Op.SLICE,
            all,
            b.ints(first),
            b.ints(all.shape().size(axis)),
            b.ints(axis),
            b.ints(stride));
  }

  private Value lowest(Value inside, int ahead, int behind) {
    if (ahead == 0 && behind == 0) {
      return inside;
    }
    int[] pads = new int[2 * x.rank()];
    pads[axis] = ahead;
    pads[x.rank() + axis] = behind;
    Value lowest = b.scalar(Double.NEGATIVE_INFINITY, x.type());
    return b.node(Op.PAD, inside, b.ints(pads), lowest);
  }

  /**
   * Adds a part to its phase of what is given back, shifted by the whole strides of its offset, and
   * without what lies outside.
   */
  private void collect(int offset, Value part, List<@Nullable Value> phases) {
    int from = offset - before;
    int phase = Math.floorMod(from, stride);
    Value moved = window(part, -Math.floorDiv(from, stride), -Math.floorDiv(-size, stride));
    Value sum = phases.get(phase);
    phases.set(phase, sum == null ? moved : b.add(sum, moved));
  }

  private Value window(Value value, int from, int wanted) {
    int[] before = new int[value.rank()];
    int[] after = new int[value.rank()];
    before[axis] = -from;
    after[axis] = wanted + from - value.shape().size(axis);
    return b.pad(value, before, after);
  }
}
