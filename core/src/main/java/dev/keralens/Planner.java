package dev.keralens;

import dev.keralens.filter.Filter;
import dev.keralens.filter.Resizing;
import dev.keralens.filter.TensorFilter;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Network;
import dev.keralens.graph.Shape;
import dev.keralens.inspect.LayerSelector;
import dev.keralens.inspect.Logits;
import dev.keralens.inspect.UnitAxis;
import dev.keralens.method.BatchMaps;
import dev.keralens.method.Setting;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.IntStream;
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
  private final Map<List<Shape>, Integer> available = new ConcurrentHashMap<>();
  private final Map<List<Shape>, Logits> logits = new ConcurrentHashMap<>();
  private final Map<Explained, String> explained = new ConcurrentHashMap<>();

  private record Explained(Task task, List<Shape> shapes) {}

  Planner(Model model, ExplainOptions options) {
    this.model = model;
    this.options = options;
  }

  /**
   * What a method is prepared for.
   *
   * @param logits what is explained, in one network for all that goes into one graph
   * @param units how many units are explained of each image
   * @param highest whether these are the highest ones
   * @param byPlace whether units are given for each place of the target
   */
  Setting setting(Task task, Logits logits, int units, boolean highest, boolean byPlace) {
    Network network = logits.network();
    KerasTensor activation =
        task.method().explainsActivations() ? activation(task, logits).tensor() : null;
    int explainedInput = input(task, logits);
    List<Integer> size = size(network, explainedInput);
    KerasTensor input = network.inputs().get(explainedInput);
    Sizes.check(
        options.resize(), size, options.tokens(), activation == null ? input : activation, input);
    Filter filter = options.filter() == null ? task.method().usualFilter() : options.filter();
    return new Setting(
        network,
        logits.tensor(),
        logits.output(),
        logits.isRankedByOutput(),
        unitAxis(logits).axis(),
        options.region(),
        activation,
        explainedInput,
        units,
        highest,
        byPlace,
        filter instanceof TensorFilter function ? function.before() : filter,
        filter instanceof TensorFilter ? null : size,
        options.tokens(),
        runtime());
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
    List<Integer> size = size(network, input(task, logits(shapes)));
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
    return task.method().explainsActivations()
        ? activation(task, logits(shapes)).name()
        : model.inputs().get(task.input()).name();
  }

  private LayerSelector.Selected activation(Task task, Logits logits) {
    LayerSelector layer = task.layer();
    return layer == null
        ? LayerSelector.usual(logits.network(), logits.tensor(), task.input())
        : layer.select(logits.network(), logits.tensor(), input(task, logits));
  }

  /** The explained input; of a named layer, the first explained one that it depends on. */
  private int input(Task task, Logits logits) {
    LayerSelector layer = task.layer();
    Network network = logits.network();
    if (layer == null || network.inputs().size() == 1 || options.inputs().size() == 1) {
      return task.input();
    }
    IntStream all =
        options.inputs().isEmpty()
            ? IntStream.range(0, network.inputs().size())
            : options.inputs().stream().mapToInt(Integer::intValue);
    return all.filter(i -> layer.dependsOn(network, logits.tensor(), i))
        .findFirst()
        .orElse(task.input());
  }

  /** What is explained of the output, in the network at a size of the inputs. */
  Logits logits(List<Shape> shapes) {
    return kept(logits, shapes, this::logitsNow);
  }

  private Logits logitsNow(List<Shape> shapes) {
    Network network = model.network(shapes);
    int outputs = network.outputs().size();
    if (options.output() < 0 || options.output() >= outputs) {
      throw new IllegalArgumentException(
          "%s has %d outputs; there is no output %d."
              .formatted(model.name(), outputs, options.output()));
    }
    return options.logits(network).ofImages();
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

  /** The axis of the units, as Keras shows it. */
  private UnitAxis unitAxis(Logits logits) {
    try {
      return UnitAxis.of(logits.network(), logits.tensor(), options.unitAxis());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(model.name() + ": " + e.getMessage(), e);
    }
  }

  /** The sizes of the target beside the batch's and that of the units, as Keras shows it. */
  int[] places(List<Shape> shapes) {
    Logits logits = logits(shapes);
    return unitAxis(logits).places(logits.tensor());
  }

  /** The number of units that the target has. */
  int available(List<Shape> shapes) {
    return kept(available, shapes, this::availableNow);
  }

  private int availableNow(List<Shape> shapes) {
    Logits logits = logits(shapes);
    return unitAxis(logits).units(logits.tensor());
  }
}
