package dev.keralens.method;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The units of each image and their scores on the unchanged input, for methods that run it changed.
 */
final class UnitChoice implements AutoCloseable {
  private final CompiledGraph graph;
  private final boolean highest;

  UnitChoice(Setting setting) {
    this.highest = setting.highest();
    GraphBuilder b = GraphBuilder.from(setting.network().graph());
    Value given =
        highest
            ? null
            : b.input("units", ElementType.INT64, Shape.of(Shape.BATCH, setting.units()));
    this.graph =
        CompiledGraph.compile(b.build(Target.add(b, setting, given).outputs()), setting.runtime());
  }

  /** The units, int64 (batch, k), and their scores, float (batch, k). */
  List<Tensor> run(List<Tensor> inputs, @Nullable Tensor units) {
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
