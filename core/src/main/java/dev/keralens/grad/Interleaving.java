package dev.keralens.grad;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Interleaving of values along spatial axes: the transpose of taking every s-th element. */
final class Interleaving {
  private Interleaving() {}

  /**
   * Gives (v0[0], v1[0], ..., v0[1], v1[1], ...) along an axis.
   *
   * @param phases values of one shape, null for zeros; at least one is given
   */
  static Value interleave(GraphBuilder b, List<@Nullable Value> phases, int axis) {
    int stride = phases.size();
    Value some = phases.stream().filter(v -> v != null).findFirst().orElseThrow();
    if (stride == 1) {
      return some;
    }
    int last = stride - 1;
    while (phases.get(last) == null) {
      last--;
    }
    List<Value> columns = new ArrayList<>();
    for (@Nullable Value phase : phases.subList(0, last + 1)) {
      Value present = phase == null ? b.mul(some, 0) : phase;
      columns.add(b.reshape(present, present.shape().insert(axis + 1, 1)));
    }
    Value joined = b.concat(axis + 1, columns);
    int[] none = new int[joined.rank()];
    int[] after = none.clone();
    after[axis + 1] = stride - 1 - last;
    Shape shape = some.shape();
    return b.reshape(b.pad(joined, none, after), shape.with(axis, shape.size(axis) * stride));
  }

  /** Puts zeros between and after the elements: each becomes the first of {@code stride}. */
  static Value spread(GraphBuilder b, Value x, int axis, int stride) {
    List<@Nullable Value> phases = new ArrayList<>();
    phases.add(x);
    for (int i = 1; i < stride; i++) {
      phases.add(null);
    }
    return interleave(b, phases, axis);
  }

  /**
   * Cuts or fills up with zeros so that position 0 becomes {@code from} and the size is as given.
   */
  static Value window(GraphBuilder b, Value x, int axis, int from, int size) {
    int[] before = new int[x.rank()];
    int[] after = new int[x.rank()];
    before[axis] = -from;
    after[axis] = size + from - x.shape().size(axis);
    return b.pad(x, before, after);
  }
}
