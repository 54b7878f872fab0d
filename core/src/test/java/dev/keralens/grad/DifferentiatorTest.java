package dev.keralens.grad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.OperatorRow;
import dev.keralens.graph.OperatorRow.Built;
import dev.keralens.graph.OperatorRows;
import dev.keralens.graph.RowRun;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Holds the gradient of every operator to what finite differences of the operator itself give. */
class DifferentiatorTest {
  private static final float STEP = 1 / 64f;
  private static final RuntimeOptions OPTIONS = RuntimeOptions.defaults().withThreads(1);

  @Test
  void rows_everyOperator() {
    Set<Op> without = EnumSet.allOf(Op.class);
    OperatorRows.all().forEach(row -> without.remove(row.op()));
    assertEquals(Set.of(), without, "operators without a row");
  }

  @Test
  void rows_namesAreUnique() {
    List<String> names = OperatorRows.all().stream().map(OperatorRow::toString).toList();
    assertEquals(names.stream().distinct().toList(), names);
  }

  @TestFactory
  Stream<DynamicContainer> gradient_ofEveryRow() {
    return OperatorRows.all().stream()
        .map(row -> DynamicContainer.dynamicContainer(row.toString(), tests(row)));
  }

  private static Stream<DynamicTest> tests(OperatorRow row) {
    return switch (row.gradient()) {
      case NONE -> Stream.of(DynamicTest.dynamicTest("none", () -> checkNone(row)));
      case UNSUPPORTED -> Stream.of(DynamicTest.dynamicTest("refused", () -> checkRefused(row)));
      case EXACT ->
          Stream.of(1, 3)
              .flatMap(
                  batch ->
                      Stream.of(
                          DynamicTest.dynamicTest(
                              "batch " + batch, () -> checkDifferences(row, batch)),
                          DynamicTest.dynamicTest(
                              "batch " + batch + ", 3 repeats", () -> checkRepeats(row, batch))));
    };
  }

  private static void checkNone(OperatorRow row) {
    GraphBuilder b = new GraphBuilder();
    Built built = row.build(b);
    assertTrue(!built.differentiated().isEmpty(), "the row differentiates nothing");
    assertEquals(Map.of(), gradients(b, built, 1, new ArrayList<>()));
  }

  private static void checkRefused(OperatorRow row) {
    GraphBuilder b = new GraphBuilder();
    Built built = row.build(b);
    UnsupportedModelException e =
        assertThrows(
            UnsupportedModelException.class, () -> gradients(b, built, 1, new ArrayList<>()));
    String message = String.valueOf(e.getMessage());
    assertTrue(
        message.startsWith("No gradient passes through " + row.op().onnxName() + " '"), message);
  }

  private static Map<Value, Value> gradients(
      GraphBuilder b, Built built, int repeats, List<Value> seeds) {
    Map<Value, Value> weights = new LinkedHashMap<>();
    for (Value y : built.seeded()) {
      Value seed = b.input("seed", y.type(), y.shape().repeat(repeats));
      seeds.add(seed);
      weights.put(y, seed);
    }
    return Differentiator.of(b).repeats(repeats).gradients(weights, built.differentiated());
  }

  private static void checkDifferences(OperatorRow row, int batch) {
    long seed = 31L * row.toString().hashCode() + batch;
    Random random = new Random(seed);
    Backpropagation backward = new Backpropagation(row, 1);
    List<Tensor> x = RowRun.sample(backward.built.fed(), batch, random);
    List<Tensor> weights = backward.sampleSeeds(batch, random);
    List<Tensor> analytic = backward.run(x, weights);
    try (CompiledGraph forward = compile(row)) {
      int next = 0;
      for (int i = 0; i < x.size(); i++) {
        if (!backward.built.fed().get(i).differentiated()) {
          continue;
        }
        Tensor direction = RowRun.uniform(backward.built.inputs().get(i), batch, random);
        double numeric = difference(forward, x, i, direction, weights);
        double expected = 0;
        double scale = 0;
        float[] g = analytic.get(next++).toFloatArray();
        float[] d = direction.toFloatArray();
        for (int j = 0; j < g.length; j++) {
          expected += (double) g[j] * d[j];
          scale += Math.abs((double) g[j] * d[j]);
        }
        double error = Math.abs(expected - numeric) / scale;
        assertTrue(
            error <= row.tolerance(),
            "%s, operand %d: analytic %.7g, numeric %.7g, relative error %.2g, seed %d"
                .formatted(row, i, expected, numeric, error, seed));
      }
    }
  }

  /** The derivative along a direction: central differences of the fourth order. */
  private static double difference(
      CompiledGraph forward, List<Tensor> x, int operand, Tensor direction, List<Tensor> weights) {
    double near =
        sum(forward, moved(x, operand, direction, STEP), weights)
            - sum(forward, moved(x, operand, direction, -STEP), weights);
    double far =
        sum(forward, moved(x, operand, direction, 2 * STEP), weights)
            - sum(forward, moved(x, operand, direction, -2 * STEP), weights);
    return (8 * near - far) / (12 * STEP);
  }

  private static List<Tensor> moved(List<Tensor> x, int operand, Tensor direction, float step) {
    List<Tensor> out = new ArrayList<>(x);
    float[] values = x.get(operand).toFloatArray();
    float[] d = direction.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] += step * d[i];
    }
    out.set(operand, RowRun.tensor(x.get(operand).type(), values, x.get(operand).shape()));
    return out;
  }

  private static double sum(CompiledGraph forward, List<Tensor> x, List<Tensor> weights) {
    List<Tensor> outputs = forward.run(x);
    double sum = 0;
    for (int i = 0; i < outputs.size(); i++) {
      float[] y = outputs.get(i).toFloatArray();
      float[] w = weights.get(i).toFloatArray();
      for (int j = 0; j < y.length; j++) {
        sum += (double) y[j] * w[j];
      }
    }
    return sum;
  }

  private static CompiledGraph compile(OperatorRow row) {
    GraphBuilder b = new GraphBuilder();
    Built built = row.build(b);
    return CompiledGraph.compile(b.build(built.seeded()), OPTIONS);
  }

  private static void checkRepeats(OperatorRow row, int batch) {
    int units = 3;
    Random random = new Random(row.toString().hashCode() + batch);
    Backpropagation together = new Backpropagation(row, units);
    Backpropagation single = new Backpropagation(row, 1);
    List<Tensor> x = RowRun.sample(together.built.fed(), batch, random);
    List<Tensor> weights = together.sampleSeeds(batch, random);
    List<Tensor> all = together.run(x, weights);
    for (int unit = 0; unit < units; unit++) {
      int u = unit;
      List<Tensor> ofUnit =
          IntStream.range(0, weights.size())
              .mapToObj(
                  i -> RowRun.unit(weights.get(i), single.built.seeded().get(i).shape(), units, u))
              .toList();
      List<Tensor> alone = single.run(x, ofUnit);
      for (int i = 0; i < alone.size(); i++) {
        Value input = single.built.differentiated().get(i);
        Tensor part = RowRun.unit(all.get(i), input.shape(), units, u);
        float[] expected = alone.get(i).toFloatArray();
        float largest = 0;
        for (float value : expected) {
          largest = Math.max(largest, Math.abs(value));
        }
        assertArrayEquals(alone.get(i).shape(), part.shape());
        assertArrayEquals(expected, part.toFloatArray(), largest * 1e-5f, row + " unit " + unit);
      }
    }
  }

  /** A row's gradients, compiled for each run: rows are small. */
  private static final class Backpropagation {
    private final GraphBuilder b = new GraphBuilder();
    private final Built built;
    private final List<Value> seeds = new ArrayList<>();
    private final List<Value> gradients = new ArrayList<>();

    Backpropagation(OperatorRow row, int repeats) {
      built = row.build(b);
      Map<Value, Value> found = gradients(b, built, repeats, seeds);
      for (Value x : built.differentiated()) {
        Value gradient = found.get(x);
        assertTrue(gradient != null, "no gradient flows to " + x);
        assertEquals(x.shape().repeat(repeats), gradient.shape());
        gradients.add(gradient);
      }
    }

    List<Tensor> sampleSeeds(int batch, Random random) {
      return seeds.stream().map(seed -> RowRun.uniform(seed, batch, random)).toList();
    }

    List<Tensor> run(List<Tensor> x, List<Tensor> weights) {
      List<Tensor> feeds = new ArrayList<>(x);
      feeds.addAll(weights);
      try (CompiledGraph compiled = CompiledGraph.compile(b.build(gradients), OPTIONS)) {
        List<Tensor> out = compiled.run(feeds);
        for (int i = 0; i < out.size(); i++) {
          int rows = batchOf(x);
          assertArrayEquals(gradients.get(i).shape().forBatch(rows), out.get(i).shape());
        }
        return out;
      }
    }

    private int batchOf(List<Tensor> x) {
      for (int i = 0; i < x.size(); i++) {
        int axis = built.fed().get(i).shape().batchAxis();
        if (axis >= 0) {
          return x.get(i).size(axis) / -built.fed().get(i).shape().size(axis);
        }
      }
      return 1;
    }
  }
}
