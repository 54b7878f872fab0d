package dev.keralens;

import dev.keralens.explain.run.BatchMaps;
import dev.keralens.explain.run.Setting;
import dev.keralens.filter.Filter;
import dev.keralens.filter.Resizing;
import dev.keralens.filter.TensorFilter;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.inspect.LayerSelector;
import dev.keralens.inspect.attention.PatchGrid;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the options of an explainer come to for its model, at a size of the inputs. */
final class Planner {
  private static final int KEPT = 64;

  private final Model model;
  private final ExplainOptions options;

  /*
   * Looking through the layers takes longer than explaining with a small network, so what was found
   * at a size of the inputs is kept.
   */
  private final Map<List<Shape>, ResolvedObjective> objectives = new ConcurrentHashMap<>();
  private final Map<Explained, String> explained = new ConcurrentHashMap<>();

  private record Explained(Task task, List<Shape> shapes) {}

  Planner(Model model, ExplainOptions options) {
    this.model = model;
    this.options = options;
  }

  /**
   * What a method is prepared for.
   *
   * @param objective what is explained, in one network for all that goes into one graph
   * @param units how many units are explained of each image
   * @param highest whether these are the highest ones
   * @param byPlace whether units are given for each place of the target
   */
  Setting setting(
      Task task, ResolvedObjective objective, int units, boolean highest, boolean byPlace) {
    List<Setting> others =
        task.ofOthers().stream()
            .map(other -> ofLayer(other, objective, units, highest, byPlace))
            .toList();
    return ofLayer(task, objective, units, highest, byPlace).withOthers(others);
  }

  private Setting ofLayer(
      Task task, ResolvedObjective objective, int units, boolean highest, boolean byPlace) {
    Network network = objective.network();
    KerasTensor activation =
        task.method().explainsActivations() ? activation(task, objective).tensor() : null;
    int explainedInput = input(task, objective);
    List<Integer> size = size(network, explainedInput);
    KerasTensor input = network.inputs().get(explainedInput);
    List<Integer> tokens = tokens(network, activation, input);
    Sizes.check(options.resize(), size, tokens, activation == null ? input : activation, input);
    if (activation != null && (size != null || task.method().laysOverInput())) {
      Sizes.checkOrder(network, activation, input);
    }
    Filter filter = options.filter() == null ? task.method().usualFilter() : options.filter();
    return new Setting(
        objective,
        activation,
        explainedInput,
        units,
        highest,
        byPlace,
        filter instanceof TensorFilter function ? function.before() : filter,
        filter instanceof TensorFilter ? null : size,
        tokens,
        runtime(),
        List.of());
  }

  /** How tokens lie over the input: as was asked for, else as the patches that they are made of. */
  private List<Integer> tokens(
      Network network, @Nullable KerasTensor activation, KerasTensor input) {
    if (activation == null || activation.value().rank() != 3) {
      return options.tokens();
    }
    int[] axes = activation.placeAxes();
    if (axes.length != 1) {
      return options.tokens();
    }
    Value value = activation.value();
    int axis = activation.axisInGraph(axes[0]);
    PatchGrid found = PatchGrid.find(network, input, value, axis);
    int tokens = value.shape().size(axis);
    boolean row = options.tokens().isEmpty() && found.before() + found.places() != tokens;
    return row ? List.of() : found.checked(options.tokens(), value, tokens);
  }

  /** How graphs are compiled and run: as the options say, else as the model does. */
  RuntimeOptions runtime() {
    RuntimeOptions chosen = options.runtime();
    return chosen == null ? model.runtime() : chosen;
  }

  /** Applies the part of the filter that is no graph, and resizes after it. */
  BatchMaps finish(Task task, List<Shape> shapes, BatchMaps result) {
    if (!(options.filter() instanceof TensorFilter filter)) {
      return result;
    }
    Tensor maps = Filter.of(filter.function()).applyEach(result.maps());
    Network network = model.network(shapes);
    List<Integer> size = size(network, input(task, objective(shapes)));
    Tensor sized =
        size == null
            ? maps
            : Resizing.linear(maps, size.stream().mapToInt(Integer::intValue).toArray());
    return new BatchMaps(
        sized,
        result.scores(),
        result.outputs(),
        result.units(),
        result.lowest(),
        result.highest(),
        result.gaps());
  }

  /** What is explained, by name: a layer, or an input. */
  String explained(Task task, List<Shape> shapes) {
    return kept(explained, new Explained(task, shapes), key -> explainedNow(task, shapes));
  }

  /** Two threads may search for the same: that is better than to wait for a network of others. */
  private static <K, V> V kept(Map<K, V> found, K key, Function<K, V> search) {
    V known = found.get(key);
    if (known == null) {
      known = search.apply(key);
      if (found.size() >= KEPT) {
        found.clear();
      }
      found.put(key, known);
    }
    return known;
  }

  private String explainedNow(Task task, List<Shape> shapes) {
    if (!task.method().explainsActivations()) {
      return model.inputs().get(task.input()).name();
    }
    return Stream.concat(Stream.of(task), task.ofOthers().stream())
        .map(one -> activation(one, objective(shapes)).name())
        .collect(Collectors.joining(", "));
  }

  private LayerSelector.Selected activation(Task task, ResolvedObjective objective) {
    LayerSelector layer = task.layer();
    return layer == null
        ? LayerSelector.usual(objective.network(), objective.source(), task.input())
        : layer.select(objective.network(), objective.source(), input(task, objective));
  }

  /** The explained input; of a named layer, the first explained one that it depends on. */
  private int input(Task task, ResolvedObjective objective) {
    LayerSelector layer = task.layer();
    Network network = objective.network();
    if (layer == null || network.inputs().size() == 1 || options.inputs().size() == 1) {
      return task.input();
    }
    IntStream all =
        options.inputs().isEmpty()
            ? IntStream.range(0, network.inputs().size())
            : options.inputs().stream().mapToInt(Integer::intValue);
    return all.filter(i -> layer.dependsOn(network, objective.source(), i))
        .findFirst()
        .orElse(task.input());
  }

  /** What is explained, in the network at a size of the inputs. */
  ResolvedObjective objective(List<Shape> shapes) {
    return kept(objectives, shapes, key -> model.objective(options.objective(), key));
  }

  private @Nullable List<Integer> size(Network network, int explained) {
    if (options.resize() instanceof Resize.To to) {
      return to.sizes();
    }
    if (options.resize() instanceof Resize.None) {
      return null;
    }
    return Arrays.stream(network.inputs().get(explained).places()).boxed().toList();
  }
}
