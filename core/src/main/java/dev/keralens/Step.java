package dev.keralens;

import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Value;
import dev.keralens.runtime.Optimization;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What one operator of a graph computed. */
public final class Step {
  private final String name;
  private final String operator;
  private final Tensor value;

  Step(String name, String operator, Tensor value) {
    this.name = name;
    this.operator = operator;
    this.value = value;
  }

  /** {@return the name of the value, which begins with that of its layer} */
  public String name() {
    return name;
  }

  /** {@return the operator's ONNX name} */
  public String operator() {
    return operator;
  }

  /** {@return the value, in the graph's order of axes: channels before spatial axes} */
  public Tensor value() {
    return value;
  }

  /** Runs a graph as it is, without optimization, and gives out what each node computes. */
  static List<Step> run(Graph graph, List<Tensor> inputs, RuntimeOptions chosen) {
    List<Node> nodes = new ArrayList<>();
    List<Value> values = new ArrayList<>();
    Set<Value> known = new HashSet<>();
    for (Node node : graph.nodes()) {
      for (Value value : node.outputs()) {
        if (known.add(value)) {
          nodes.add(node);
          values.add(value);
        }
      }
    }
    RuntimeOptions plain = chosen.withOptimization(Optimization.NONE).withRewriting(false);
    Graph all = GraphBuilder.from(graph).build(values);
    List<Step> steps = new ArrayList<>();
    try (CompiledGraph compiled = CompiledGraph.compile(all, plain)) {
      List<Tensor> results = compiled.run(inputs);
      for (int i = 0; i < results.size(); i++) {
        String operator = nodes.get(i).op().onnxName();
        steps.add(new Step(values.get(i).name(), operator, results.get(i)));
      }
    }
    return steps;
  }

  /** {@return whether no element is NaN or infinite} */
  public boolean isFinite() {
    for (float element : value.toFloatArray()) {
      if (!Float.isFinite(element)) {
        return false;
      }
    }
    return true;
  }

  /** {@return the operator, the name, the shape and the range, in a line} */
  @Override
  public String toString() {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float element : value.toFloatArray()) {
      low = Math.min(low, element);
      high = Math.max(high, element);
    }
    return String.format(Locale.ROOT, "%s %s %s: %g to %g", operator, name, value, low, high);
  }
}
