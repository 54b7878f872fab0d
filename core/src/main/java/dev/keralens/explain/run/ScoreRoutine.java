package dev.keralens.explain.run;

import dev.keralens.explain.PassListener;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the units of each image and their scores on the input as it is, and explains nothing. */
final class ScoreRoutine implements Routine {
  private static final int UNITS = 0;
  private static final int SCORES = 1;
  private static final int OUTPUTS = 2;
  private static final int SUMS = 3;
  private static final int OBSERVED = 4;

  private final CompiledGraph graph;
  private final boolean highest;

  /**
   * Compiles the graph.
   *
   * @param setting the network, and which units
   */
  ScoreRoutine(Setting setting) {
    this(setting, GraphBuilder.from(setting.network().graph()), List.of());
  }

  /**
   * Compiles the graph.
   *
   * @param b the network's graph, with what computes the observed values
   * @param observed values that are given out beside the scores
   */
  ScoreRoutine(Setting setting, GraphBuilder b, List<Value> observed) {
    this.highest = setting.highest();
    Target target = Target.add(b, setting, Target.input(b, setting));
    List<Value> values = new ArrayList<>(target.all());
    values.add(highest ? Target.sums(b, setting.target(), setting) : target.scores());
    values.addAll(observed);
    this.graph = CompiledGraph.compile(b.build(values), setting.runtime());
  }

  /**
   * What the network says of images as they are.
   *
   * @param units int64 (batch, k)
   * @param scores float (batch, k)
   * @param outputs float (batch, k)
   */
  record Chosen(Tensor units, Tensor scores, Tensor outputs, List<Tensor> observed) {}

  Chosen choose(List<Tensor> inputs, @Nullable Tensor units) {
    List<Tensor> feeds = new ArrayList<>(inputs);
    if (!highest && units != null) {
      feeds.add(units);
    }
    List<Tensor> out = graph.run(feeds);
    return new Chosen(
        out.get(UNITS), out.get(SCORES), out.get(OUTPUTS), out.subList(OBSERVED, out.size()));
  }

  /**
   * The scores of units that are given, also where the highest are taken of the images as they are.
   *
   * @param units int64 (rows, k)
   * @return float (rows, k)
   */
  Tensor scores(List<Tensor> inputs, Tensor units) {
    if (!highest) {
      return choose(inputs, units).scores();
    }
    Tensor sums = sums(inputs);
    int k = units.size(1);
    long[] wanted = units.toLongArray();
    float[] scores = new float[wanted.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = sums.get(i / k, (int) wanted[i]);
    }
    return Tensor.of(scores, units.shape());
  }

  /** The scores of all units, where the highest are taken: float (rows, units). */
  private Tensor sums(List<Tensor> inputs) {
    return graph.run(inputs).get(SUMS);
  }

  /** {@return the units and their scores, without maps: these have no element} */
  @Override
  public List<BatchMaps> run(List<Tensor> inputs, @Nullable Tensor units, PassListener listener) {
    Chosen chosen = choose(inputs, units);
    Tensor none = Tensor.of(new float[0], chosen.units().size(0), 0);
    return List.of(
        new BatchMaps(none, chosen.scores(), chosen.outputs(), chosen.units(), none, none));
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
