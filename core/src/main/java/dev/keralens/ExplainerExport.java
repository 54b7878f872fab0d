package dev.keralens;

import dev.keralens.explain.run.Part;
import dev.keralens.explain.run.Routines;
import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.filter.TensorFilter;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.Network;
import dev.keralens.tensor.ElementType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What an exported explainer has beside its model: the maps, and what is said of them. */
final class ExplainerExport {
  private static final String MAP = "saliency_map";
  private static final String GIVEN = "units";
  static final String UNITS = "saliency_units";

  private final Model model;
  private final ExplainOptions explaining;
  private final ExportOptions options;
  private final Planner planner;
  private final List<Task> tasks;

  ExplainerExport(
      Model model,
      ExplainOptions explaining,
      ExportOptions options,
      Planner planner,
      List<Task> tasks) {
    this.model = model;
    this.explaining = explaining;
    this.options = options;
    this.planner = planner;
    this.tasks = tasks;
  }

  /** The name of the input that units are given by, which no other input has. */
  static String unitsInput(Collection<String> inputs) {
    String name = GIVEN;
    for (int i = 1; inputs.contains(name); i++) {
      name = GIVEN + "_" + i;
    }
    return name;
  }

  /**
   * Refuses what a file cannot hold.
   *
   * @throws UnsupportedModelException if that is so
   */
  void check(List<Shape> shapes) {
    if (model.metadata().containsKey(Exporter.METHODS)) {
      throw new UnsupportedModelException(
          "%s is an exported explainer (%s); export another one from the model it was made of, %s."
              .formatted(
                  model.name(),
                  model.metadata().get(Exporter.METHODS),
                  model.metadata().getOrDefault(Exporter.PREFIX + "source", "its source")));
    }
    if (explaining.fusion() != null && explaining.layers().size() > 1) {
      throw new UnsupportedModelException(
          "Maps of several layers that are joined cannot be exported; export a map of each.");
    }
    if (explaining.filter() instanceof TensorFilter) {
      throw new UnsupportedModelException(
          "A filter that is a Java function cannot be exported; take one of Filters, or one made of"
              + " operators.");
    }
    int available = planner.objective(shapes).units();
    if (options.units() > available) {
      throw new IllegalArgumentException(
          "%d units are to be explained, and %s has %d."
              .formatted(options.units(), model.name(), available));
    }
  }

  /** Writes the model's own outputs and the maps. */
  void write(
      Exporter exporter,
      List<Shape> shapes,
      Function<List<Shape>, List<Part>> parts,
      List<String> own)
      throws IOException {
    Network network = model.network(shapes);
    List<String> maps = maps(shapes);
    List<String> outputs = new ArrayList<>(own);
    if (options.highest()) {
      outputs.add(UNITS);
    }
    outputs.addAll(maps);
    List<String> inputs = network.graph().inputs().stream().map(Value::name).toList();
    for (String name : outputs.subList(own.size(), outputs.size())) {
      if (own.contains(name) || inputs.contains(name)) {
        throw new UnsupportedModelException(
            "%s has '%s' already, as a model with an explanation has; export from the model without it."
                .formatted(model.name(), name));
      }
    }
    Map<String, String> metadata = exporter.metadata(network);
    Function<List<Shape>, Graph> build =
        at -> Routines.exported(parts.apply(at), model.network(at).graph().outputs());
    Graph graph = build.apply(shapes);
    describe(metadata, shapes, maps, graph);
    exporter.write(at -> at.equals(shapes) ? graph : build.apply(at), shapes, outputs, metadata);
  }

  /** The name of each map: by its method where there are several, and by what it explains. */
  List<String> maps(List<Shape> shapes) {
    List<String> names = new ArrayList<>();
    for (Task task : tasks) {
      String method = task.method().name();
      boolean several =
          tasks.stream().filter(other -> other.method().name().equals(method)).count() > 1;
      String name =
          tasks.size() == 1
              ? MAP
              : MAP + "_" + plain(method) + (several ? "_" + planner.explained(task, shapes) : "");
      if (names.contains(name)) {
        throw new UnsupportedModelException(
            "Two explanations would be called '%s'; export them apart.".formatted(name));
      }
      names.add(name);
    }
    return names;
  }

  /** A method's name as part of another: {@code smooth(gradients)} is smooth_gradients. */
  private static String plain(String method) {
    return method.replaceAll("[^A-Za-z0-9_]+", "_").replaceAll("_$", "");
  }

  private void describe(
      Map<String, String> metadata, List<Shape> shapes, List<String> maps, Graph graph) {
    List<String> methods = tasks.stream().map(task -> task.method().name()).distinct().toList();
    metadata.put(Exporter.METHODS, String.join(",", methods));
    for (int i = 0; i < tasks.size(); i++) {
      Task task = tasks.get(i);
      String key = Exporter.PREFIX + maps.get(i) + ".";
      metadata.put(key + "method", task.method().name());
      metadata.put(
          key + (task.method().explainsActivations() ? "layer" : "input"),
          planner.explained(task, shapes));
      filterName(explaining.filter() == null ? task.method().usualFilter() : explaining.filter())
          .ifPresent(filter -> metadata.put(key + "filter", filter));
    }
    metadata.put(Exporter.PREFIX + "output", String.valueOf(planner.objective(shapes).position()));
    metadata.put(Exporter.PREFIX + "explained", planner.objective(shapes).description());
    metadata.put(
        Exporter.PREFIX + "units",
        options.highest()
            ? "the %d highest, %s".formatted(options.units(), UNITS)
            : "input " + graph.inputs().get(graph.inputs().size() - 1).name());
  }

  /** A filter's name: of the one that adds the same operators; none where it is none of ours. */
  private static Optional<String> filterName(Filter filter) {
    String operators = operators(filter);
    return Filters.byNames().entrySet().stream()
        .filter(entry -> operators(entry.getValue()).equals(operators))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static String operators(Filter filter) {
    GraphBuilder b = new GraphBuilder();
    Value maps = b.input("maps", ElementType.FLOAT32, Shape.of(Shape.BATCH, 2, 2));
    Graph graph = b.build(List.of(filter.apply(b, maps, 1, 2)));
    List<String> numbers =
        graph.constants().values().stream()
            .map(constant -> Arrays.toString(constant.tensor().toFloatArray()))
            .toList();
    return graph + " " + numbers;
  }
}
