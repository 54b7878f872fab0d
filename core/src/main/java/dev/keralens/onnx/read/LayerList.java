package dev.keralens.onnx.read;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.onnx.operator.Known;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The nodes of a file as layers: those that compute something when the graph runs. */
final class LayerList {
  private final List<Entry> entries = new ArrayList<>();
  private final List<Entry> passing = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  private record Entry(
      String name,
      String type,
      List<Value> inputs,
      List<Value> outputs,
      Map<String, Constant> weights) {}

  /**
   * Adds a node, unless all it gives is known beforehand or was there before.
   *
   * @param name the node's name
   * @param node the node
   * @param inputs what it reads
   * @param outputs what it gives
   */
  void add(
      String name, NodeProto node, List<@Nullable Known> inputs, List<? extends Known> outputs) {
    List<Value> read = values(inputs);
    List<Value> given = values(outputs);
    if (!given.isEmpty() && read.containsAll(given)) {
      List<Value> same = List.copyOf(given);
      passing.add(new Entry(name, node.getOpType(), same, same, Map.of()));
    }
    given.removeAll(read);
    if (given.isEmpty()) {
      return;
    }
    Map<String, Constant> weights = new LinkedHashMap<>();
    for (Known input : inputs) {
      if (input instanceof Known.Weight weight && weight.type().isFloating()) {
        weights.put(weight.name(), weight.constant());
      }
    }
    entries.add(new Entry(unique(name), node.getOpType(), read, given, weights));
  }

  private static List<Value> values(List<? extends @Nullable Known> all) {
    List<Value> out = new ArrayList<>();
    for (Known known : all) {
      if (known instanceof Known.Computed computed) {
        out.add(computed.value());
      } else if (known instanceof Known.Merged merged) {
        out.add(merged.value());
      }
    }
    return out;
  }

  private String unique(String name) {
    String candidate = name;
    for (int i = 1; !names.add(candidate); i++) {
      candidate = name + "_" + i;
    }
    return candidate;
  }

  /**
   * {@return the layers that the outputs need, in the file's order}
   *
   * @param needed whether the graph has a value
   * @param tensor a value as users see it
   */
  List<Layer> layers(Predicate<Value> needed, Function<Value, KerasTensor> tensor) {
    return layers(entries, needed, tensor);
  }

  /**
   * {@return the nodes that give what they read}
   *
   * @param needed whether the graph has a value
   * @param tensor a value as users see it
   */
  List<Layer> passing(Predicate<Value> needed, Function<Value, KerasTensor> tensor) {
    return layers(passing, needed, tensor);
  }

  private static List<Layer> layers(
      List<Entry> entries, Predicate<Value> needed, Function<Value, KerasTensor> tensor) {
    Function<List<Value>, List<KerasTensor>> tensors =
        values -> values.stream().map(tensor).toList();
    return entries.stream()
        .filter(entry -> entry.outputs.stream().anyMatch(needed))
        .map(
            entry ->
                new Layer(
                    entry.name,
                    entry.type,
                    List.of(
                        new Layer.Call(tensors.apply(entry.inputs), tensors.apply(entry.outputs))),
                    entry.weights))
        .toList();
  }
}
