package dev.keralens.rewrite;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One walk over a graph, in which some nodes are replaced. Rules look at the old graph and build
 * with the new values that stand for the old ones.
 */
final class Pass {
  /** Says what stands for the output of a node; null to copy the node. */
  interface Rule {
    @Nullable Value apply(Node node, Pass pass);
  }

  private final Graph graph;
  private final GraphBuilder builder = new GraphBuilder();
  private final Map<Value, Value> copies = new HashMap<>();
  private final Map<Value, List<Node>> readers = new HashMap<>();
  private final Set<Value> outputs;

  private Pass(Graph graph) {
    this.graph = graph;
    this.outputs = new HashSet<>(graph.outputs());
    for (Node node : graph.nodes()) {
      for (Value value : node.inputs()) {
        if (value != null) {
          readers.computeIfAbsent(value, unused -> new ArrayList<>()).add(node);
        }
      }
    }
  }

  /** {@return the graph with a rule applied to each node} */
  static Graph run(Graph graph, Rule rule) {
    Pass pass = new Pass(graph);
    for (Value input : graph.inputs()) {
      pass.copies.put(input, pass.builder.input(input.name(), input.type(), input.shape()));
    }
    graph
        .constants()
        .forEach(
            (value, constant) ->
                pass.copies.put(value, pass.builder.constant(value.name(), constant)));
    for (Node node : graph.nodes()) {
      pass.visit(node, rule);
    }
    return pass.builder.build(graph.outputs().stream().map(pass::copy).toList());
  }

  private void visit(Node node, Rule rule) {
    String name = node.output().name();
    builder.scope(name.contains("/") ? name.substring(0, name.lastIndexOf('/')) : "");
    Value replacement = rule.apply(node, this);
    if (replacement != null) {
      copies.put(node.output(), replacement);
      return;
    }
    List<@Nullable Value> operands = new ArrayList<>();
    node.inputs().forEach(value -> operands.add(value == null ? null : copy(value)));
    List<Value> results =
        builder.nodes(node.op(), node.attributes(), node.outputs().size(), operands);
    for (int i = 0; i < results.size(); i++) {
      copies.put(node.outputs().get(i), results.get(i));
    }
  }

  /** {@return the builder of the new graph} */
  GraphBuilder builder() {
    return builder;
  }

  /** {@return the inputs of the new graph} */
  List<Value> inputs() {
    return graph.inputs().stream().map(this::copy).toList();
  }

  /** {@return the new value that stands for an old one} */
  Value copy(Value value) {
    Value copy = copies.get(value);
    if (copy == null) {
      throw new IllegalStateException(value + " is read before it is computed.");
    }
    return copy;
  }

  /** {@return the node of the old graph that computes a value, if it is of an operator} */
  @Nullable Node producer(Value value, Op... ops) {
    Node node = graph.producer(value).orElse(null);
    return node != null && Set.of(ops).contains(node.op()) ? node : null;
  }

  /** {@return the constant behind a value of the old graph; null where it is computed} */
  @Nullable Constant constant(@Nullable Value value) {
    return value == null ? null : graph.constant(value);
  }

  /** {@return the nodes of the old graph that read a value, one for each time that they do} */
  List<Node> readers(Value value) {
    return readers.getOrDefault(value, List.of());
  }

  /** {@return whether one node reads a value, once, and it is no output of the graph} */
  boolean isReadOnce(Value value) {
    return readers(value).size() == 1 && !outputs.contains(value);
  }

  /** {@return whether a value is an output of the graph} */
  boolean isOutput(Value value) {
    return outputs.contains(value);
  }
}
