package dev.keralens.keras.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.LayerLocation;
import dev.keralens.keras.call.Argument;
import dev.keralens.keras.call.Argument.Entries;
import dev.keralens.keras.call.Argument.Reference;
import dev.keralens.keras.call.CallArguments;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.LayerState;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.call.Masks;
import dev.keralens.keras.call.NetworkContext;
import dev.keralens.keras.call.Steps;
import dev.keralens.keras.model.Topology.Vertex;
import dev.keralens.keras.weights.LayerPath;
import dev.keralens.keras.weights.WeightSlot;
import dev.keralens.keras.weights.WeightStore;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import dev.keralens.network.search.AxisRoles;
import dev.keralens.text.Printable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Builds the graph of a model, call by call. The layers of nested models are built into the same
 * graph; a layer is named by its path, and has its weights there once, however often it is called.
 *
 * <p>Serves one build.
 */
final class NetworkBuilder implements NetworkContext {
  private final String file;
  private final int kerasVersion;
  private final LayerClasses classes;
  private final WeightStore weights;
  private final GraphBuilder graph = new GraphBuilder();
  private final Masks masks = new Masks();
  private final Steps steps = new Steps(graph, masks);
  private final IdentityHashMap<KerasTensor, int[]> known = new IdentityHashMap<>();
  private final Map<LayerPath, LayerState> states = new LinkedHashMap<>();
  private final Map<LayerPath, LayerType> types = new HashMap<>();
  private final Map<LayerPath, Topology> topologies = new HashMap<>();

  NetworkBuilder(String file, int kerasVersion, LayerClasses classes, WeightStore weights) {
    this.file = file;
    this.kerasVersion = kerasVersion;
    this.classes = classes;
    this.weights = weights;
  }

  @Override
  public GraphBuilder graph() {
    return graph;
  }

  @Override
  public Masks masks() {
    return masks;
  }

  @Override
  public Steps steps() {
    return steps;
  }

  @Override
  public int @Nullable [] known(KerasTensor tensor) {
    return known.get(tensor);
  }

  @Override
  public void setKnown(KerasTensor tensor, int[] numbers) {
    known.put(tensor, numbers);
  }

  @Override
  public int kerasVersion() {
    return kerasVersion;
  }

  /**
   * Builds the whole model.
   *
   * @param topology the outermost model
   * @param inputs what it takes, each with its shape
   */
  Network build(Topology topology, Map<ModelInput, dev.keralens.graph.Shape> inputs) {
    Map<String, KerasTensor> given = new LinkedHashMap<>();
    inputs.forEach(
        (input, shape) -> given.put(input.name(), KerasTensor.plain(input(input, shape))));
    List<KerasTensor> outputs = run(LayerPath.ROOT, topology, given);
    List<Value> values = outputs.stream().map(tensor -> plain(tensor)).toList();
    Graph built = graph.build(values);
    AxisRoles axes = new AxisRoles(built);
    List<Layer> layers = new ArrayList<>();
    states.values().forEach(state -> layers.add(laid(state.layer(slots(state)), axes)));
    return new Network(
        built,
        given.values().stream().map(axes::laid).toList(),
        values.stream().map(KerasTensor::plain).map(axes::laid).toList(),
        layers);
  }

  /** A layer whose values say where their channels are. */
  private static Layer laid(Layer layer, AxisRoles axes) {
    List<Layer.Call> calls =
        layer.calls().stream()
            .map(
                call ->
                    new Layer.Call(
                        call.inputs().stream().map(axes::laid).toList(),
                        call.outputs().stream().map(axes::laid).toList()))
            .toList();
    return new Layer(layer.name(), layer.className(), calls, layer.weights());
  }

  private Value input(ModelInput input, dev.keralens.graph.Shape shape) {
    try {
      return graph.input(input.name(), input.type(), shape);
    } catch (IllegalArgumentException e) {
      throw new LayerMismatch("%s: %s".formatted(file, Printable.reason(e)), e);
    }
  }

  private Value plain(KerasTensor tensor) {
    return tensor.layout() == dev.keralens.network.Layout.CHANNELS_MOVED
        ? graph.transpose(tensor.value(), KerasTensor.channelsLast(tensor.value().rank()))
        : tensor.value();
  }

  private List<String> slots(LayerState state) {
    return classes.weights(state.envelope()).stream()
        .filter(WeightSlot.class::isInstance)
        .map(WeightSlot.class::cast)
        .filter(slot -> !slot.shared())
        .map(WeightSlot::name)
        .toList();
  }

  @Override
  public List<KerasTensor> call(LayerPath path, JsonNode envelope, CallArguments arguments) {
    LayerState state = states.computeIfAbsent(path, unused -> state(path, envelope));
    String before = graph.scope(state.location().layer());
    try {
      List<KerasTensor> outputs =
          (TopologyReader.isModel(envelope)
                  ? callModel(path, envelope, arguments, state)
                  : callLayer(path, envelope, arguments, state))
              .stream().map(steps::through).toList();
      List<KerasTensor> inputs =
          Stream.concat(arguments.first().tensors(), arguments.others().flatMap(Argument::tensors))
              .toList();
      state.called(new Layer.Call(steps.shown(inputs), steps.shown(outputs)));
      outputs.forEach(output -> graph.keep(output.value()));
      return outputs;
    } finally {
      graph.scope(before);
    }
  }

  @Override
  public LayerCall part(LayerPath path, JsonNode envelope, CallArguments arguments) {
    LayerState state = states.computeIfAbsent(path, unused -> state(path, envelope));
    return new LayerCall(state, this, arguments);
  }

  private LayerState state(LayerPath path, JsonNode envelope) {
    LayerLocation location =
        new LayerLocation(file, path.toString(), envelope.path("class_name").asText());
    LayerConfig config = new LayerConfig(envelope.path("config"), location);
    return new LayerState(
        path, envelope, location, config, LayerClasses.axes(envelope), () -> weights.of(path));
  }

  private List<KerasTensor> callLayer(
      LayerPath path, JsonNode envelope, CallArguments arguments, LayerState state) {
    LayerType type =
        types.computeIfAbsent(path, unused -> classes.find(envelope, state.location()));
    try {
      LayerCall layer = new LayerCall(state, this, arguments);
      List<KerasTensor> outputs = List.copyOf(type.builder().build(layer));
      if (LayerClasses.handsMasksOn(layer.className())) {
        masks.handOn(layer.inputs(), outputs);
      }
      return outputs;
    } catch (ArithmeticException | NegativeArraySizeException e) {
      String problem =
          LargeSizes.describe(envelope.path("config"), arguments.first().tensors().toList());
      throw new LayerMismatch(state.location().message(problem), e);
    } catch (IndexOutOfBoundsException e) {
      String problem = LargeSizes.missing(arguments.first().tensors().toList());
      throw new LayerMismatch(state.location().message(problem), e);
    } catch (IllegalArgumentException e) {
      throw new LayerMismatch(state.location().message(Printable.reason(e)), e);
    }
  }

  private List<KerasTensor> callModel(
      LayerPath path, JsonNode envelope, CallArguments arguments, LayerState state) {
    Topology topology =
        topologies.computeIfAbsent(path, unused -> TopologyReader.read(envelope, state.location()));
    Map<String, KerasTensor> given = new LinkedHashMap<>();
    List<String> names = topology.inputs().references().map(Reference::layer).toList();
    Argument argument = arguments.first();
    if (argument instanceof Entries dictionary && !(topology.inputs() instanceof Entries)) {
      dictionary.entries().forEach((key, value) -> value.tensors().forEach(t -> given.put(key, t)));
    } else {
      List<KerasTensor> tensors = argument.tensors().toList();
      if (tensors.size() != names.size()) {
        throw state
            .location()
            .invalid(
                "it takes %d inputs %s, got %d.".formatted(names.size(), names, tensors.size()));
      }
      for (int i = 0; i < names.size(); i++) {
        given.put(names.get(i), tensors.get(i));
      }
    }
    return run(path, topology, given);
  }

  /**
   * Calls all layers of a model, each as soon as what it reads is there: in rounds, in the order of
   * the file. A layer that has to wait is looked at again when the one that it waits for was
   * called.
   */
  private List<KerasTensor> run(LayerPath path, Topology topology, Map<String, KerasTensor> given) {
    List<Vertex> layers = topology.layers();
    Map<String, List<List<KerasTensor>>> made = new HashMap<>();
    Map<String, List<Integer>> waiting = new LinkedHashMap<>();
    NavigableSet<Integer> round = new TreeSet<>();
    NavigableSet<Integer> next = new TreeSet<>();
    IntStream.range(0, layers.size()).forEach(round::add);
    while (!round.isEmpty()) {
      int place = round.first();
      round.remove(place);
      Vertex vertex = layers.get(place);
      int before = made.getOrDefault(vertex.name(), List.of()).size();
      String awaited = advance(path, vertex, made, given);
      if (awaited != null) {
        waiting.computeIfAbsent(awaited, unused -> new ArrayList<>()).add(place);
      }
      if (made.getOrDefault(vertex.name(), List.of()).size() > before) {
        List<Integer> readers = waiting.remove(vertex.name());
        for (int reader : readers == null ? List.<Integer>of() : readers) {
          (reader > place ? round : next).add(reader);
        }
      }
      if (round.isEmpty()) {
        round.addAll(next);
        next.clear();
      }
    }
    waiting.values().stream()
        .flatMap(List::stream)
        .min(Comparator.naturalOrder())
        .ifPresent(
            place -> {
              throw new LayerLocation(file, path.toString(), "model")
                  .invalid(
                      "layer '%s' waits for its own output."
                          .formatted(Printable.name(layers.get(place).name())));
            });
    return topology.outputs().references().map(reference -> tensor(path, reference, made)).toList();
  }

  /**
   * Calls a layer as often as what it reads is there; says which layer it waits for, or null where
   * all its calls are made.
   */
  private @Nullable String advance(
      LayerPath path,
      Vertex vertex,
      Map<String, List<List<KerasTensor>>> made,
      Map<String, KerasTensor> given) {
    List<List<KerasTensor>> outputs =
        made.computeIfAbsent(vertex.name(), unused -> new ArrayList<>());
    if (vertex.isInput()) {
      outputs.add(List.of(input(path, vertex, given)));
      return null;
    }
    Function<Reference, Argument> tensors =
        reference -> new Argument.Single(tensor(path, reference, made));
    while (outputs.size() < vertex.calls().size()) {
      CallArguments call = vertex.calls().get(outputs.size());
      Optional<Reference> missing =
          call.references()
              .filter(r -> made.getOrDefault(r.layer(), List.of()).size() <= r.node())
              .findFirst();
      if (missing.isPresent()) {
        return missing.get().layer();
      }
      outputs.add(call(path.child(vertex.name()), vertex.envelope(), call.replace(tensors)));
    }
    return null;
  }

  private KerasTensor input(LayerPath path, Vertex vertex, Map<String, KerasTensor> given) {
    LayerPath inner = path.child(vertex.name());
    LayerState state = states.computeIfAbsent(inner, unused -> state(inner, vertex.envelope()));
    KerasTensor tensor = given.get(vertex.name());
    if (tensor == null) {
      throw state.location().invalid("nothing is given to this input.");
    }
    state.called(new Layer.Call(List.of(), List.of(steps.shown(tensor))));
    return tensor;
  }

  private KerasTensor tensor(
      LayerPath path, Reference reference, Map<String, List<List<KerasTensor>>> made) {
    List<KerasTensor> outputs =
        made.getOrDefault(reference.layer(), List.of()).get(reference.node());
    if (reference.index() < 0 || reference.index() >= outputs.size()) {
      throw new LayerLocation(file, path.child(reference.layer()).toString(), "layer")
          .invalid("output %d is read, it gives %d.".formatted(reference.index(), outputs.size()));
    }
    return outputs.get(reference.index());
  }
}
