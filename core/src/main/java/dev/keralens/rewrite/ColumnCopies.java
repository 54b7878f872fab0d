package dev.keralens.rewrite;

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
 * Makes, of a graph that computes something of one column of a matrix, the graph that computes it
 * of each: what depends on the column is there once for each, one column after another, and all
 * else once. So every copy is what the rewritings made of one column.
 */
final class ColumnCopies {
  private final Graph graph;
  private final GraphBuilder builder;
  private final Set<Value> dependents = new HashSet<>();
  private final Value column;

  private ColumnCopies(Graph graph) {
    this.graph = graph;
    this.builder = GraphBuilder.from(graph);
    this.column = graph.outputs().get(0);
    dependents.add(column);
    for (Node node : graph.nodes()) {
      if (node.inputs().stream().anyMatch(dependents::contains)) {
        dependents.addAll(node.outputs());
      }
    }
  }

  /**
   * {@return the graph for all columns}
   *
   * @param one the graph for one: its first output is the column, a slice of the last axis
   * @param columns how many columns there are
   */
  static Graph of(Graph one, int columns) {
    ColumnCopies copies = new ColumnCopies(one);
    List<List<Value>> outputs = new ArrayList<>();
    for (int i = 0; i < columns; i++) {
      outputs.add(copies.outputs(i));
    }
    List<Value> joined = new ArrayList<>();
    for (int i = 1; i < one.outputs().size(); i++) {
      int output = i;
      Value first = one.outputs().get(i);
      joined.add(
          copies.dependents.contains(first)
              ? copies.builder.concat(
                  first.rank() - 1, outputs.stream().map(of -> of.get(output)).toList())
              : first);
    }
    return copies.builder.build(joined);
  }

  /** What stands for the outputs of the graph where its column is another one. */
  private List<Value> outputs(int index) {
    if (index == 0) {
      return graph.outputs();
    }
    Node slice = graph.producer(column).orElseThrow();
    if (slice.op() != Op.SLICE) {
      throw new IllegalArgumentException("A column is a slice, got " + slice + ".");
    }
    Map<Value, Value> copies = new HashMap<>();
    int[] axis = {column.rank() - 1};
    int[] start = {index};
    copies.put(column, builder.slice(slice.input(0), axis, start, new int[] {index + 1}));
    for (Node node : graph.nodes()) {
      if (node.inputs().stream().anyMatch(dependents::contains)) {
        List<@Nullable Value> operands = new ArrayList<>();
        node.inputs().forEach(in -> operands.add(in == null ? null : copies.getOrDefault(in, in)));
        List<Value> results =
            builder.nodes(node.op(), node.attributes(), node.outputs().size(), operands);
        for (int i = 0; i < results.size(); i++) {
          copies.put(node.outputs().get(i), results.get(i));
        }
      }
    }
    return graph.outputs().stream().map(value -> copies.getOrDefault(value, value)).toList();
  }
}
