package dev.keralens.explain.run;

import dev.keralens.explain.Formula;
import dev.keralens.explain.PassListener;
import dev.keralens.explain.Scene;
import dev.keralens.filter.Resizing;
import dev.keralens.grad.Differentiator;
import dev.keralens.grad.RuleOverride;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Several formulas in one compiled graph: they share the forward pass, and as much of the backward
 * pass as they have in common.
 */
final class GraphRoutine implements Routine {
  /** What the names of nodes begin with that are no part of the network. */
  static final String SCOPE = "explain";

  private static final int COMMON_OUTPUTS = 3;
  private static final int OUTPUTS_PER_METHOD = 3;

  /*
   * Several units can be the rows of one backward pass, or each have a copy of it. A copy is what one
   * unit alone has, which is faster where masks and factors that all units share keep the layout of
   * convolutions; but it makes the graph longer, and the engine packs the kernels of dense layers for
   * each of them, which rows read once.
   */
  private static final int MOST_COPIES = 8;
  private static final long MOST_DENSE_BYTES = 1 << 26;

  private final CompiledGraph graph;
  private final int methods;
  private final boolean highest;

  private GraphRoutine(CompiledGraph graph, int methods, boolean highest) {
    this.graph = graph;
    this.methods = methods;
    this.highest = highest;
  }

  /**
   * A method and its setting. Those that are prepared together differ at most in the activation,
   * the explained input, the filter and the size.
   *
   * @param method the method
   * @param setting what it is prepared for
   */
  public record Part(Formula method, Setting setting) {}

  /**
   * Builds and compiles the graph.
   *
   * @param parts the methods, at least one
   * @return the routine; its results come in the order of the methods
   * @throws dev.keralens.graph.UnsupportedModelException if a method does not apply to the network
   */
  public static GraphRoutine prepare(List<Part> parts) {
    Setting common = parts.get(0).setting();
    return new GraphRoutine(compiled(parts, common), parts.size(), common.highest());
  }

  private static CompiledGraph compiled(List<Part> parts, Setting common) {
    if (common.units() > 1 && common.units() <= MOST_COPIES) {
      Graph one = ofFirstUnit(parts);
      if (denseBytes(one) <= MOST_DENSE_BYTES) {
        return CompiledGraph.compileForEachColumn(one, common.units(), common.runtime());
      }
    }
    return CompiledGraph.compile(graph(parts), common.runtime());
  }

  private static long denseBytes(Graph graph) {
    return graph.nodes().stream()
        .filter(node -> node.op() == Op.GEMM || node.op() == Op.MAT_MUL)
        .map(node -> node.input(1))
        .filter(kernel -> graph.constant(kernel) != null)
        .mapToLong(kernel -> kernel.shape().elements() * kernel.type().bytes())
        .sum();
  }

  /**
   * Builds the graph that is compiled: the network, the gradients, the methods.
   *
   * @param parts the methods, at least one
   * @return the graph; the units are its last input, unless the highest are taken
   * @throws dev.keralens.graph.UnsupportedModelException if a method does not apply to the network
   */
  public static Graph graph(List<Part> parts) {
    Setting common = parts.get(0).setting();
    GraphBuilder builder = builder(common);
    return builder.build(outputs(builder, parts, Target.input(builder, common)));
  }

  /**
   * Builds the graph that is exported.
   *
   * @param parts the methods, at least one
   * @param own values of the network that come out as they are
   * @return the graph; it gives these values, the units where the highest are taken, and the maps
   *     of each method
   */
  static Graph exported(List<dev.keralens.explain.run.Part> parts, List<Value> own) {
    Setting common = parts.get(0).setting();
    GraphBuilder builder = builder(common);
    Value units = Target.input(builder, common);
    List<Value> given = new ArrayList<>(own);
    if (common.highest()) {
      given.add(Target.add(builder, common, units).units());
    }
    for (dev.keralens.explain.run.Part part : parts) {
      given.add(GraphUnrolling.add(builder, part, units));
    }
    return builder.build(given);
  }

  /**
   * Adds one formula.
   *
   * @param units the units, given; null to take the highest
   * @return its maps
   */
  static Value maps(GraphBuilder builder, Formula formula, Setting setting, @Nullable Value units) {
    return outputs(builder, List.of(new Part(formula, setting)), units).get(COMMON_OUTPUTS);
  }

  /** The graph of the first unit of each image, which is its first output. */
  private static Graph ofFirstUnit(List<Part> parts) {
    Setting common = parts.get(0).setting();
    GraphBuilder builder = builder(common);
    Value unit = Target.firstUnit(builder, common);
    List<Part> single =
        parts.stream()
            .map(part -> new Part(part.method(), part.setting().withUnitsGiven(1)))
            .toList();
    List<Value> outputs = new ArrayList<>(List.of(unit));
    outputs.addAll(outputs(builder, single, unit));
    return builder.build(outputs);
  }

  private static GraphBuilder builder(Setting common) {
    GraphBuilder builder = GraphBuilder.from(common.network().graph());
    builder.scope(SCOPE);
    return builder;
  }

  /**
   * Adds the gradients and the methods.
   *
   * @param units the units, given; null to take the highest
   */
  private static List<Value> outputs(
      GraphBuilder builder, List<Part> parts, @Nullable Value units) {
    Setting common = parts.get(0).setting();
    Target target = Target.add(builder, common, units);
    Map<Object, Object> known = new HashMap<>();
    Map<RuleOverride, Map<Value, Value>> gradients = gradients(builder, parts, target, known);
    List<Value> outputs = new ArrayList<>(target.all());
    for (Part part : parts) {
      Scene bare =
          new GraphScene(builder, part.setting(), target, gradients, RuleOverride.NONE, known);
      Scene scene = bare.of(part.method());
      outputs.addAll(finish(builder, part.setting(), part.method().maps(scene)));
    }
    return outputs;
  }

  /** The gradients that methods ask for, by the rules that they have of their own. */
  private static Map<RuleOverride, Map<Value, Value>> gradients(
      GraphBuilder builder, List<Part> parts, Target target, Map<Object, Object> known) {
    Setting common = parts.get(0).setting();
    Map<RuleOverride, Set<Value>> wanted = new LinkedHashMap<>();
    for (Part part : parts) {
      Scene scene =
          new GraphScene(builder, part.setting(), target, Map.of(), RuleOverride.NONE, known);
      for (Formula formula : part.method().parts()) {
        wanted
            .computeIfAbsent(formula.override(scene), rules -> new LinkedHashSet<>())
            .addAll(formula.differentiated(scene));
      }
    }
    Map<RuleOverride, Map<Value, Value>> gradients = new HashMap<>();
    wanted.forEach(
        (rules, values) -> {
          if (!values.isEmpty()) {
            gradients.put(
                rules,
                Differentiator.of(builder)
                    .repeats(common.units())
                    .overriding(rules)
                    .gradients(Map.of(common.target().value(), target.seed()), values));
          }
        });
    return gradients;
  }

  /** Adds the range before the filter, the filter and the resizing: maps, lowest, highest. */
  static List<Value> finish(GraphBuilder b, Setting setting, Value maps) {
    int[] axes = IntStream.range(1, maps.rank()).toArray();
    Value lowest = b.reduce(Op.REDUCE_MIN, maps, false, axes);
    Value highest = b.reduce(Op.REDUCE_MAX, maps, false, axes);
    Value filtered = setting.filter().apply(b, maps, axes);
    List<Integer> size = setting.size();
    Value resized =
        size == null
            ? filtered
            : Resizing.linear(b, filtered, size.stream().mapToInt(Integer::intValue).toArray());
    Shape perUnit = Shape.of(Shape.BATCH, setting.units());
    return List.of(
        unitsLast(b, resized, setting.units()),
        b.reshape(lowest, perUnit),
        b.reshape(highest, perUnit));
  }

  /** From (k * batch, spatial axes...) to (batch, spatial axes..., k). */
  private static Value unitsLast(GraphBuilder b, Value maps, int units) {
    Shape apart = maps.shape().with(0, Shape.BATCH).insert(1, units);
    int rank = apart.rank();
    if (units == 1) {
      return b.reshape(maps, maps.shape().insert(rank - 1, 1));
    }
    int[] order = IntStream.range(0, rank).map(i -> i == 0 ? 0 : i % (rank - 1) + 1).toArray();
    return b.transpose(b.reshape(maps, apart), order);
  }

  @Override
  public List<BatchMaps> run(List<Tensor> inputs, @Nullable Tensor units, PassListener listener) {
    List<Tensor> feeds = new ArrayList<>(inputs);
    if (!highest) {
      if (units == null) {
        throw new IllegalArgumentException("The units to explain are missing.");
      }
      feeds.add(units);
    }
    List<Tensor> out = graph.run(feeds);
    List<BatchMaps> results = new ArrayList<>();
    for (int i = 0; i < methods; i++) {
      int at = COMMON_OUTPUTS + i * OUTPUTS_PER_METHOD;
      results.add(
          new BatchMaps(
              out.get(at), out.get(1), out.get(2), out.get(0), out.get(at + 1), out.get(at + 2)));
    }
    return results;
  }

  @Override
  public void prepare(int batch) {
    graph.prepare(batch);
  }

  @Override
  public void close() {
    graph.close();
  }
}
