package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.graph.InputSpec;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layer;
import dev.keralens.graph.Network;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.inspect.Targets;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model as {@code Model.summary()} of Keras shows it, with marks at what is explained.
 *
 * @param logits the layer that computes the logits
 * @param pooling the layer that pools the explained activation
 * @param activation the layer that gives the explained activation
 */
@SuppressWarnings("ReferenceEquality") // Each layer of a network is one object.
record Summary(
    Model model,
    Network network,
    @Nullable Layer logits,
    @Nullable Layer pooling,
    @Nullable Layer activation) {
  private static final Set<Op> REARRANGING = Set.of(Op.RESHAPE, Op.TRANSPOSE, Op.IDENTITY, Op.CAST);

  static Summary of(Model model, Network network) {
    KerasTensor logits = Targets.logits(network, 0);
    Optional<KerasTensor> activation = Targets.activation(network, logits);
    return new Summary(
        model,
        network,
        computing(network, logits.value()),
        activation.map(tensor -> pooling(network, tensor.value())).orElse(null),
        activation.map(tensor -> giving(network, tensor.value(), null)).orElse(null));
  }

  /** The layer with weights that a value comes from by rearranging; else the one that gives it. */
  private static @Nullable Layer computing(Network network, Value value) {
    Value current = value;
    while (true) {
      Layer layer = giving(network, current, null);
      if (layer != null && layer.parameters() > 0) {
        return layer;
      }
      Optional<Node> producer = network.graph().producer(current);
      if (producer.isEmpty() || !REARRANGING.contains(producer.get().op())) {
        Layer output = giving(network, value, null);
        return output != null ? output : giving(network, network.outputs().get(0).value(), null);
      }
      current = producer.get().input(0);
    }
  }

  private static @Nullable Layer pooling(Network network, Value activation) {
    for (Layer layer : network.layers()) {
      String type = layer.className();
      boolean pools = type.startsWith("Global") || type.equals("Flatten");
      if (pools && gives(layer, activation, true)) {
        return layer;
      }
    }
    return null;
  }

  private static boolean gives(Layer layer, Value value, boolean inputs) {
    return layer.calls().stream()
        .flatMap(call -> (inputs ? call.inputs() : call.outputs()).stream())
        .anyMatch(tensor -> tensor.value() == value);
  }

  /**
   * The layer that gives a value: of several, such as a nested model and its last layer, one of the
   * same model as the layer that reads it, else the last.
   */
  private static @Nullable Layer giving(Network network, Value value, @Nullable Layer reader) {
    Layer last = null;
    Layer near = null;
    for (Layer layer : network.layers()) {
      if (layer == reader) {
        if (last != null) {
          break;
        }
        continue;
      }
      if (gives(layer, value, false)) {
        last = layer;
        near = reader != null && parent(layer).equals(parent(reader)) ? layer : near;
      }
    }
    return near != null ? near : last;
  }

  private static String parent(Layer layer) {
    int slash = layer.name().lastIndexOf('/');
    return slash < 0 ? "" : layer.name().substring(0, slash);
  }

  /** The names of the layers that a layer reads from. */
  private List<String> connectedTo(Layer layer) {
    Set<String> names = new LinkedHashSet<>();
    for (Layer.Call call : layer.calls()) {
      for (KerasTensor input : call.inputs()) {
        Layer from = source(input.value(), layer);
        if (from != null) {
          names.add(from.name());
        }
      }
    }
    return List.copyOf(names);
  }

  private @Nullable Layer source(Value value, Layer reader) {
    Value current = value;
    while (true) {
      Layer from = giving(network, current, reader);
      Optional<Node> producer = network.graph().producer(current);
      if (from != null || producer.isEmpty() || !REARRANGING.contains(producer.get().op())) {
        return from;
      }
      current = producer.get().input(0);
    }
  }

  private List<String> marks(Layer layer) {
    List<String> marks = new ArrayList<>();
    if (layer == activation) {
      marks.add("explained activation");
    }
    if (layer == pooling) {
      marks.add("pooling");
    }
    if (layer == logits) {
      marks.add("logits");
    }
    return marks;
  }

  private static List<Shape> shapes(Layer layer) {
    return layer.calls().isEmpty()
        ? List.of()
        : layer.calls().get(layer.calls().size() - 1).outputs().stream()
            .map(KerasTensor::shape)
            .toList();
  }

  private long parameters() {
    return network.layers().stream().mapToLong(Layer::parameters).sum();
  }

  /** Prints the table. */
  void print(PrintWriter out) {
    out.printf("Model: %s%n", model.name());
    for (InputSpec input : model.inputs()) {
      out.printf("Input: %s %s%n", input, input.type().name().toLowerCase(Locale.ROOT));
    }
    for (KerasTensor output : network.outputs()) {
      out.printf("Output: %s%n", shown(output.shape()));
    }
    out.println();
    Table table = new Table("layer (class)", "output shape", ">params", "connected to", "");
    for (Layer layer : network.layers()) {
      String marks = String.join(", ", marks(layer));
      table.add(
          "%s (%s)".formatted(layer.name(), layer.className()),
          shapes(layer).stream().map(Summary::shown).collect(Collectors.joining(" ")),
          String.format(Locale.ROOT, "%,d", layer.parameters()),
          String.join(", ", connectedTo(layer)),
          marks.isEmpty() ? "" : "<- " + marks);
    }
    table.print(out);
    out.printf(
        Locale.ROOT, "%nTotal params: %,d in %d layers%n", parameters(), network.layers().size());
  }

  /** A shape as Keras prints it. */
  private static String shown(Shape shape) {
    return Arrays.stream(shape.sizes())
        .mapToObj(size -> size < 0 ? "None" : String.valueOf(size))
        .collect(Collectors.joining(", ", "(", shape.rank() == 1 ? ",)" : ")"));
  }

  private static List<@Nullable Integer> sizes(Shape shape) {
    List<@Nullable Integer> sizes = new ArrayList<>();
    for (int size : shape.sizes()) {
      sizes.add(size < 0 ? null : Integer.valueOf(size));
    }
    return sizes;
  }

  /** The summary as objects to be written as JSON; the batch's size is null. */
  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", model.name());
    List<Object> inputs = new ArrayList<>();
    for (int i = 0; i < model.inputs().size(); i++) {
      InputSpec input = model.inputs().get(i);
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", input.name());
      one.put("dtype", input.type().name().toLowerCase(Locale.ROOT));
      one.put("shape", sizes(network.inputs().get(i).shape()));
      inputs.add(one);
    }
    json.put("inputs", inputs);
    json.put("outputs", network.outputs().stream().map(t -> sizes(t.shape())).toList());
    json.put("total_params", parameters());
    put(json, "logits_layer", logits);
    put(json, "pooling_layer", pooling);
    put(json, "explained_activation", activation);
    json.put("layers", network.layers().stream().map(this::toJson).toList());
    return json;
  }

  private static void put(Map<String, Object> json, String key, @Nullable Layer layer) {
    if (layer != null) {
      json.put(key, layer.name());
    }
  }

  private Map<String, Object> toJson(Layer layer) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", layer.name());
    json.put("class_name", layer.className());
    json.put("output_shapes", shapes(layer).stream().map(Summary::sizes).toList());
    json.put("params", layer.parameters());
    json.put("connected_to", connectedTo(layer));
    json.put("marks", marks(layer));
    return json;
  }
}
