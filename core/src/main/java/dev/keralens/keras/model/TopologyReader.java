package dev.keralens.keras.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.LayerLocation;
import dev.keralens.keras.call.Argument;
import dev.keralens.keras.call.Argument.Entries;
import dev.keralens.keras.call.Argument.Items;
import dev.keralens.keras.call.Argument.Literal;
import dev.keralens.keras.call.Argument.Reference;
import dev.keralens.keras.call.CallArguments;
import dev.keralens.keras.hub.HubModels;
import dev.keralens.keras.model.Topology.Vertex;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads how the layers of a model are connected.
 *
 * <pre>
 * functional = { "layers": [ layer ], "input_layers": refs, "output_layers": refs }
 * layer      = { "class_name", "config", "name", "inbound_nodes": [ call ] }
 * call       = leaf | [ call ] | { key: call }              Keras 2
 * leaf       = [ name, node, index ] | [ name, node, index, kwargs ]
 *            | [ "_CONSTANT_VALUE", -1, constant, kwargs ]
 * call       = { "args": [ value ], "kwargs": { key: value } }      Keras 3
 * value      = { "class_name": "__keras_tensor__", "config": { "keras_history": [ name, node, index ] } }
 *            | [ value ] | { key: value } | constant
 * sequential = { "layers": [ layer ] }
 * </pre>
 */
final class TopologyReader {
  private static final Set<String> FUNCTIONAL = Set.of("Functional", "Model", "Network");
  private static final Set<String> SEQUENTIAL = Set.of("Sequential");

  /**
   * Operations of TensorFlow take their first argument as it is; layers take a list of one as one.
   */
  private static final Set<String> KEEPS_LISTS =
      Set.of(
          "TFOpLambda",
          "SlicingOpLambda",
          "ClassMethod",
          "InstanceMethod",
          "InstanceProperty",
          "TensorFlowOpLayer");

  private final JsonNode config;
  private final LayerLocation location;

  private TopologyReader(JsonNode config, LayerLocation location) {
    this.config = config;
    this.location = location;
  }

  /** {@return whether an envelope is that of a model whose layers the file lists} */
  static boolean isModel(JsonNode envelope) {
    String className = envelope.path("class_name").asText();
    return (FUNCTIONAL.contains(className)
            || SEQUENTIAL.contains(className)
            || HubModels.isKnown(envelope))
        && envelope.path("config").path("layers").isArray();
  }

  /**
   * {@return the connections of a model}
   *
   * @param envelope an envelope for which {@link #isModel} holds
   * @param location where it lies
   * @throws dev.keralens.graph.InvalidModelException if they are not as Keras writes them
   */
  static Topology read(JsonNode envelope, LayerLocation location) {
    TopologyReader reader = new TopologyReader(envelope.path("config"), location);
    Topology topology =
        SEQUENTIAL.contains(envelope.path("class_name").asText())
            ? reader.sequential()
            : reader.functional();
    reader.check(topology);
    return topology;
  }

  /** {@return what the outputs of a model are called where it says so, in order; else empty} */
  static List<String> outputNames(JsonNode envelope) {
    JsonNode config = envelope.path("config");
    JsonNode outputs = config.path("output_layers");
    List<String> names = new ArrayList<>();
    config.path(HubModels.OUTPUT_NAMES).forEach(name -> names.add(name.asText()));
    if (outputs.isObject() && outputs.properties().stream().allMatch(e -> isLeaf(e.getValue()))) {
      outputs.properties().forEach(output -> names.add(output.getKey()));
      Collections.sort(names);
    }
    return names;
  }

  static String name(JsonNode envelope) {
    JsonNode name = envelope.path("name");
    return name.isTextual() ? name.textValue() : envelope.path("config").path("name").asText();
  }

  private Topology sequential() {
    List<Vertex> layers = new ArrayList<>();
    for (JsonNode envelope : config.path("layers")) {
      if (layers.isEmpty() && !envelope.path("class_name").asText().equals("InputLayer")) {
        layers.add(input(envelope));
      }
      List<CallArguments> calls =
          layers.isEmpty()
              ? List.of()
              : List.of(
                  CallArguments.of(new Reference(layers.get(layers.size() - 1).name(), 0, 0)));
      layers.add(new Vertex(name(envelope), envelope, calls));
    }
    if (layers.isEmpty()) {
      throw location.invalid("it has no layers.");
    }
    return new Topology(
        layers,
        new Reference(layers.get(0).name(), 0, 0),
        new Reference(layers.get(layers.size() - 1).name(), 0, 0));
  }

  /** The input layer that a Sequential model leaves out, with the shape that it has elsewhere. */
  private Vertex input(JsonNode first) {
    String name = name(first) + "_input";
    ObjectNode input = JsonNodeFactory.instance.objectNode().put("name", name);
    Stream.of(
            config.path("build_input_shape"),
            config.path("batch_input_shape"),
            ModelInputs.shape(first.path("config")),
            isModel(first) ? ModelInputs.first(first, location) : MissingNode.getInstance(),
            first.path("build_config").path("input_shape"))
        .filter(shape -> LayerConfig.unwrap(shape).isArray())
        .findFirst()
        .ifPresent(shape -> input.set("batch_shape", shape));
    input.set("dtype", first.path("config").path("dtype"));
    ObjectNode envelope =
        JsonNodeFactory.instance.objectNode().put("class_name", "InputLayer").set("config", input);
    return new Vertex(name, envelope, List.of());
  }

  private Topology functional() {
    List<Vertex> layers = new ArrayList<>();
    boolean keras3 = false;
    for (JsonNode envelope : config.path("layers")) {
      List<CallArguments> calls = new ArrayList<>();
      for (JsonNode node : envelope.path("inbound_nodes")) {
        keras3 |= node.has("args");
        calls.add(node.has("args") ? call3(node) : call2(node, envelope));
      }
      layers.add(new Vertex(name(envelope), envelope, calls));
    }
    Argument inputs = references(config.path("input_layers"));
    Argument outputs = references(config.path("output_layers"));
    return countedFromZero(new Topology(layers, inputs, outputs), keras3);
  }

  private CallArguments call3(JsonNode node) {
    List<Argument> positional = new ArrayList<>();
    node.path("args").forEach(value -> positional.add(value3(value)));
    Map<String, Argument> named = new HashMap<>();
    node.path("kwargs").properties().forEach(e -> named.put(e.getKey(), value3(e.getValue())));
    return new CallArguments(positional, named);
  }

  private Argument value3(JsonNode value) {
    if (value.isArray()) {
      return items(value, this::value3);
    }
    if (!value.isObject()) {
      return new Literal(value);
    }
    if (value.path("class_name").asText().equals("__keras_tensor__")) {
      return reference(value.path("config").path("keras_history"));
    }
    return value.has("class_name") ? new Literal(value) : entries(value, this::value3);
  }

  private CallArguments call2(JsonNode node, JsonNode envelope) {
    Map<String, Argument> named = new HashMap<>();
    Argument first = value2(node, named);
    boolean keeps = KEEPS_LISTS.contains(envelope.path("class_name").asText());
    if (first instanceof Items list && list.items().size() == 1 && !keeps) {
      first = list.items().get(0);
    }
    return new CallArguments(List.of(first), named);
  }

  /** Reads the first argument of a call; each of its leaves carries all the other arguments. */
  private Argument value2(JsonNode value, Map<String, Argument> named) {
    if (isLeaf(value)) {
      value.path(3).properties().forEach(e -> named.put(e.getKey(), keyword2(e.getValue())));
      return value.get(0).textValue().equals("_CONSTANT_VALUE")
          ? Argument.of(value.get(2))
          : reference(value);
    }
    if (value.isArray()) {
      return items(value, item -> value2(item, named));
    }
    if (value.isObject()) {
      return entries(value, entry -> value2(entry, named));
    }
    throw location.invalid(
        "a call is %s, expected [layer, node, index].".formatted(LayerConfig.shortened(value)));
  }

  private Argument keyword2(JsonNode value) {
    if (isLeaf(value) && value.get(1).isIntegralNumber() && value.get(2).isIntegralNumber()) {
      return reference(value);
    }
    if (value.isArray()) {
      return items(value, this::keyword2);
    }
    return value.isObject() && !value.has("class_name")
        ? entries(value, this::keyword2)
        : new Literal(value);
  }

  private static boolean isLeaf(JsonNode value) {
    return value.isArray() && (value.size() == 3 || value.size() == 4) && value.get(0).isTextual();
  }

  /** Reads {@code input_layers} or {@code output_layers}. */
  private Argument references(JsonNode value) {
    if (isLeaf(value)) {
      return reference(value);
    }
    if (value.isArray()) {
      return items(value, this::references);
    }
    if (value.isObject()) {
      return entries(value, this::references);
    }
    throw location.invalid(
        "its inputs or outputs are %s, expected [layer, node, index]."
            .formatted(LayerConfig.shortened(value)));
  }

  private Reference reference(JsonNode value) {
    if (!value.path(0).isTextual()
        || !value.path(1).canConvertToInt()
        || !value.path(2).canConvertToInt()) {
      throw location.invalid(
          "%s is no tensor, expected [layer, node, index]."
              .formatted(LayerConfig.shortened(value)));
    }
    return new Reference(
        value.get(0).textValue(), value.get(1).intValue(), value.get(2).intValue());
  }

  private static Items items(JsonNode list, Function<JsonNode, Argument> read) {
    List<Argument> items = new ArrayList<>();
    list.forEach(item -> items.add(read.apply(item)));
    return new Items(items);
  }

  private static Entries entries(JsonNode object, Function<JsonNode, Argument> read) {
    Map<String, Argument> entries = new HashMap<>();
    object.properties().forEach(e -> entries.put(e.getKey(), read.apply(e.getValue())));
    return new Entries(entries);
  }

  /*
   * Files count the calls of a nested model from 1 where it was made from its own input layers: making
   * it was the call 0. Keras 3 does so only where the outer model names its outputs. Every call of a
   * layer in a file is read by something, so the numbers themselves mostly tell.
   */
  private static Topology countedFromZero(Topology topology, boolean keras3) {
    Map<String, Set<Integer>> read =
        topology.layers().stream()
            .flatMap(vertex -> vertex.calls().stream())
            .flatMap(CallArguments::references)
            .collect(nodes());
    Map<String, Set<Integer>> given = topology.outputs().references().collect(nodes());
    Map<String, Integer> inbound = new HashMap<>();
    Map<String, Integer> outbound = new HashMap<>();
    for (Vertex vertex : topology.layers()) {
      if (isModel(vertex.envelope())) {
        boolean counts = countsItself(vertex.envelope());
        inbound.put(vertex.name(), firstCall(vertex, read, counts && !keras3));
        outbound.put(vertex.name(), firstCall(vertex, given, counts));
      }
    }
    List<Vertex> layers = new ArrayList<>();
    for (Vertex vertex : topology.layers()) {
      List<CallArguments> calls =
          vertex.calls().stream().map(call -> call.replace(r -> minus(inbound, r))).toList();
      layers.add(new Vertex(vertex.name(), vertex.envelope(), calls));
    }
    return new Topology(
        layers, topology.inputs(), topology.outputs().replace(r -> minus(outbound, r)));
  }

  private static Collector<Reference, ?, Map<String, Set<Integer>>> nodes() {
    return Collectors.groupingBy(
        Reference::layer, Collectors.mapping(Reference::node, Collectors.toSet()));
  }

  private static int firstCall(Vertex vertex, Map<String, Set<Integer>> nodes, boolean counts) {
    Set<Integer> seen = nodes.getOrDefault(vertex.name(), Set.of());
    if (seen.contains(0)) {
      return 0;
    }
    return counts || seen.contains(vertex.calls().size()) ? 1 : 0;
  }

  /** A model counts as called when it is made if it then knows its input. */
  private static boolean countsItself(JsonNode envelope) {
    return FUNCTIONAL.contains(envelope.path("class_name").asText())
        || envelope
            .path("config")
            .path("layers")
            .path(0)
            .path("class_name")
            .asText()
            .equals("InputLayer");
  }

  private static Argument minus(Map<String, Integer> first, Reference reference) {
    int by = first.getOrDefault(reference.layer(), 0);
    return new Reference(reference.layer(), reference.node() - by, reference.index());
  }

  private void check(Topology topology) {
    Map<String, Vertex> byName = new HashMap<>();
    for (Vertex vertex : topology.layers()) {
      if (vertex.name().isEmpty()) {
        throw location.invalid("one of its layers has no name.");
      }
      if (byName.put(vertex.name(), vertex) != null) {
        throw location.invalid("it has two layers '%s'.".formatted(vertex.name()));
      }
    }
    Set<Reference> references = new HashSet<>();
    topology.layers().stream()
        .flatMap(vertex -> vertex.calls().stream())
        .flatMap(CallArguments::references)
        .forEach(references::add);
    topology.inputs().references().forEach(references::add);
    topology.outputs().references().forEach(references::add);
    for (Reference reference : references) {
      Vertex vertex = byName.get(reference.layer());
      if (vertex == null) {
        throw location.invalid(
            "it reads from a layer '%s' that it does not have.".formatted(reference.layer()));
      }
      int calls = vertex.isInput() ? 1 : vertex.calls().size();
      if (reference.node() < 0 || reference.node() >= calls) {
        throw location.invalid(
            "it reads call %d of layer '%s', which has %d."
                .formatted(reference.node(), reference.layer(), calls));
      }
    }
    topology
        .inputs()
        .references()
        .filter(reference -> !isInput(byName, reference))
        .findFirst()
        .ifPresent(
            reference -> {
              throw location.invalid(
                  "its input '%s' is no InputLayer.".formatted(reference.layer()));
            });
  }

  private static boolean isInput(Map<String, Vertex> byName, Reference reference) {
    Vertex vertex = byName.get(reference.layer());
    return vertex != null && vertex.isInput();
  }
}
