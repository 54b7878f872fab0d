package dev.keralens.method;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.runtime.CompiledGraph;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the units of each image and their scores on the input as it is, and explains nothing. */
public final class UnitChoice implements Routine {
  private final CompiledGraph graph;
  private final boolean highest;

  /**
   * Compiles the graph.
   *
   * @param setting the network, and which units
   */
  public UnitChoice(Setting setting) {
    this.highest = setting.highest();
    GraphBuilder b = GraphBuilder.from(setting.network().graph());
    Target target = Target.add(b, setting, Target.input(b, setting));
    this.graph = CompiledGraph.compile(b.build(target.all()), setting.runtime());
  }

  /** {@return the units and their scores, without maps: these have no element} */
  @Override
  public List<BatchMaps> run(List<Tensor> inputs, @Nullable Tensor units) {
    List<Tensor> chosen = choose(inputs, units);
    Tensor none = Tensor.of(new float[0], chosen.get(0).size(0), 0);
    return List.of(new BatchMaps(none, chosen.get(1), chosen.get(2), chosen.get(0), none, none));
  }

  /** The units, int64 (batch, k), their scores and outputs, float (batch, k). */
  List<Tensor> choose(List<Tensor> inputs, @Nullable Tensor units) {
    List<Tensor> feeds = new ArrayList<>(inputs);
    if (!highest && units != null) {
      feeds.add(units);
    }
    return graph.run(feeds);
  }

  @Override
  public void close() {
    graph.close();
  }
}
