package dev.keralens.onnx.read;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The order of a file's nodes. Each should come after those that it reads; programs that halve a
 * model's precision put the conversions last, and ONNX Runtime sorts them.
 */
final class NodeOrder {
  private final Map<String, NodeProto> producers = new HashMap<>();
  private final Set<NodeProto> begun = new HashSet<>();
  private final Set<NodeProto> sorted = new LinkedHashSet<>();

  private NodeOrder() {}

  /**
   * {@return the nodes with each after those that it reads; else in the file's order. Nodes that
   * wait for one another have no such order}
   *
   * @param nodes the nodes of a graph
   */
  static List<NodeProto> of(List<NodeProto> nodes) {
    NodeOrder order = new NodeOrder();
    for (NodeProto node : nodes) {
      node.getOutputList().forEach(name -> order.producers.putIfAbsent(name, node));
    }
    nodes.forEach(order::add);
    // Equal nodes, which compute the same value twice, are left to the reader to refuse.
    return order.sorted.size() == nodes.size() ? new ArrayList<>(order.sorted) : nodes;
  }

  private void add(NodeProto last) {
    Deque<NodeProto> open = new ArrayDeque<>(List.of(last));
    while (!open.isEmpty()) {
      NodeProto node = open.peek();
      if (!begun.add(node)) {
        sorted.add(open.pop());
        continue;
      }
      for (String name : reads(node)) {
        NodeProto before = producers.get(name);
        if (before != null && !begun.contains(before)) {
          open.push(before);
        }
      }
    }
  }

  /** What a node reads, the graphs inside it as well. */
  private static List<String> reads(NodeProto node) {
    List<String> names = new ArrayList<>(node.getInputList());
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()) {
        attribute.getG().getNodeList().forEach(inner -> names.addAll(reads(inner)));
      }
    }
    return names;
  }
}
