package dev.keralens.inspect;

import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import dev.keralens.network.search.CallNames;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What comes after the last activation: how a head takes its places away. */
final class PoolingHead {
  private static final Set<Op> PASSING = Set.of(Op.TRANSPOSE, Op.IDENTITY, Op.CAST);
  private static final Set<Op> SUMS =
      Set.of(
          Op.AVERAGE_POOL,
          Op.GLOBAL_AVERAGE_POOL,
          Op.REDUCE_MEAN,
          Op.REDUCE_SUM,
          Op.REDUCE_SUM_SQUARE);

  private static final Set<Op> LINEAR =
      Set.of(Op.CONV, Op.CONV_TRANSPOSE, Op.MAT_MUL, Op.GEMM, Op.ADD, Op.BATCH_NORMALIZATION);

  private PoolingHead() {}

  /** {@return a value, and those that hold the same numbers in another order of axes} */
  private static Set<Value> same(InputPaths paths, Value value) {
    return paths.reached(value, node -> PASSING.contains(node.op()));
  }

  private static List<Node> readers(InputPaths paths, Value value) {
    return same(paths, value).stream()
        .flatMap(v -> paths.readers(v).stream())
        .filter(node -> !PASSING.contains(node.op()))
        .distinct()
        .toList();
  }

  /**
   * {@return whether a value is the first step of the head, so that the activation lies before it:
   * a change of layout, an order of axes for a reshape, an average pooling that is flattened, a
   * reshape to other places, or the power of a generalized mean}
   *
   * @param value the value
   * @param before the activation before it
   */
  static boolean begins(InputPaths paths, KerasTensor value, KerasTensor before) {
    if (same(paths, before.value()).contains(value.value())) {
      return isSameMap(paths, value, before)
          || readers(paths, value.value()).stream()
              .allMatch(node -> node.op() == Op.RESHAPE || node.op() == Op.FLATTEN);
    }
    Node producer = paths.producer(value.value());
    while (producer != null && PASSING.contains(producer.op())) {
      producer = paths.producer(producer.input(0));
    }
    if (producer == null) {
      return false;
    }
    List<Node> readers = readers(paths, value.value());
    return switch (producer.op()) {
      case AVERAGE_POOL, REDUCE_MEAN -> readers.stream().allMatch(PoolingHead::flattens);
      case RESHAPE -> !Arrays.equals(value.places(), before.places());
      case POW, EXP, MUL ->
          isPower(paths, producer) && readers.stream().allMatch(n -> SUMS.contains(n.op()));
      case CLIP, MAX, ADD, ABS ->
          isActivated(paths, before)
              && readers.stream().allMatch(n -> n.op() == Op.POW && isPower(paths, n));
      default -> false;
    };
  }

  /**
   * Whether the places of a value lie as those of the one that it comes from by reordering axes, so
   * that both have the same map: a change of layout, not a map that is turned.
   */
  private static boolean isSameMap(InputPaths paths, KerasTensor value, KerasTensor before) {
    int[] axes = Arrays.stream(value.placeAxes()).map(value::axisInGraph).toArray();
    for (Value v = value.value(); !v.equals(before.value()); ) {
      Node node = paths.producer(v);
      if (node == null) {
        return false;
      }
      int[] order = node.attributes().getInts("perm");
      if (node.op() == Op.TRANSPOSE && order != null) {
        axes = Arrays.stream(axes).map(axis -> order[axis]).toArray();
      }
      v = node.input(0);
    }
    return Arrays.equals(
        axes, Arrays.stream(before.placeAxes()).map(before::axisInGraph).toArray());
  }

  /** Whether a value went through a nonlinearity already, so that bounds are not its first one. */
  private static boolean isActivated(InputPaths paths, KerasTensor before) {
    Node producer = paths.producer(before.value());
    return producer != null && !LINEAR.contains(producer.op());
  }

  /** Whether a node takes each element to a power, or is the exponential. */
  private static boolean isPower(InputPaths paths, Node node) {
    return switch (node.op()) {
      case EXP -> true;
      case POW -> !paths.contains(node.input(1));
      default -> node.input(0).equals(node.input(1));
    };
  }

  private static boolean flattens(Node node) {
    return (node.op() == Op.RESHAPE || node.op() == Op.FLATTEN)
        && node.output().rank() < node.input(0).rank();
  }

  /** {@return whether of a row of tokens the output reads one only, such as a class token} */
  static boolean readsOnePlace(InputPaths paths, KerasTensor tokens) {
    List<Node> readers = readers(paths, tokens.value());
    long size = tokens.value().shape().elements();
    long one = size / tokens.places()[0];
    return !readers.isEmpty()
        && readers.stream()
            .allMatch(
                node ->
                    (node.op() == Op.GATHER || node.op() == Op.SLICE || node.op() == Op.SPLIT)
                        && node.outputs().stream()
                            .filter(paths::contains)
                            .allMatch(v -> v.shape().elements() == one));
  }

  /**
   * {@return the layer that pools or flattens an activation: it reads it and gives fewer spatial
   * axes, or none}
   */
  static Optional<Layer> layer(Network network, InputPaths paths, KerasTensor activation) {
    Set<Value> same = same(paths, activation.value());
    for (Layer layer : network.layers()) {
      for (Layer.Call call : layer.calls()) {
        boolean reads = call.inputs().stream().anyMatch(t -> same.contains(t.value()));
        boolean pools =
            call.outputs().stream()
                .filter(t -> paths.contains(t.value()))
                .allMatch(t -> !SpatialAxes.isSpatial(t) || fewer(t, activation));
        boolean onPaths = call.outputs().stream().anyMatch(t -> paths.contains(t.value()));
        if (reads && pools && onPaths && !CallNames.isModel(network, layer)) {
          return Optional.of(layer);
        }
      }
    }
    return Optional.empty();
  }

  private static boolean fewer(KerasTensor tensor, KerasTensor activation) {
    return tensor.places().length < activation.places().length;
  }
}
