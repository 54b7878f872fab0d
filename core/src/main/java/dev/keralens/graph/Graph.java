package dev.keralens.graph;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An immutable graph of operators, in an order in which every node stands after those that it
 * reads.
 */
public final class Graph {
  private final List<Value> inputs;
  private final List<Value> outputs;
  private final List<Node> nodes;
  private final Map<Value, Constant> constants;
  private final Map<Value, Node> producers = new HashMap<>();

  public Graph(
      List<Value> inputs, List<Value> outputs, List<Node> nodes, Map<Value, Constant> constants) {
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.nodes = List.copyOf(nodes);
    this.constants = Collections.unmodifiableMap(new LinkedHashMap<>(constants));
    for (Node node : nodes) {
      node.outputs().forEach(value -> producers.put(value, node));
    }
  }

  /** {@return what is fed to the graph} */
  public List<Value> inputs() {
    return inputs;
  }

  /** {@return what the graph computes} */
  public List<Value> outputs() {
    return outputs;
  }

  /** {@return the nodes, each after those that it reads} */
  public List<Node> nodes() {
    return nodes;
  }

  /** {@return the values that are known when the graph is built} */
  public Map<Value, Constant> constants() {
    return constants;
  }

  /**
   * {@return the constant behind a value, or null where it is computed}
   *
   * @param value a value of this graph
   */
  public @Nullable Constant constant(Value value) {
    return constants.get(value);
  }

  /**
   * {@return the node that computes a value; nothing for inputs and constants}
   *
   * @param value a value of this graph
   */
  public Optional<Node> producer(Value value) {
    return Optional.ofNullable(producers.get(value));
  }

  /**
   * {@return the axes that a reduction leaves out, from 0; all where none is named}
   *
   * @param reduction a node that reduces its first input
   */
  public int[] reducedAxes(Node reduction) {
    int rank = reduction.input(0).rank();
    Value given = reduction.optionalInput(1);
    Constant constant = given == null ? null : constant(given);
    int[] listed =
        constant != null
            ? Arrays.stream(constant.tensor().toLongArray()).mapToInt(Math::toIntExact).toArray()
            : reduction.attributes().getInts("axes");
    int single = reduction.attributes().getInt("axis", Integer.MIN_VALUE);
    int[] axes =
        listed != null && listed.length > 0
            ? listed
            : single != Integer.MIN_VALUE ? new int[] {single} : IntStream.range(0, rank).toArray();
    return Arrays.stream(axes).map(axis -> Math.floorMod(axis, rank)).toArray();
  }

  /** {@return one line a node} */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    inputs.forEach(value -> text.append("input ").append(value).append('\n'));
    for (Node node : nodes) {
      text.append(node.outputs()).append(" = ").append(node).append('\n');
    }
    outputs.forEach(value -> text.append("output ").append(value.name()).append('\n'));
    return text.toString();
  }
}
