package dev.keralens.onnx;

import dev.keralens.graph.Graph;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layout;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds where the channels of each value lie, which ONNX files do not say.
 *
 * <p>Convolutions and poolings have them on axis 1. From there it is followed forward and backward:
 * through operators that keep the axes, and through transpositions that move the channels. An input
 * that no such path reaches is judged by its sizes: 1, 3 or 4 channels. What is left is taken to
 * have its channels last.
 */
final class ChannelAxes {
  private static final Set<Op> ON_AXIS_1 =
      EnumSet.of(
          Op.AVERAGE_POOL,
          Op.BATCH_NORMALIZATION,
          Op.CONV,
          Op.CONV_TRANSPOSE,
          Op.DEPTH_TO_SPACE,
          Op.GLOBAL_AVERAGE_POOL,
          Op.GLOBAL_MAX_POOL,
          Op.INSTANCE_NORMALIZATION,
          Op.LP_POOL,
          Op.LRN,
          Op.MAX_POOL,
          Op.SPACE_TO_DEPTH);

  /** Operators whose output's axes are not those of their operands. */
  private static final Set<Op> MIXING =
      EnumSet.of(
          Op.EINSUM,
          Op.FLATTEN,
          Op.GATHER,
          Op.GATHER_ND,
          Op.GEMM,
          Op.MAT_MUL,
          Op.ONE_HOT,
          Op.RESHAPE,
          Op.SCATTER_ND,
          Op.SQUEEZE,
          Op.TRANSPOSE,
          Op.UNSQUEEZE);

  private final Graph graph;
  private final Map<Value, Boolean> first = new HashMap<>();

  ChannelAxes(Graph graph) {
    this.graph = graph;
    for (Node node : graph.nodes()) {
      if (ON_AXIS_1.contains(node.op())) {
        mark(node.input(0), true);
        node.outputs().forEach(value -> mark(value, true));
      }
    }
    follow();
    graph.inputs().forEach(this::judge);
    follow();
  }

  /** {@return where the channels of a value lie} */
  Layout of(Value value) {
    return first.getOrDefault(value, false) ? Layout.CHANNELS_FIRST : Layout.PLAIN;
  }

  private static boolean hasChannels(Value value) {
    return value.type() != ElementType.BOOL && value.rank() >= 3 && value.rank() <= 5;
  }

  private boolean mark(@Nullable Value value, boolean isFirst) {
    return value != null && hasChannels(value) && first.putIfAbsent(value, isFirst) == null;
  }

  private void judge(Value input) {
    if (hasChannels(input) && input.rank() > 3) {
      boolean last = isChannelCount(input.shape().size(-1));
      mark(input, !last && isChannelCount(input.shape().size(1)));
    }
  }

  private static boolean isChannelCount(int size) {
    return size == 1 || size == 3 || size == 4;
  }

  private void follow() {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Node node : graph.nodes()) {
        changed |= node.op() == Op.TRANSPOSE ? transposed(node) : kept(node);
      }
    }
  }

  private boolean transposed(Node node) {
    int[] perm = node.attributes().getInts("perm");
    int rank = node.output().rank();
    if (perm == null || rank < 3) {
      return false;
    }
    boolean toLast = Arrays.equals(perm, KerasTensor.channelsLast(rank));
    boolean toFirst = Arrays.equals(perm, KerasTensor.channelsFirst(rank));
    if (!toLast && !toFirst) {
      return false;
    }
    Boolean in = first.get(node.input(0));
    Boolean out = first.get(node.output());
    boolean changed = false;
    if (in != null && in == toLast) {
      changed |= mark(node.output(), !in);
    }
    if (out != null && out == toFirst) {
      changed |= mark(node.input(0), !out);
    }
    return changed;
  }

  private boolean kept(Node node) {
    if (MIXING.contains(node.op())) {
      return false;
    }
    int rank = node.output().rank();
    Boolean known = null;
    List<@Nullable Value> operands = node.inputs();
    for (Value value : operands) {
      if (value != null && value.rank() == rank && graph.constant(value) == null) {
        known = known == null ? first.get(value) : known;
      }
    }
    for (Value value : node.outputs()) {
      known = known == null ? first.get(value) : known;
    }
    if (known == null) {
      return false;
    }
    boolean changed = false;
    for (Value value : operands) {
      if (value != null && value.rank() == rank && graph.constant(value) == null) {
        changed |= mark(value, known);
      }
    }
    for (Value value : node.outputs()) {
      changed |= value.rank() == rank && mark(value, known);
    }
    return changed;
  }
}
