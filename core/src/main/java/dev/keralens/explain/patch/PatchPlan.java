package dev.keralens.explain.patch;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.graph.Window;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which values are computed in parts, and which part of each. Values that are read place by place
 * together have the same part, so that nothing is cut between them.
 */
final class PatchPlan {
  /**
   * What it costs to write a number, in multiplications of a convolution; and to cut one out of a
   * value, which is moved several times. As measured, about.
   */
  private static final double WRITTEN = 20;

  private static final double CUT = 200;

  private final Graph graph;
  private final PatchRules rules;
  private final Value target;
  private final Set<Value> needed;
  private final Map<Value, Area> areas = new LinkedHashMap<>();
  private final Map<Node, PatchRules.Kind> kinds = new LinkedHashMap<>();
  private final Map<Value, Value> together = new HashMap<>();
  private final Map<Value, Area> common = new HashMap<>();
  private final Set<Value> whole = new HashSet<>();

  /**
   * A plan.
   *
   * @param input the input
   * @param windows what is changed of it
   * @param target the value that is computed
   * @param needed the values that it depends on
   * @param largest a value of which a window reaches a larger part is computed whole
   */
  PatchPlan(
      Graph graph, Value input, Area windows, Value target, Set<Value> needed, double largest) {
    this.graph = graph;
    this.target = target;
    this.rules = new PatchRules(graph);
    this.needed = needed;
    add(input, windows);
    for (Node node : graph.nodes()) {
      if (node.outputs().stream().anyMatch(needed::contains)) {
        follow(node);
      }
    }
    for (Map.Entry<Value, Area> entry : areas.entrySet()) {
      common.merge(root(entry.getKey()), entry.getValue(), PatchPlan::both);
    }
    common.forEach(
        (value, area) -> {
          if (area.part() > largest) {
            whole.add(value);
          }
        });
    while (spread()) {}
  }

  private static Area both(Area a, Area b) {
    return new Area(a.down(), a.across(), a.y().union(b.y()), a.x().union(b.x()));
  }

  private void add(Value value, Area area) {
    areas.put(value, area);
    together.put(value, value);
  }

  private Value root(Value value) {
    Value root = value;
    Value next = together.getOrDefault(root, root);
    while (!next.equals(root)) {
      root = next;
      next = together.getOrDefault(root, root);
    }
    return root;
  }

  private void follow(Node node) {
    boolean changes = node.inputs().stream().anyMatch(v -> v != null && areas.containsKey(v));
    PatchRules.Kind kind = changes ? rules.kind(node, areas) : null;
    if (kind == null) {
      return;
    }
    add(node.output(), rules.area(kind, node, areas));
    kinds.put(node, kind);
    if (kind == PatchRules.Kind.POINTWISE || kind == PatchRules.Kind.TRANSPOSE) {
      node.inputs().stream()
          .filter(areas::containsKey)
          .forEach(value -> together.put(root(value), root(node.output())));
    }
  }

  /** What reads a whole value gives one. */
  private boolean spread() {
    boolean changed = false;
    for (Node node : kinds.keySet()) {
      boolean reads =
          node.inputs().stream().anyMatch(v -> v != null && areas.containsKey(v) && isWhole(v));
      if (reads && whole.add(root(node.output()))) {
        changed = true;
      }
    }
    return changed;
  }

  private boolean isWhole(Value value) {
    return whole.contains(root(value));
  }

  /** The part of a value that is computed; null where it is whole. */
  @Nullable Area part(Value value) {
    if (!areas.containsKey(value) || isWhole(value)) {
      return null;
    }
    Area own = Objects.requireNonNull(areas.get(value));
    Area all = Objects.requireNonNull(common.get(root(value)));
    return new Area(own.down(), own.across(), all.y(), all.x());
  }

  /** The nodes that are computed in parts, in order. */
  Map<Node, PatchRules.Kind> kinds() {
    Map<Node, PatchRules.Kind> partly = new LinkedHashMap<>();
    kinds.forEach(
        (node, kind) -> {
          if (part(node.output()) != null) {
            partly.put(node, kind);
          }
        });
    return partly;
  }

  /** The values that are computed in parts and read by what is whole. */
  List<Value> pasted() {
    Map<Node, PatchRules.Kind> partly = kinds();
    Set<Value> read = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (!partly.containsKey(node) && node.outputs().stream().anyMatch(needed::contains)) {
        node.inputs().stream().filter(v -> v != null).forEach(read::add);
      }
    }
    read.add(target);
    List<Value> pasted = new ArrayList<>();
    areas.keySet().stream().filter(v -> read.contains(v) && part(v) != null).forEach(pasted::add);
    return pasted;
  }

  /** The multiplications of a pass, as a part of those of a full one. */
  double share() {
    return ratio(0);
  }

  /**
   * What a pass costs as a part of a full one, with what is written and what is cut.
   *
   * @param cut how many numbers are cut out of values
   */
  double cost(double cut) {
    return ratio(WRITTEN) + CUT * cut / work(WRITTEN);
  }

  /** The multiplications of a full pass for each number that is written. */
  double density() {
    double multiplications = work(0);
    return multiplications / Math.max(1, work(1) - multiplications);
  }

  private double ratio(double written) {
    double own = 0;
    for (Node node : graph.nodes()) {
      if (node.outputs().stream().anyMatch(needed::contains)) {
        Area part = part(node.output());
        double work = work(node, written);
        own += part == null ? work : work * part.part();
      }
    }
    double all = work(written);
    return all == 0 ? 1 : own / all;
  }

  private double work(double written) {
    return graph.nodes().stream()
        .filter(node -> node.outputs().stream().anyMatch(needed::contains))
        .mapToDouble(node -> work(node, written))
        .sum();
  }

  /** The multiplications of convolutions and products of matrices, and what is written. */
  private static double work(Node node, double written) {
    double elements = Math.abs((double) node.output().shape().elements());
    double each = written;
    if (node.op() == Op.CONV) {
      Window w = Window.of(node);
      double area = 1;
      for (int i = 0; i < w.rank(); i++) {
        area *= w.kernel()[i];
      }
      each += node.input(1).shape().size(1) * area;
    } else if (node.op() == Op.MAT_MUL || node.op() == Op.GEMM) {
      each += Math.abs(node.input(0).shape().size(-1));
    }
    return elements * each;
  }
}
