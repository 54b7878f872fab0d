package dev.keralens.grad;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.OperatorRow;
import dev.keralens.graph.OperatorRow.Built;
import dev.keralens.graph.OperatorRow.Gradient;
import dev.keralens.graph.OperatorRows;
import dev.keralens.graph.RowRun;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds the gradient of every operator's gradient to finite differences of the gradient: the
 * differentiator goes over the graph that it made itself.
 */
class SecondDerivativesTest {
  private static final float STEP = 1 / 64f;
  private static final RuntimeOptions OPTIONS = RuntimeOptions.defaults().withThreads(1);

  @TestFactory
  Stream<DynamicTest> gradientOfTheGradient_ofEveryRow() {
    return OperatorRows.all().stream()
        .filter(row -> row.gradient() == Gradient.EXACT)
        // Not known there, and refused by what differentiates twice (ShapleyCAM).
        .filter(row -> !row.toString().equals("[ReduceProd, with zeros]"))
        .map(row -> DynamicTest.dynamicTest(row.toString(), () -> check(row)));
  }

  private static void check(OperatorRow row) {
    GraphBuilder b = new GraphBuilder();
    Built built = row.build(b);
    List<Value> x = built.differentiated();
    List<Value> given = new ArrayList<>();
    Map<Value, Value> seeds = new LinkedHashMap<>();
    for (Value y : built.seeded()) {
      seeds.put(y, b.input("seed", y.type(), y.shape()));
      given.add(seeds.get(y));
    }
    Map<Value, Value> first = Differentiator.of(b).gradients(seeds, x);
    Map<Value, Value> along = new LinkedHashMap<>();
    for (Value value : x) {
      Value direction = b.input("along", value.type(), value.shape());
      along.put(first.get(value), direction);
      given.add(direction);
    }
    List<Value> wanted = new ArrayList<>(first.values());
    Map<Value, Value> second;
    try {
      second = Differentiator.of(b).gradients(along, x);
    } catch (UnsupportedModelException e) {
      return; // Refused by name, and never taken for zero.
    }
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < x.size(); i++) {
      if (second.containsKey(x.get(i))) {
        wanted.add(second.get(x.get(i)));
        found.add(i);
      }
    }
    Random random = new Random(row.toString().hashCode());
    List<Tensor> fed = RowRun.sample(built.fed(), 2, random);
    List<Tensor> weights = given.stream().map(v -> RowRun.uniform(v, 2, random)).toList();
    List<Tensor> directions = x.stream().map(v -> RowRun.uniform(v, 2, random)).toList();
    try (CompiledGraph graph = CompiledGraph.compile(b.build(wanted), OPTIONS)) {
      List<Tensor> out = run(graph, fed, weights);
      double analytic = 0;
      double scale = 1e-2;
      for (int i = 0; i < found.size(); i++) {
        float[] h = out.get(x.size() + i).toFloatArray();
        float[] d = directions.get(found.get(i)).toFloatArray();
        for (int j = 0; j < h.length; j++) {
          analytic += (double) h[j] * d[j];
          scale += Math.abs((double) h[j] * d[j]);
        }
      }
      double numeric =
          (8
                      * (at(graph, built, fed, weights, directions, 1)
                          - at(graph, built, fed, weights, directions, -1))
                  - (at(graph, built, fed, weights, directions, 2)
                      - at(graph, built, fed, weights, directions, -2)))
              / (12 * STEP);
      assertTrue(
          Math.abs(analytic - numeric) / scale < 2e-2,
          "%s: analytic %.6g, numeric %.6g".formatted(row, analytic, numeric));
    }
  }

  private static List<Tensor> run(CompiledGraph graph, List<Tensor> x, List<Tensor> weights) {
    List<Tensor> feeds = new ArrayList<>(x);
    feeds.addAll(weights);
    return graph.run(feeds);
  }

  /** The gradients along their directions, with all inputs moved by so many steps. */
  private static double at(
      CompiledGraph graph,
      Built built,
      List<Tensor> fed,
      List<Tensor> weights,
      List<Tensor> directions,
      int steps) {
    List<Tensor> moved = new ArrayList<>(fed);
    int next = 0;
    for (int i = 0; i < fed.size(); i++) {
      if (!built.fed().get(i).differentiated()) {
        continue;
      }
      float[] values = fed.get(i).toFloatArray();
      float[] d = directions.get(next++).toFloatArray();
      for (int j = 0; j < values.length; j++) {
        values[j] += steps * STEP * d[j];
      }
      moved.set(i, RowRun.tensor(fed.get(i).type(), values, fed.get(i).shape()));
    }
    List<Tensor> out = run(graph, moved, weights);
    double sum = 0;
    for (int i = 0; i < directions.size(); i++) {
      float[] g = out.get(i).toFloatArray();
      float[] v = weights.get(weights.size() - directions.size() + i).toFloatArray();
      for (int j = 0; j < g.length; j++) {
        sum += (double) g[j] * v[j];
      }
    }
    return sum;
  }
}
