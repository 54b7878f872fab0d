package dev.keralens.network.search;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Inputs of whole numbers that a network casts to float before it computes with them, as pixels
 * are: the network takes the cast numbers at once. So they have a gradient, and may be masked,
 * resized or made noisy as others are. The same is done with inputs in double precision.
 *
 * <p>Numbers that an embedding looks up, or that are computed with as whole numbers, stay so.
 */
public final class FloatInputs {
  /** Operators that move elements of their first input; further ones are constants. */
  private static final Set<Op> MOVING =
      EnumSet.of(
          Op.FLATTEN,
          Op.GATHER,
          Op.IDENTITY,
          Op.RESHAPE,
          Op.SLICE,
          Op.SPLIT,
          Op.SQUEEZE,
          Op.TRANSPOSE,
          Op.UNSQUEEZE);

  private final Graph graph;

  /** For each value that is no longer there the one that stands for it, of type float. */
  private final Map<Value, Value> floats = new HashMap<>();

  private FloatInputs(Graph graph) {
    this.graph = graph;
  }

  /**
   * {@return the network, which takes float where it casts its inputs to float}
   *
   * @param network a network
   */
  public static Network of(Network network) {
    Network result = network;
    for (Value input : network.graph().inputs()) {
      boolean other = input.type() != ElementType.FLOAT32 && input.type() != ElementType.BOOL;
      if (other) {
        result = new FloatInputs(result.graph()).lifted(result, input);
      }
    }
    return result;
  }

  private Network lifted(Network network, Value input) {
    floats.put(input, floating(input));
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Node replaced = touches(node) ? replaced(node) : node;
      if (replaced == null) {
        return network;
      }
      nodes.add(replaced);
    }
    if (graph.outputs().stream().anyMatch(floats::containsKey)) {
      return network;
    }
    nodes.removeIf(node -> node.op() == Op.CAST && floats.containsKey(node.output()));
    List<Value> inputs = graph.inputs().stream().map(this::standing).toList();
    Map<String, KerasTensor> named = new LinkedHashMap<>();
    network.named().forEach((name, tensor) -> named.put(name, standing(tensor)));
    return new Network(
        new Graph(inputs, graph.outputs(), nodes, graph.constants()),
        network.inputs().stream().map(this::standing).toList(),
        network.outputs(),
        network.layers().stream().map(this::standing).toList(),
        named,
        network.passing().stream().map(this::standing).toList());
  }

  private static Value floating(Value value) {
    return new Value(value.name(), ElementType.FLOAT32, value.shape());
  }

  private boolean touches(Node node) {
    return node.inputs().stream().anyMatch(value -> value != null && floats.containsKey(value));
  }

  /** The node on floats; null where it computes with whole numbers. A cast stays, to be removed. */
  private @Nullable Node replaced(Node node) {
    List<@Nullable Value> inputs = new ArrayList<>();
    for (Value value : node.inputs()) {
      inputs.add(value == null ? null : standing(value));
    }
    Value first = node.input(0);
    if (node.op() == Op.CAST && floats.containsKey(first)) {
      return cast(node, first);
    }
    if (first.type() == ElementType.FLOAT32) {
      // It reads what a cast gave.
      return node.inputs().stream().allMatch(this::isFloat)
          ? new Node(node.op(), node.attributes(), inputs, node.outputs())
          : null;
    }
    boolean joins = node.op() == Op.CONCAT && node.inputs().stream().allMatch(floats::containsKey);
    boolean moves =
        MOVING.contains(node.op())
            && floats.containsKey(first)
            && node.inputs().stream().skip(1).noneMatch(floats::containsKey);
    if (!joins && !moves) {
      return node.inputs().stream().allMatch(this::isFloat)
          ? new Node(node.op(), node.attributes(), inputs, node.outputs())
          : null;
    }
    node.outputs().forEach(value -> floats.put(value, floating(value)));
    return new Node(
        node.op(), node.attributes(), inputs, node.outputs().stream().map(this::standing).toList());
  }

  /** Whether a value is not one of the whole numbers, or was cast from them. */
  private boolean isFloat(@Nullable Value value) {
    return value == null || !floats.containsKey(value) || value.type() == ElementType.FLOAT32;
  }

  private @Nullable Node cast(Node node, Value from) {
    ElementType to = node.output().type();
    boolean wider = !to.isFloating() && to.bytes() > from.type().bytes();
    boolean single = to == ElementType.FLOAT32 || (wider && !from.type().isFloating());
    if (!single) {
      return null;
    }
    floats.put(node.output(), standing(from));
    return node;
  }

  private Value standing(Value value) {
    return floats.getOrDefault(value, value);
  }

  private KerasTensor standing(KerasTensor tensor) {
    Value value = standing(tensor.value());
    return value == tensor.value()
        ? tensor
        : new KerasTensor(value, tensor.layout(), tensor.steps());
  }

  private Layer standing(Layer layer) {
    List<Layer.Call> calls = new ArrayList<>();
    for (Layer.Call call : layer.calls()) {
      calls.add(
          new Layer.Call(
              call.inputs().stream().map(this::standing).toList(),
              call.outputs().stream().map(this::standing).toList()));
    }
    return new Layer(
        layer.name(), layer.className(), calls, Objects.requireNonNull(layer.weights()));
  }
}
