package dev.keralens.explain;

import dev.keralens.grad.UnitRows;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.search.Channels;
import dev.keralens.network.search.Embedded;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One graph that has the passes of an {@link Ensemble} as rows, for files that others run: what
 * {@link Probes} give when they are asked is computed in it.
 *
 * <p>The rows of an image lie beside one another: (batch * passes, axes...) is (batch, passes,
 * axes...) with the first two axes {@linkplain #together together}.
 */
public final class Unrolling {
  /** More rows for each image take more memory than most have who run a file. */
  static final int MOST_ROWS = 512;

  /** What masks and noise may add to a file. */
  private static final long MOST_BYTES = 1L << 28;

  private final GraphBuilder builder;
  private final Part part;
  private final Target target;
  private final int before;

  /**
   * What an ensemble adds.
   *
   * @param maps float (batch, axes..., k), as {@link Passes#maps} gives them
   * @param joining what becomes of them before the filter
   */
  public record Maps(Value maps, Plan.Joining joining) {
    /**
     * {@return maps that are whole}
     *
     * @param maps float (batch, places..., k)
     */
    public static Maps of(Value maps) {
      return new Maps(maps, Plan.Joining.NONE);
    }
  }

  private Unrolling(GraphBuilder builder, Part part, Target target, int before) {
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
      Maps own = ensemble.unroll(new Unrolling(b, part, target, before));
      maps = Finish.add(b, part.setting(), own.joining(), own.maps()).get(0);
    } else {
      maps = GraphRoutine.maps(b, (Formula) part.method(), part.setting(), units);
    }
    b.scope(scope);
    return maps;
  }

  /** {@return the builder of the graph} */
  public GraphBuilder builder() {
    return builder;
  }

  /** {@return the explained input} */
  public KerasTensor input() {
    return part.setting().network().inputs().get(part.setting().input());
  }

  /** {@return how many inputs the network has} */
  public int inputs() {
    return part.setting().network().inputs().size();
  }

  /** {@return the score of each unit of the images as they are: float (batch, k)} */
  public Value scores() {
    return target.scores();
  }

  /** {@return the explained activation as the network has it} */
  public KerasTensor activationTensor() {
    return Scene.activation(part.setting());
  }

  /** {@return the explained activation, as {@link Probes#activation} has it} */
  public Value activation() {
    KerasTensor activation = activationTensor();
    Value first = Channels.first(builder, activation.value(), activation.layout());
    return Tokens.lay(builder, first, part.setting().tokens());
  }

  /**
   * Requires an input that may be changed a little.
   *
   * @param change what the method does to it, such as "SmoothGrad adds noise to"
   * @throws UnsupportedModelException if it holds whole numbers that stand for words or the like
   */
  public void requireReal(String change) {
    Embedded.requireReal(part.setting().network().graph(), input(), change);
  }

  /**
   * Requires that so many passes can be rows of one run.
   *
   * @param passes how many the network runs for each image
   * @param fewer how to have fewer, such as "--steps"
   * @throws UnsupportedModelException if they are too many
   */
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

  /**
   * Requires that the file holds so many numbers of the method's own.
   *
   * @param what what they are, such as "noise"
   * @param numbers how many
   * @param fewer how to have fewer
   * @throws UnsupportedModelException if they are too many
   */
  public void requireRoom(String what, double numbers, String fewer) {
    double bytes = numbers * Float.BYTES;
    if (bytes > MOST_BYTES) {
      throw new UnsupportedModelException(
          "The %s of %s would add %,.0f MB to the file, which takes up to %d. Take fewer (%s)."
              .formatted(what, part.method().name(), bytes / 1e6, MOST_BYTES / 1_000_000, fewer));
    }
  }

  /**
   * {@return the passes of each image as rows: (batch * passes, axes...)}
   *
   * @param apart (batch, passes, axes...)
   */
  public Value together(Value apart) {
    Shape shape = apart.shape();
    return builder.reshape(apart, shape.remove(1).with(0, shape.size(0) * shape.size(1)));
  }

  /**
   * {@return rows as the passes of each image: (batch, passes, axes...)}
   *
   * @param rows (batch * passes, axes...)
   * @param passes how many rows each image has
   */
  public Value apart(Value rows, int passes) {
    Shape shape = rows.shape();
    return builder.reshape(rows, shape.with(0, shape.size(0) / passes).insert(1, passes));
  }

  /**
   * {@return the scores of changed images: float (batch, passes, k)}
   *
   * @param changed the explained input: (batch * passes, axes...)
   * @param passes how many rows each image has
   */
  public Value scores(Value changed, int passes) {
    Setting setting = part.setting();
    GraphBuilder b = GraphBuilder.from(setting.network().graph());
    Setting given = setting.withUnitsGiven();
    Value units = Target.input(b, given);
    Value sums = Target.sums(b, given.target(), given);
    Value scores = b.node(Op.GATHER_ELEMENTS, Attributes.of("axis", 1), sums, units);
    return apart(included(b.build(List.of(scores)), changed, passes), passes);
  }

  /**
   * {@return the maps of another method over changed images, neither filtered nor resized: float
   * (batch, passes, places..., k)}
   *
   * @param method the method
   * @param changed the explained input: (batch * passes, axes...)
   * @param passes how many rows each image has
   */
  public Value maps(Method method, Value changed, int passes) {
    Graph graph = graph(part.inner(method), before * passes);
    return apart(included(graph, changed, passes), passes);
  }

  /**
   * {@return the maps of another method over images of another size: float (batch, places..., k)}
   *
   * @param method the method
   * @param places the size of each spatial axis of the input
   * @param purpose what needs it, for the message
   * @param resized the explained input at this size
   * @throws UnsupportedModelException if the model does not take its input at this size
   */
  public Value mapsAt(Method method, int[] places, String purpose, Value resized) {
    Part inner = Probes.at(part, method, places, purpose);
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
