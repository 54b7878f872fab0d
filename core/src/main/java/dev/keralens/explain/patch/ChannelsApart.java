package dev.keralens.explain.patch;

import dev.keralens.element.Elementwise;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.network.search.Dependencies;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * How far the channels of an activation stay apart on the way to the output: the last value that
 * everything goes through, and of which each channel is computed of the same channel of the
 * activation alone.
 *
 * <p>There, a channel is what it is with the activation, or what it is without, whatever the other
 * channels are. So both are computed once, and passes that leave out channels choose between them:
 * behind a global pooling, these are numbers in place of maps.
 *
 * @param value the value; the activation itself where its channels are mixed at once
 * @param axis its axis of channels
 */
public record ChannelsApart(Value value, int axis) {
  private static final int MIXED = -1;

  /**
   * {@return how far the channels stay apart}
   *
   * @param network the network
   * @param target what is explained
   * @param activation the activation
   * @param axis its axis of channels
   */
  public static ChannelsApart of(Network network, KerasTensor target, Value activation, int axis) {
    Graph graph = network.graph();
    Set<Value> needed = Dependencies.of(network, target);
    Map<Value, Integer> axes = new HashMap<>(Map.of(activation, axis));
    List<Node> reading = reading(graph, needed, activation);
    Map<Value, Integer> lastRead = new HashMap<>();
    for (int i = 0; i < reading.size(); i++) {
      for (Value value : reading.get(i).inputs()) {
        lastRead.put(value, i);
      }
    }
    ChannelsApart last = new ChannelsApart(activation, axis);
    int others = lastRead.getOrDefault(activation, 0);
    for (int i = 0; i < reading.size(); i++) {
      Node node = reading.get(i);
      int at = node.outputs().size() == 1 ? axisAfter(graph, node, axes) : MIXED;
      node.outputs().forEach(value -> axes.put(value, at));
      Value out = node.outputs().get(0);
      if (others <= i && (at == MIXED || out.equals(target.value()))) {
        break;
      }
      if (others <= i) {
        last = new ChannelsApart(out, at);
      }
      for (Value value : node.outputs()) {
        others = Math.max(others, lastRead.getOrDefault(value, 0));
      }
    }
    return last;
  }

  /** The nodes on the way from the activation to what is needed. */
  private static List<Node> reading(Graph graph, Set<Value> needed, Value activation) {
    Set<Value> dependent = new HashSet<>(List.of(activation));
    List<Node> reading = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.inputs().stream().anyMatch(value -> value != null && dependent.contains(value))
          && node.outputs().stream().anyMatch(needed::contains)) {
        reading.add(node);
        dependent.addAll(node.outputs());
      }
    }
    return reading;
  }

  /** Where the channels are in what a node gives; {@code MIXED} where they are not apart. */
  private static int axisAfter(Graph graph, Node node, Map<Value, Integer> axes) {
    Value first = node.optionalInput(0);
    int axis = first == null ? MIXED : axes.getOrDefault(first, MIXED);
    Value out = node.output();
    if (!out.shape().hasBatch() || !readsNothingElse(node, axes)) {
      return MIXED;
    }
    boolean several =
        switch (node.op()) {
          case ADD, DIV, MAX, MEAN, MIN, MUL, POW, PRELU, SUB, SUM, WHERE -> true;
          default -> false;
        };
    if (!several && node.inputs().stream().skip(1).anyMatch(axes::containsKey)) {
      return MIXED; // a scale, a kernel or a bound that depends on the channels
    }
    int after =
        switch (node.op()) {
          case BATCH_NORMALIZATION,
              AVERAGE_POOL,
              MAX_POOL,
              LP_POOL,
              GLOBAL_AVERAGE_POOL,
              GLOBAL_MAX_POOL ->
              axis == 1 ? 1 : MIXED;
          case CONV -> axis == 1 && isDepthwise(node) ? 1 : MIXED;
          case TRANSPOSE -> axis == MIXED ? MIXED : transposed(node, axis);
          case RESHAPE, FLATTEN, SQUEEZE, UNSQUEEZE ->
              axis == MIXED ? MIXED : reshaped(node.input(0).shape(), axis, out.shape());
          case REDUCE_MAX, REDUCE_MEAN, REDUCE_MIN, REDUCE_SUM ->
              axis == MIXED ? MIXED : reduced(graph, node, axis);
          default -> several ? broadcast(node, axes) : Elementwise.has(node.op()) ? axis : MIXED;
        };
    boolean all = after != MIXED && out.shape().batchAxis() == 0 && after > 0;
    return all && out.shape().size(after) == channels(axes, node) ? after : MIXED;
  }

  private static int channels(Map<Value, Integer> axes, Node node) {
    int channels = MIXED;
    for (Value value : node.inputs()) {
      int axis = value == null ? MIXED : axes.getOrDefault(value, MIXED);
      if (value != null && axis != MIXED) {
        channels = Math.max(channels, value.shape().size(axis));
      }
    }
    return channels;
  }

  /** Whether all that a node reads is of the channels, or the same for all images. */
  private static boolean readsNothingElse(Node node, Map<Value, Integer> axes) {
    return node.inputs().stream()
        .allMatch(value -> value == null || axes.containsKey(value) || !value.shape().hasBatch());
  }

  private static int broadcast(Node node, Map<Value, Integer> axes) {
    int rank = node.output().rank();
    int found = MIXED;
    for (Value value : node.inputs()) {
      if (value == null || !axes.containsKey(value)) {
        continue;
      }
      int axis = axes.get(value);
      if (axis == MIXED || value.rank() != rank || (found != MIXED && found != axis)) {
        return MIXED;
      }
      found = axis;
    }
    return found;
  }

  private static boolean isDepthwise(Node node) {
    int channels = node.input(0).shape().size(1);
    return node.attributes().getInt("group", 1) == channels
        && node.output().shape().size(1) == channels
        && !node.input(1).shape().hasBatch();
  }

  private static int transposed(Node node, int axis) {
    int[] order = node.attributes().getInts("perm");
    int rank = node.output().rank();
    return IntStream.range(0, rank)
        .filter(to -> (order == null ? rank - 1 - to : order[to]) == axis)
        .findFirst()
        .orElse(MIXED);
  }

  /** Only axes of one place are put in or taken out. */
  private static int reshaped(Shape before, int axis, Shape after) {
    int[] from = IntStream.range(0, before.rank()).filter(i -> before.size(i) != 1).toArray();
    int[] to = IntStream.range(0, after.rank()).filter(i -> after.size(i) != 1).toArray();
    boolean same =
        from.length == to.length
            && IntStream.range(0, to.length)
                .allMatch(i -> before.size(from[i]) == after.size(to[i]));
    int at = Arrays.binarySearch(from, axis);
    return same && at >= 0 ? to[at] : MIXED;
  }

  private static int reduced(Graph graph, Node node, int axis) {
    int rank = node.input(0).rank();
    int[] gone = Arrays.stream(graph.reducedAxes(node)).sorted().toArray();
    if (gone.length == 0 || gone[0] == 0 || Arrays.binarySearch(gone, axis) >= 0) {
      return MIXED;
    }
    boolean kept = node.output().rank() == rank;
    return kept ? axis : axis - (int) Arrays.stream(gone).filter(i -> i < axis).count();
  }

  /**
   * {@return what becomes of the value where the activation loses channels}
   *
   * @param b a graph
   * @param graph the network's graph
   * @param activation the activation of the network
   * @param image its value in {@code b}, of one image
   * @param kept 1 for a channel that is kept and 0 for one that is not: (passes, channels)
   */
  public Value without(GraphBuilder b, Graph graph, Value activation, Value image, Value kept) {
    int[] sizes = new int[value.rank()];
    Arrays.fill(sizes, 1);
    sizes[0] = Shape.BATCH;
    sizes[axis] = kept.shape().size(1);
    Value each = b.reshape(kept, Shape.of(sizes));
    if (value.equals(activation)) {
      return b.mul(image, each);
    }
    Value none = b.mul(image, 0);
    Value with = of(b, graph, activation, image);
    Value without = of(b, graph, activation, none);
    // Where is ten times slower than these.
    return b.add(b.mul(each, with), b.mul(b.sub(b.constant(Tensor.scalar(1)), each), without));
  }

  private Value of(GraphBuilder b, Graph graph, Value activation, Value image) {
    Map<Value, Value> copies = b.include(graph, Map.of(activation, image), List.of(value));
    return Objects.requireNonNull(copies.get(value));
  }
}
