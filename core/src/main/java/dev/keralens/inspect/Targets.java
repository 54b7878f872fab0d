package dev.keralens.inspect;

import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layer;
import dev.keralens.graph.Layout;
import dev.keralens.graph.Network;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What of a network is explained when nothing is named: its logits, and the last activation. */
public final class Targets {
  private static final Set<Op> FINAL_ACTIVATIONS = Set.of(Op.SOFTMAX, Op.SIGMOID, Op.LOG_SOFTMAX);
  private static final Set<String> POOLING =
      Set.of(
          "GlobalAveragePooling1D",
          "GlobalAveragePooling2D",
          "GlobalAveragePooling3D",
          "GlobalMaxPooling1D",
          "GlobalMaxPooling2D",
          "GlobalMaxPooling3D",
          "Flatten");

  /** Operators of ONNX files that pool or flatten where nothing spatial is left after them. */
  private static final Set<String> POOLING_OPERATORS =
      Set.of(
          "AveragePool",
          "GlobalAveragePool",
          "GlobalLpPool",
          "GlobalMaxPool",
          "MaxPool",
          "ReduceMax",
          "ReduceMean",
          "ReduceSum",
          "Reshape");

  private Targets() {}

  /**
   * {@return the logits: an output before its final softmax, sigmoid or logarithm of a softmax, or
   * the output itself where it ends in none of them}
   *
   * @param network the network
   * @param output the position of the output
   */
  public static KerasTensor logits(Network network, int output) {
    KerasTensor given = network.outputs().get(output);
    Value value = given.value();
    Layout layout = given.layout();
    while (true) {
      Optional<Node> producer = network.graph().producer(value);
      if (producer.isEmpty()) {
        return given;
      }
      Node node = producer.get();
      if (FINAL_ACTIVATIONS.contains(node.op())) {
        return new KerasTensor(node.input(0), layout);
      } else if (layout == Layout.PLAIN && movesChannelsLast(node)) {
        layout = Layout.CHANNELS_MOVED;
      } else if (node.op() != Op.IDENTITY) {
        return given;
      }
      value = node.input(0);
    }
  }

  /** Whether a node only brings a map to Keras' order of axes, as at a model's output. */
  private static boolean movesChannelsLast(Node node) {
    int rank = node.output().rank();
    return node.op() == Op.TRANSPOSE
        && rank >= 3
        && Arrays.equals(node.attributes().getInts("perm"), KerasTensor.channelsLast(rank));
  }

  /**
   * Finds the activation that is explained where no layer is named: the input of the last global
   * pooling or {@code Flatten} layer that the target depends on, else the last value with spatial
   * axes that it depends on.
   *
   * @param network the network
   * @param target what is explained
   * @return the activation; nothing if no value before the target has spatial axes
   */
  public static Optional<KerasTensor> activation(Network network, KerasTensor target) {
    Map<Value, Integer> order = order(network, target.value());
    KerasTensor pooled = null;
    KerasTensor last = null;
    for (Layer layer : network.layers()) {
      for (Layer.Call call : layer.calls()) {
        if (isPooling(layer, call) && reaches(call.outputs(), order)) {
          pooled = later(pooled, spatial(call.inputs()), order);
        }
        last = later(last, spatial(call.outputs()), order);
      }
    }
    KerasTensor found = pooled != null ? pooled : last;
    return Optional.ofNullable(found);
  }

  /**
   * {@return the values that a target depends on, itself among them}
   *
   * @param network the network
   * @param target what is explained
   */
  public static Set<Value> dependencies(Network network, KerasTensor target) {
    return order(network, target.value()).keySet();
  }

  private static boolean isPooling(Layer layer, Layer.Call call) {
    return POOLING.contains(layer.className())
        || (POOLING_OPERATORS.contains(layer.className())
            && call.outputs().stream().noneMatch(Targets::isSpatial));
  }

  /** The values that the target depends on, each with its place in the order of computation. */
  private static Map<Value, Integer> order(Network network, Value target) {
    Set<Value> needed = new HashSet<>(List.of(target));
    Deque<Value> open = new ArrayDeque<>(needed);
    while (!open.isEmpty()) {
      network
          .graph()
          .producer(open.pop())
          .ifPresent(
              node ->
                  node.inputs().stream()
                      .filter(value -> value != null && needed.add(value))
                      .forEach(open::push));
    }
    Map<Value, Integer> order = new HashMap<>();
    int place = 1;
    for (Node node : network.graph().nodes()) {
      for (Value value : node.outputs()) {
        if (needed.contains(value)) {
          order.put(value, place++);
        }
      }
    }
    network.graph().inputs().stream()
        .filter(needed::contains)
        .forEach(value -> order.put(value, 0));
    return order;
  }

  private static boolean reaches(List<KerasTensor> outputs, Map<Value, Integer> order) {
    return outputs.stream().anyMatch(tensor -> order.containsKey(tensor.value()));
  }

  private static Optional<KerasTensor> spatial(List<KerasTensor> tensors) {
    return tensors.stream().filter(Targets::isSpatial).findFirst();
  }

  /** Whether a value is (batch, spatial axes..., channels), or with its channels first. */
  static boolean hasSpatialAxes(KerasTensor tensor) {
    return tensor.shape().rank() >= 3 && tensor.shape().size(0) == Shape.BATCH;
  }

  private static boolean isSpatial(KerasTensor tensor) {
    if (!hasSpatialAxes(tensor)) {
      return false;
    }
    long places = 1;
    int channels = tensor.layout() == Layout.CHANNELS_FIRST ? 1 : tensor.shape().rank() - 1;
    for (int axis = 1; axis < tensor.shape().rank(); axis++) {
      places *= axis == channels ? 1 : tensor.shape().size(axis);
    }
    return places > 1;
  }

  private static @Nullable KerasTensor later(
      @Nullable KerasTensor best, Optional<KerasTensor> candidate, Map<Value, Integer> order) {
    if (candidate.isEmpty()) {
      return best;
    }
    int place = order.getOrDefault(candidate.get().value(), 0);
    int before = best == null ? 0 : order.getOrDefault(best.value(), 0);
    return place > before ? candidate.get() : best;
  }
}
