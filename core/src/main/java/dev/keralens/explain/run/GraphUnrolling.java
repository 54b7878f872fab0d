package dev.keralens.explain.run;

import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Formula;
import dev.keralens.explain.Method;
import dev.keralens.explain.Unrolling;
import dev.keralens.grad.UnitRows;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.inspect.attention.PatchGrid;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.search.Channels;
import dev.keralens.network.search.Embedded;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The passes of an ensemble as rows of one graph: each question is a copy of the network. */
final class GraphUnrolling implements Unrolling {
  /** More rows for each image take more memory than most have who run a file. */
  static final int MOST_ROWS = 512;

  /** What masks and noise may add to a file. */
  private static final long MOST_BYTES = 1L << 28;

  private final GraphBuilder builder;
  private final Part part;
  private final Target target;
  private final int before;

  private GraphUnrolling(GraphBuilder builder, Part part, Target target, int before) {
    this.builder = builder;
    this.part = part;
    this.target = target;
    this.before = before;
  }

  /**
   * Adds a method to a graph that has its network.
   *
   * @param units the units, given; null to take the highest
   * @return the maps, filtered and resized as the setting says: float (batch, places..., k)
   */
  static Value add(GraphBuilder b, Part part, @Nullable Value units) {
    return add(b, part, units, 1);
  }

  private static Value add(GraphBuilder b, Part part, @Nullable Value units, int before) {
    String scope = b.scope(GraphRoutine.SCOPE);
    Value maps;
    if (part.method() instanceof Ensemble ensemble) {
      Target target = Target.add(b, part.setting(), units);
      Maps own = ensemble.unroll(new GraphUnrolling(b, part, target, before));
      maps = Finish.add(b, part.setting(), own.joining(), own.maps()).get(0);
    } else {
      maps = GraphRoutine.maps(b, (Formula) part.method(), part.setting(), units);
    }
    b.scope(scope);
    return maps;
  }

  @Override
  public GraphBuilder builder() {
    return builder;
  }

  @Override
  public KerasTensor input() {
    return part.setting().network().inputs().get(part.setting().input());
  }

  @Override
  public int inputs() {
    return part.setting().network().inputs().size();
  }

  @Override
  public Value scores() {
    return target.scores();
  }

  @Override
  public KerasTensor activationTensor() {
    return GraphScene.activation(part.setting());
  }

  @Override
  public Value activation() {
    KerasTensor activation = activationTensor();
    Value first = Channels.first(builder, activation.value(), activation.layout());
    return PatchGrid.laid(builder, first, part.setting().tokens());
  }

  @Override
  public void requireReal(String change) {
    Embedded.requireReal(part.setting().network().graph(), input(), change);
  }

  @Override
  public void requireRows(long passes, String fewer) {
    if (passes > MOST_ROWS / before) {
      throw new UnsupportedModelException(
          "%s runs the network %,d times for each image%s, which in a file are rows of one run: up to %d have room in memory. Take fewer (%s)."
              .formatted(
                  part.method().name(),
                  passes,
                  before == 1 ? "" : ", %,d times over".formatted(before),
                  MOST_ROWS,
                  fewer));
    }
  }

  @Override
  public void requireRoom(String what, double numbers, String fewer) {
    double bytes = numbers * Float.BYTES;
    if (bytes > MOST_BYTES) {
      throw new UnsupportedModelException(
          "The %s of %s would add %,.0f MB to the file, which takes up to %d. Take fewer (%s)."
              .formatted(what, part.method().name(), bytes / 1e6, MOST_BYTES / 1_000_000, fewer));
    }
  }

  @Override
  public Value together(Value apart) {
    Shape shape = apart.shape();
    return builder.reshape(apart, shape.remove(1).with(0, shape.size(0) * shape.size(1)));
  }

  @Override
  public Value apart(Value rows, int passes) {
    Shape shape = rows.shape();
    return builder.reshape(rows, shape.with(0, shape.size(0) / passes).insert(1, passes));
  }

  @Override
  public Value scores(Value changed, int passes) {
    Setting setting = part.setting();
    GraphBuilder b = GraphBuilder.from(setting.network().graph());
    Setting given = setting.withUnitsGiven();
    Value units = Target.input(b, given);
    Value sums = Target.sums(b, given.target(), given);
    Value scores = b.node(Op.GATHER_ELEMENTS, Attributes.of("axis", 1), sums, units);
    return apart(included(b.build(List.of(scores)), changed, passes), passes);
  }

  @Override
  public Value maps(Method method, Value changed, int passes) {
    Graph graph = graph(part.inner(method), before * passes);
    return apart(included(graph, changed, passes), passes);
  }

  @Override
  public Value mapsAt(Method method, int[] places, String purpose, Value resized) {
    Part inner = NetworkProbes.at(part, method, places, purpose);
    return included(graph(inner, before), resized, 1);
  }

  private static Graph graph(Part inner, int before) {
    GraphBuilder b = GraphBuilder.from(inner.setting().network().graph());
    Value units = Target.input(b, inner.setting());
    return b.build(List.of(add(b, inner, units, before)));
  }

  /** A copy of a graph whose inputs are those of the network and the units, in rows. */
  private Value included(Graph graph, Value changed, int passes) {
    List<Value> fed = new ArrayList<>();
    List<KerasTensor> inputs = part.setting().network().inputs();
    for (int i = 0; i < inputs.size(); i++) {
      fed.add(
          i == part.setting().input()
              ? changed
              : UnitRows.repeat(builder, inputs.get(i).value(), passes));
    }
    fed.add(UnitRows.repeat(builder, target.units(), passes));
    Map<Value, Value> feeds = new HashMap<>();
    for (int i = 0; i < fed.size(); i++) {
      feeds.put(graph.inputs().get(i), fed.get(i));
    }
    Value output = graph.outputs().get(0);
    return builder.include(graph, feeds).getOrDefault(output, output);
  }
}
