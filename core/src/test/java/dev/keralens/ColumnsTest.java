package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Op;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.method.DeepLift;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.method.KernelShap;
import dev.keralens.method.Lime;
import dev.keralens.method.Occlusion;
import dev.keralens.method.Rise;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Columns of tables and words of texts, each hidden by itself. */
class ColumnsTest {
  private static final int COLUMNS = 5;
  private static final float[] ROW = {1.5f, -0.7f, 2, 0.3f, -1.2f};
  private static final float[] BACKGROUND = {0.2f, 0.5f, -0.4f, 1, 0.1f};
  private static final int WORDS = 9;
  private static final float[] TEXT = {3, 7, 0, 7, 5};

  private static Model linear() {
    return SmallNetwork.model(
        (n, in) -> List.of(n.dense("dense", in.get(0), SmallNetwork.random(1, COLUMNS * 2), 2)),
        new int[] {COLUMNS});
  }

  private static Model curved() {
    return SmallNetwork.model(
        (n, in) -> {
          KerasTensor hidden = n.dense("one", in.get(0), SmallNetwork.random(2, COLUMNS * 6), 6);
          Value bent = n.b.node(Op.TANH, hidden.value());
          KerasTensor layer = n.layer("tanh", "Activation", hidden, bent, Layout.PLAIN);
          return List.of(n.dense("two", layer, SmallNetwork.random(3, 6 * 2), 2));
        },
        new int[] {COLUMNS});
  }

  /** The products of neighbouring words' vectors, summed: what a word does depends on others. */
  private static Model words() {
    return SmallNetwork.model(
        (n, in) -> {
          Value table = n.b.constant(Tensor.of(SmallNetwork.random(4, WORDS * 3), WORDS, 3));
          Value index = n.b.cast(in.get(0).value(), ElementType.INT64);
          Value all = n.b.node(Op.GATHER, Attributes.of("axis", 0), table, index);
          int[] axis = {1};
          Value first = n.b.slice(all, axis, new int[] {0}, new int[] {COLUMNS - 1});
          Value second = n.b.slice(all, axis, new int[] {1}, new int[] {COLUMNS});
          Value sum = n.b.reduceSum(n.b.mul(first, second), false, 1);
          KerasTensor layer = n.layer("sum", "Lambda", in.get(0), sum, Layout.PLAIN);
          return List.of(n.dense("dense", layer, SmallNetwork.random(5, 6), 2));
        },
        new int[] {COLUMNS});
  }

  private static double[] map(Model model, float[] row, Method method) {
    ExplainOptions options = ExplainOptions.defaults().withFilter(Filters::none);
    try (Explainer explainer = Explainer.of(model, options, method)) {
      return explainer.explain(Tensor.of(row, 1, COLUMNS), Units.of(1)).map(0, 0).toDoubleArray();
    }
  }

  private static double score(Model model, float[] row) {
    return model.predict(Tensor.of(row, 1, COLUMNS)).get(0, 1);
  }

  /** The row of which the columns of a set are left. */
  private static float[] left(float[] row, float[] others, int set) {
    float[] out = others.clone();
    for (int i = 0; i < COLUMNS; i++) {
      out[i] = (set >> i & 1) == 1 ? row[i] : others[i];
    }
    return out;
  }

  /** Shapley values by their definition. */
  private static double[] shapley(Model model, float[] row, float[] others) {
    double[] values = new double[COLUMNS];
    for (int set = 0; set < 1 << COLUMNS; set++) {
      double score = score(model, left(row, others, set));
      int size = Integer.bitCount(set);
      for (int i = 0; i < COLUMNS; i++) {
        boolean in = (set >> i & 1) == 1;
        int before = in ? size - 1 : size;
        double weight = factorial(before) * factorial(COLUMNS - before - 1) / factorial(COLUMNS);
        values[i] += (in ? 1 : -1) * weight * score;
      }
    }
    return values;
  }

  private static double factorial(int n) {
    return n < 2 ? 1 : n * factorial(n - 1);
  }

  private static void assertClose(double[] expected, double[] actual, double tolerance) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], tolerance, "column " + i);
    }
  }

  private static double[] contributions() {
    float[] kernel = SmallNetwork.random(1, COLUMNS * 2);
    double[] all = new double[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
      all[i] = kernel[2 * i + 1] * (ROW[i] - BACKGROUND[i]);
    }
    return all;
  }

  private static Baseline background() {
    return Baseline.of(Tensor.of(BACKGROUND, 1, COLUMNS));
  }

  @Test
  void linearTable_isExplainedByWeightTimesDifference() {
    try (Model model = linear()) {
      double[] expected = contributions();
      assertClose(expected, map(model, ROW, Occlusion.create().baseline(background())), 1e-5);
      assertClose(expected, map(model, ROW, KernelShap.create().baseline(background())), 1e-5);
      assertClose(expected, map(model, ROW, Lime.create().ridge(0).baseline(background())), 1e-4);
    }
  }

  @Test
  void kernelShapOfATable_isExact() {
    try (Model model = curved()) {
      double[] expected = shapley(model, ROW, BACKGROUND);
      assertClose(expected, map(model, ROW, KernelShap.create().baseline(background())), 1e-5);
    }
  }

  /** A column counts what it adds where it is left, and the mean of the others. */
  @Test
  void riseOfATable_convergesToItsExpectation() {
    try (Model model = linear()) {
      double[] parts = contributions();
      double whole = score(model, BACKGROUND);
      for (double part : parts) {
        whole += part / 2;
      }
      double[] expected = new double[COLUMNS];
      double largest = 0;
      for (int i = 0; i < COLUMNS; i++) {
        expected[i] = whole + parts[i] / 2;
        largest = Math.max(largest, Math.abs(expected[i]));
      }
      Rise many = Rise.create().masks(20_000).baseline(background());
      assertClose(expected, map(model, ROW, many), 0.05 * largest);
    }
  }

  @Test
  void words_areReplacedByOthers() {
    float[] others = {0, 1, 0, 1, 1}; // the third stays: it is padding
    Baseline standIn = Baseline.of(Tensor.of(others, 1, COLUMNS));
    try (Model model = words()) {
      double plain = score(model, TEXT);
      double[] drops = new double[COLUMNS];
      for (int i = 0; i < COLUMNS; i++) {
        int all = (1 << COLUMNS) - 1;
        drops[i] = plain - score(model, left(TEXT, others, all - (1 << i)));
      }
      assertEquals(0, drops[2], 0);
      assertClose(drops, map(model, TEXT, Occlusion.create().baseline(standIn)), 1e-5);
      double[] values = shapley(model, TEXT, others);
      assertClose(values, map(model, TEXT, KernelShap.create().baseline(standIn)), 1e-4);
      double[] zero = shapley(model, TEXT, new float[COLUMNS]);
      assertClose(zero, map(model, TEXT, KernelShap.create()), 1e-4);
      double[] weights = map(model, TEXT, Lime.create().samples(5000).baseline(standIn));
      double largest = Arrays.stream(weights).map(Math::abs).max().orElseThrow();
      assertEquals(0, weights[2], 0.05 * largest);
      assertEquals(COLUMNS, map(model, TEXT, Rise.create().masks(50).baseline(standIn)).length);
    }
  }

  @Test
  void whatIsNoWord_isRefused() {
    try (Model model = words()) {
      for (Baseline baseline : List.of(Baseline.mean(), Baseline.of(1.5f), Baseline.of(-1))) {
        String said =
            String.valueOf(
                assertThrows(
                        UnsupportedModelException.class,
                        () -> map(model, TEXT, Occlusion.create().baseline(baseline)))
                    .getMessage());
        assertTrue(said.contains("word's number"), said);
      }
    }
  }

  /** Columns are unlike: an income and an age have no mean. */
  @Test
  void meanAndBlurOfColumns_areRefused() {
    try (Model model = linear()) {
      for (Baseline baseline : List.of(Baseline.mean(), Baseline.blur())) {
        for (Method method :
            List.of(
                Occlusion.create().baseline(baseline),
                Rise.create().baseline(baseline),
                KernelShap.create().baseline(baseline),
                IntegratedGradients.create().baseline(baseline),
                DeepLift.create().baseline(baseline))) {
          String said =
              String.valueOf(
                  assertThrows(UnsupportedModelException.class, () -> map(model, ROW, method))
                      .getMessage());
          assertTrue(said.contains("has columns"), said);
        }
      }
    }
  }
}
