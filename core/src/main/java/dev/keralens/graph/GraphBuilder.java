package dev.keralens.graph;

import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import dev.keralens.text.Printable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes graphs. Each operator's output has its type and shape at once; a node that was added
 * before, with the same inputs and attributes, is given back instead of a second one.
 *
 * <p>Not safe for use by several threads.
 */
public final class GraphBuilder extends Operators {
  private final List<Value> inputs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<Value, Node> producers = new HashMap<>();
  private final Map<Value, Constant> constants = new LinkedHashMap<>();
  private final Map<Node.Key, Node> known = new HashMap<>();
  private final Map<SmallKey, Value> knownConstants = new HashMap<>();
  private final Set<Value> kept = new HashSet<>();
  private final Set<String> names = new HashSet<>();
  private final Map<String, Integer> counters = new HashMap<>();
  private String scope = "";

  /** Begins an empty graph. */
  public GraphBuilder() {}

  /**
   * {@return a builder that begins with all that a graph has}
   *
   * @param graph the graph to add to; it stays as it is
   */
  public static GraphBuilder from(Graph graph) {
    GraphBuilder builder = new GraphBuilder();
    builder.inputs.addAll(graph.inputs());
    graph.inputs().forEach(value -> builder.names.add(value.name()));
    graph
        .constants()
        .forEach(
            (value, constant) -> {
              builder.constants.put(value, constant);
              builder.names.add(value.name());
            });
    graph.nodes().forEach(builder::append);
    return builder;
  }

  /**
   * {@return an empty builder of what comes before a graph: no value is called as one of the graph}
   *
   * @param graph what {@link #then} adds; its inputs may have namesakes
   */
  public static GraphBuilder before(Graph graph) {
    GraphBuilder builder = new GraphBuilder();
    graph.constants().keySet().forEach(value -> builder.names.add(value.name()));
    graph.nodes().forEach(node -> node.outputs().forEach(value -> builder.names.add(value.name())));
    return builder;
  }

  /**
   * Adds a graph as it is, its values with their names, behind what {@link #before} began with.
   *
   * @param graph the graph
   * @param fed for some of its inputs, the value that is taken instead, of the same type and shape;
   *     the others become inputs here
   */
  public void then(Graph graph, Map<Value, Value> fed) {
    for (Value input : graph.inputs()) {
      if (!fed.containsKey(input)) {
        names.add(input.name());
        inputs.add(input);
      }
    }
    constants.putAll(graph.constants());
    for (Node node : graph.nodes()) {
      List<@Nullable Value> operands = new ArrayList<>();
      node.inputs()
          .forEach(value -> operands.add(value == null ? null : fed.getOrDefault(value, value)));
      append(new Node(node.op(), node.attributes(), operands, node.outputs()));
    }
  }

  /**
   * Sets the text that the names of the following values begin with, such as a layer's name.
   *
   * @param name the prefix; empty for none
   * @return the prefix until now
   */
  public String scope(String name) {
    String before = scope;
    scope = name;
    return before;
  }

  /**
   * {@return a new input}
   *
   * @param name its name; a number is added where the name is taken
   * @param type the type of its elements
   * @param shape its shape
   */
  public Value input(String name, ElementType type, Shape shape) {
    if (Arrays.stream(shape.sizes()).asDoubleStream().reduce(1, (a, b) -> a * Math.abs(b))
        > ShapeInference.MOST_ELEMENTS) {
      throw new IllegalArgumentException(
          "Input '%s' of shape %s has more elements than any machine holds."
              .formatted(Printable.name(name), shape));
    }
    Value value = new Value(unique(name), type, shape);
    inputs.add(value);
    return value;
  }

  /**
   * {@return a constant with a name, such as a layer's weight}
   *
   * @param name its name; a number is added where the name is taken
   * @param constant its elements
   */
  public Value constant(String name, Constant constant) {
    Value value = new Value(unique(name), constant.type(), Shape.of(constant.shape()));
    constants.put(value, constant);
    return value;
  }

  /**
   * {@return a constant; small equal ones are the same value}
   *
   * @param tensor its elements
   */
  @Override
  public Value constant(Tensor tensor) {
    if (tensor.elements() > 64) {
      return constant(scoped("constant"), Constant.of(tensor));
    }
    byte[] bytes = new byte[tensor.bytes().remaining()];
    tensor.bytes().get(bytes);
    SmallKey key = new SmallKey(tensor.type(), Shape.of(tensor.shape()), Arrays.toString(bytes));
    return knownConstants.computeIfAbsent(key, unused -> constant("constant", Constant.of(tensor)));
  }

  /**
   * {@return a constant that no training made, such as the matrix of an interpolation}
   *
   * @param tensor its elements
   */
  public Value fixed(Tensor tensor) {
    return constant(scoped("constant"), Constant.of(tensor).fixed());
  }

  private record SmallKey(ElementType type, Shape shape, String bytes) {}

  /**
   * {@return the constant behind a value, or null where it is computed}
   *
   * @param value a value of this graph
   */
  public @Nullable Constant constantOf(Value value) {
    return constants.get(value);
  }

  /**
   * {@return the node that computes a value, or null for inputs and constants}
   *
   * @param value a value of this graph
   */
  @Override
  public @Nullable Node producerOf(Value value) {
    return producers.get(value);
  }

  /**
   * Keeps a value that has a name for users, such as a layer's output: what is computed from it
   * from now on is computed from the value itself, and so depends on it.
   *
   * @param value a value of this graph
   */
  public void keep(Value value) {
    kept.add(value);
  }

  @Override
  boolean isKept(Value value) {
    return kept.contains(value);
  }

  /** {@return the nodes until now, each after those that it reads} */
  public List<Node> nodes() {
    return List.copyOf(nodes);
  }

  @Override
  public List<Value> nodes(
      Op op, Attributes attributes, int outputCount, List<@Nullable Value> operands) {
    Node.Key key = new Node.Key(op, attributes, outputCount, operands);
    Node same = known.get(key);
    if (same != null) {
      return same.outputs();
    }
    List<ValueType> types = ShapeInference.infer(op, attributes, outputCount, operands, this::held);
    List<Value> outputs = new ArrayList<>();
    for (ValueType type : types) {
      outputs.add(new Value(unique(scoped(op.onnxName())), type.type(), type.shape()));
    }
    Node node = new Node(op, attributes, operands, outputs);
    append(node);
    return node.outputs();
  }

  private @Nullable Tensor held(Value value) {
    Constant constant = constants.get(value);
    return constant == null ? null : constant.tensor();
  }

  private void append(Node node) {
    nodes.add(node);
    known.put(
        new Node.Key(node.op(), node.attributes(), node.outputs().size(), node.inputs()), node);
    for (Value value : node.outputs()) {
      producers.put(value, node);
      names.add(value.name());
    }
  }

  private String scoped(String name) {
    return scope.isEmpty() ? name : scope + "/" + name;
  }

  private String unique(String name) {
    String candidate = name;
    while (!names.add(candidate)) {
      candidate = name + "_" + counters.merge(name, 1, Integer::sum);
    }
    return candidate;
  }

  /**
   * Adds a copy of a graph, with other values in the place of its inputs.
   *
   * @param graph the graph
   * @param feeds for each input of the graph the value that is taken instead, of the same type and
   *     rank
   * @return for each value of the graph the one that stands for it here
   * @throws IllegalArgumentException if an operator cannot take what comes of these values
   */
  public Map<Value, Value> include(Graph graph, Map<Value, Value> feeds) {
    Map<Value, Value> copies = new HashMap<>(feeds);
    graph
        .constants()
        .forEach(
            (value, constant) -> {
              boolean known = constants.get(value) == constant;
              copies.put(value, known ? value : constant(value.name(), constant));
            });
    graph.nodes().forEach(node -> copy(node, copies));
    return copies;
  }

  /**
   * Adds a copy of the part of a graph that computes some of its values from others.
   *
   * @param graph the graph
   * @param feeds for values of the graph those that are taken instead, of the same type and rank
   * @param wanted the values that are computed
   * @return for each value of that part the one that stands for it here
   * @throws IllegalArgumentException if an operator cannot take what comes of these values, or the
   *     wanted values need an input of the graph that is not among the feeds
   */
  public Map<Value, Value> include(Graph graph, Map<Value, Value> feeds, List<Value> wanted) {
    Set<Value> needed = new HashSet<>(wanted);
    Deque<Value> open = new ArrayDeque<>(needed);
    while (!open.isEmpty()) {
      Value value = open.pop();
      if (feeds.containsKey(value)) {
        continue;
      }
      for (Value input : graph.producer(value).map(Node::inputs).orElse(List.of())) {
        if (input != null && needed.add(input)) {
          open.push(input);
        }
      }
    }
    Map<Value, Value> copies = new HashMap<>(feeds);
    for (Value input : graph.inputs()) {
      if (needed.contains(input) && !copies.containsKey(input)) {
        throw new IllegalArgumentException(input + " is needed, and nothing is taken instead.");
      }
    }
    graph
        .constants()
        .forEach(
            (value, constant) -> {
              if (needed.contains(value)) {
                boolean known = constants.get(value) == constant;
                copies.put(value, known ? value : constant(value.name(), constant));
              }
            });
    for (Node node : graph.nodes()) {
      if (node.outputs().stream().anyMatch(needed::contains)
          && !feeds.keySet().containsAll(node.outputs())) {
        copy(node, copies);
      }
    }
    return copies;
  }

  private void copy(Node node, Map<Value, Value> copies) {
    List<@Nullable Value> operands = new ArrayList<>();
    node.inputs().forEach(value -> operands.add(value == null ? null : copies.get(value)));
    List<Value> results = nodes(node.op(), node.attributes(), node.outputs().size(), operands);
    for (int i = 0; i < results.size(); i++) {
      copies.putIfAbsent(node.outputs().get(i), results.get(i));
    }
  }

  /**
   * Ends with the nodes that the outputs need. The builder can go on after it.
   *
   * @param outputs what the graph computes
   * @return the graph; its inputs are all those that were made here, whether an output needs them
   *     or not
   */
  public Graph build(List<Value> outputs) {
    Set<Node> needed = new HashSet<>();
    Set<Value> used = new LinkedHashSet<>(outputs);
    Deque<Value> open = new ArrayDeque<>(used);
    while (!open.isEmpty()) {
      Node node = producers.get(open.pop());
      if (node == null || !needed.add(node)) {
        continue;
      }
      for (Value value : node.inputs()) {
        if (value != null && used.add(value)) {
          open.push(value);
        }
      }
    }
    List<Node> kept = nodes.stream().filter(needed::contains).toList();
    Map<Value, Constant> read = new LinkedHashMap<>();
    constants.forEach(
        (value, constant) -> {
          if (used.contains(value)) {
            read.put(value, constant);
          }
        });
    return new Graph(inputs, outputs, kept, read);
  }
}
