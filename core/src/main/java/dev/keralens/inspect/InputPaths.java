package dev.keralens.inspect;

import dev.keralens.graph.Node;
import dev.keralens.graph.Value;
import dev.keralens.network.Network;
import dev.keralens.network.search.Dependencies;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The paths from one input of a network to what is explained: the values on them, in the order of
 * computation, and those that every path passes.
 *
 * <p>A value is passed by every path where no node reads something before it to give something
 * after it: in an order of computation, no edge goes over it. All values here are reached from the
 * input and reach the target.
 */
final class InputPaths {
  private final Value target;
  private final List<Node> nodes;
  private final Map<Value, Node> producers = new HashMap<>();
  private final Map<Value, Integer> places = new LinkedHashMap<>();
  private final int[] over;

  InputPaths(Network network, Value source, Value target) {
    this.target = target;
    Set<Value> needed = Dependencies.order(network, target).keySet();
    if (needed.contains(source)) {
      places.put(source, 0);
    }
    this.nodes = network.graph().nodes().stream().filter(node -> add(node, needed)).toList();
    this.over = new int[places.size() + 1];
    for (Node node : nodes) {
      for (Value value : node.outputs()) {
        for (Value read : node.inputs()) {
          if (contains(value) && read != null && contains(read)) {
            over[place(read) + 1]++;
            over[place(value)]--;
          }
        }
      }
    }
    for (int i = 1; i < over.length; i++) {
      over[i] += over[i - 1];
    }
  }

  private boolean add(Node node, Set<Value> needed) {
    if (node.inputs().stream().noneMatch(places::containsKey)) {
      return false;
    }
    boolean added = false;
    for (Value value : node.outputs()) {
      if (needed.contains(value)) {
        places.put(value, places.size());
        producers.put(value, node);
        added = true;
      }
    }
    return added;
  }

  /** {@return whether the target depends on the input at all} */
  boolean exist() {
    return contains(target);
  }

  Value target() {
    return target;
  }

  /** {@return the nodes on the paths, each after those that it reads} */
  List<Node> nodes() {
    return nodes;
  }

  boolean contains(Value value) {
    return places.containsKey(value);
  }

  /** {@return the place of a value in the order of computation} */
  int place(Value value) {
    return places.getOrDefault(value, -1);
  }

  /** {@return whether every path passes a value} */
  boolean allPass(Value value) {
    return contains(value) && over[place(value)] == 0;
  }

  /** {@return the values from which every way to the target passes a node of a kind} */
  Set<Value> alwaysBefore(Predicate<Node> kind) {
    Set<Value> without = new HashSet<>(Set.of(target));
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (!kind.test(node) && node.outputs().stream().anyMatch(without::contains)) {
        node.inputs().stream().filter(v -> v != null && contains(v)).forEach(without::add);
      }
    }
    Set<Value> found = new HashSet<>(places.keySet());
    found.removeAll(without);
    return found;
  }

  /** {@return the values that a node of a kind was passed on some way to} */
  Set<Value> after(Predicate<Node> kind) {
    Set<Value> found = new HashSet<>();
    for (Node node : nodes) {
      if (kind.test(node) || node.inputs().stream().anyMatch(found::contains)) {
        found.addAll(node.outputs());
      }
    }
    return found;
  }

  /** {@return a value, and those on the paths that come of it by nodes of a kind only} */
  Set<Value> reached(Value from, Predicate<Node> kind) {
    Set<Value> found = new HashSet<>(Set.of(from));
    for (Node node : nodes) {
      if (node.inputs().stream().anyMatch(found::contains) && kind.test(node)) {
        node.outputs().stream().filter(this::contains).forEach(found::add);
      }
    }
    return found;
  }

  /** {@return the values to which some way from a value passes a node of a kind} */
  Set<Value> through(Value from, Predicate<Node> kind) {
    Set<Value> reached = reached(from, node -> true);
    Set<Value> found = new HashSet<>();
    for (Node node : nodes) {
      boolean passes = kind.test(node) && node.inputs().stream().anyMatch(reached::contains);
      if (passes || node.inputs().stream().anyMatch(found::contains)) {
        found.addAll(node.outputs());
      }
    }
    return found;
  }

  /** {@return of some values, those that a way to the target passes last} */
  Set<Value> last(Set<Value> of) {
    Set<Value> open = new HashSet<>(Set.of(target));
    Set<Value> found = new LinkedHashSet<>();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      boolean goesOn = false;
      for (Value value : node.outputs()) {
        if (open.contains(value)) {
          boolean ends = of.contains(value) && !value.equals(target);
          goesOn |= !ends;
          if (ends) {
            found.add(value);
          }
        }
      }
      if (goesOn) {
        node.inputs().stream().filter(v -> v != null && contains(v)).forEach(open::add);
      }
    }
    return found;
  }

  /** {@return the nodes on the paths that read a value} */
  List<Node> readers(Value value) {
    return nodes.stream().filter(node -> node.inputs().contains(value)).toList();
  }

  /** {@return the node that computes a value of the paths; null for the input} */
  @Nullable Node producer(Value value) {
    return producers.get(value);
  }
}
