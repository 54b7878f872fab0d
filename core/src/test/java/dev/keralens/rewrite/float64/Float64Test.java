package dev.keralens.rewrite.float64;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.grad.Differentiator;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.OperatorRow;
import dev.keralens.graph.OperatorRows;
import dev.keralens.graph.RowRun;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.rewrite.Rewriter;
import dev.keralens.runtime.Precision;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Graphs in double precision compute what they do in single precision, and more exactly. */
class Float64Test {
  private static final RuntimeOptions DOUBLE =
      RuntimeOptions.defaults().withPrecision(Precision.FLOAT64);

  @TestFactory
  Stream<DynamicTest> rows_asInSinglePrecision() {
    return OperatorRows.all().stream()
        .map(row -> DynamicTest.dynamicTest(row.toString(), () -> check(row)));
  }

  private static void check(OperatorRow row) {
    if (row.name().contains("tf_crop_and_resize")) {
      GraphBuilder b = new GraphBuilder();
      Graph graph = b.build(row.build(b).outputs());
      assertThrows(UnsupportedModelException.class, () -> Rewriter.toFloat64(graph));
      return;
    }
    GraphBuilder b = new GraphBuilder();
    OperatorRow.Built built = row.build(b);
    List<Value> inputs = new ArrayList<>(built.inputs());
    List<Value> outputs = new ArrayList<>(built.outputs());
    if (row.gradient() == OperatorRow.Gradient.EXACT) {
      Map<Value, Value> seeds = new LinkedHashMap<>();
      for (Value y : built.seeded()) {
        Value seed = b.input("seed", y.type(), y.shape());
        inputs.add(seed);
        seeds.put(y, seed);
      }
      outputs.addAll(Differentiator.of(b).gradients(seeds, built.differentiated()).values());
    }
    Random random = new Random(row.toString().hashCode());
    List<Tensor> feeds = RowRun.sample(built.fed(), 2, random);
    for (Value seed : inputs.subList(feeds.size(), inputs.size())) {
      feeds.add(RowRun.uniform(seed, 2, random));
    }
    assertAgree(b.build(outputs), feeds);
  }

  private static void assertAgree(Graph graph, List<Tensor> feeds) {
    List<Tensor> single = run(graph, feeds, RuntimeOptions.defaults());
    List<Tensor> twice = run(graph, feeds, DOUBLE);
    for (int i = 0; i < single.size(); i++) {
      assertEquals(single.get(i).type(), twice.get(i).type());
      assertArrayEquals(single.get(i).shape(), twice.get(i).shape());
      float[] expected = single.get(i).toFloatArray();
      float largest = 0;
      for (float value : expected) {
        largest = Float.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
      }
      assertArrayEquals(expected, twice.get(i).toFloatArray(), 1e-5f * largest);
    }
  }

  private static List<Tensor> run(Graph graph, List<Tensor> feeds, RuntimeOptions options) {
    try (CompiledGraph compiled = CompiledGraph.compile(graph, options)) {
      return compiled.run(feeds);
    }
  }

  /** The result less its exact value, which is given in two floats, is below 1e-14. */
  @ParameterizedTest
  @CsvSource({
    "ACOS, 0.375, 1.1863995522992575362", "ASIN, -0.375, -0.38439677449563908304",
    "ASIN, 1, 1.5707963267948966192", "ATAN, 0.375, 0.3587706702705722204",
    "ATAN, -40, -1.5458015331759764597", "ASINH, 0.375, 0.36672460423013676549",
    "ACOSH, 1.375, 0.84101932201144573849", "ATANH, 0.375, 0.39422868018213508473",
    "COS, 0.375, 0.93050762191231429115", "SINH, 0.375, 0.38385106791361456875",
    "COSH, 0.375, 1.0711403467045867673", "TAN, 0.375, 0.39362657592563275823",
    "ERF, 0.0625, 0.070431977722387078051", "ERF, 0.5, 0.52049987781304653768",
    "ERF, -1.5, -0.96610514647531072707", "ERF, 4, 0.99999998458274209972",
    "GELU, -1, -0.15865525393145705141", "SOFTPLUS, 0.375, 0.89812326413984004362",
    "SELU, -0.5, -0.6917581878028713", "SIGMOID, 0.375, 0.59266659995406975877"
  })
  void functions_haveDoublePrecision(Op op, float x, double exact) {
    GraphBuilder b = new GraphBuilder();
    Value in = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH));
    float high = (float) exact;
    float low = (float) (exact - high);
    Value rest = b.sub(b.sub(b.node(op, in), b.scalar(high)), b.scalar(low));
    Graph graph = b.build(List.of(b.mul(rest, 1e14)));
    assertEquals(0, run(graph, List.of(Tensor.of(new float[] {x}, 1)), DOUBLE).get(0).get(0), 1);
  }

  /** In single precision, 1e8 + 1 - 1e8 is 0, where ReLU has no slope. */
  @Test
  void gradient_ofReluBesideItsCorner() {
    GraphBuilder b = new GraphBuilder();
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 3, 1, 1));
    Value kernel = b.constant(Tensor.of(new float[] {1e8f, 1, -1e8f}, 1, 3, 1, 1));
    Value y = b.relu(b.node(Op.CONV, x, kernel));
    Value seed = b.input("seed", ElementType.FLOAT32, y.shape());
    Map<Value, Value> found = Differentiator.of(b).gradients(Map.of(y, seed), List.of(x));
    Graph graph = b.build(List.of(Objects.requireNonNull(found.get(x))));
    List<Tensor> feeds =
        List.of(
            Tensor.of(new float[] {1, 1, 1}, 1, 3, 1, 1), Tensor.of(new float[] {1}, 1, 1, 1, 1));
    float[] slopes = run(graph, feeds, DOUBLE).get(0).toFloatArray();
    assertArrayEquals(new float[] {1e8f, 1, -1e8f}, slopes);
  }

  @Test
  void epsilon_isTheDecimalNumber() {
    GraphBuilder b = new GraphBuilder();
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 1));
    Value one = b.constant(Tensor.of(new float[] {1}, 1));
    Value zero = b.constant(Tensor.of(new float[] {0}, 1));
    Attributes epsilon = Attributes.NONE.with("epsilon", 0.001f);
    Value y = b.node(Op.BATCH_NORMALIZATION, epsilon, x, one, zero, zero, zero);
    // 1 / sqrt(0.001) less its two leading floats.
    double exact = 1 / Math.sqrt(0.001);
    float high = (float) exact;
    Value rest = b.sub(b.sub(y, b.scalar(high)), b.scalar((float) (exact - high)));
    Tensor in = Tensor.of(new float[] {1}, 1, 1);
    float error = run(b.build(List.of(b.mul(rest, 1e12))), List.of(in), DOUBLE).get(0).get(0, 0);
    assertTrue(Math.abs(error) < 1, "off by " + error + " e-12");
  }
}
