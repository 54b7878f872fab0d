package dev.keralens.keras.storage;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.storage.ProtoFields.Field;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The Python objects of a checkpoint: each has children by attribute, and a variable has the key of
 * its value.
 *
 * <pre>
 * graph     = message { 1: node, .. }                       node 0 is the model
 * node      = message { 1: child, .., 2: value, .. }
 * child     = message { 1: node number, 2: attribute }
 * value     = message { 1: name ("VARIABLE_VALUE"), 2: variable's name, 3: key }
 * </pre>
 */
public final class ObjectGraph {
  private record Node(Map<String, Integer> children, List<String> keys) {}

  private final String name;
  private final List<Node> nodes = new ArrayList<>();

  private ObjectGraph(String name) {
    this.name = name;
  }

  /**
   * {@return the graph in a message}
   *
   * @param name the file, for messages
   */
  public static ObjectGraph read(String name, ByteBuffer message) {
    ObjectGraph graph = new ObjectGraph(name);
    ProtoFields.read(
        name,
        message,
        field -> {
          if (field.number() == 1) {
            graph.nodes.add(graph.node(field.bytes()));
          }
        });
    if (graph.nodes.isEmpty()) {
      throw new InvalidModelException(name + " has a checkpoint without objects.");
    }
    return graph;
  }

  private Node node(ByteBuffer message) {
    Node node = new Node(new HashMap<>(), new ArrayList<>());
    ProtoFields.read(
        name,
        message,
        field -> {
          if (field.number() == 1) {
            long child = ProtoFields.first(name, field.bytes(), 1).map(Field::value).orElse(0L);
            String attribute =
                ProtoFields.first(name, field.bytes(), 2).map(Field::text).orElse("");
            node.children.put(attribute, (int) child);
          } else if (field.number() == 2) {
            ProtoFields.first(name, field.bytes(), 3).map(Field::text).ifPresent(node.keys::add);
          }
        });
    return node;
  }

  /** {@return the child of a node, where it has one of that attribute} */
  public Optional<Integer> child(int node, String attribute) {
    return Optional.ofNullable(at(node).children.get(attribute));
  }

  /** {@return the key of a variable's value; nothing if the node is no variable} */
  public Optional<String> key(int node) {
    return at(node).keys.stream().findFirst();
  }

  private Node at(int number) {
    if (number < 0 || number >= nodes.size()) {
      throw new InvalidModelException(
          "%s names object %d of %d; it is damaged.".formatted(name, number, nodes.size()));
    }
    return nodes.get(number);
  }
}
