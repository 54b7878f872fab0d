package dev.keralens;

import static dev.keralens.FourByFour.PIXELS;
import static dev.keralens.FourByFour.SIDE;
import static dev.keralens.FourByFour.X;
import static dev.keralens.FourByFour.assertMap;
import static dev.keralens.FourByFour.explain;
import static dev.keralens.FourByFour.linear;
import static dev.keralens.FourByFour.map;
import static dev.keralens.FourByFour.power;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Method;
import dev.keralens.explain.PassListener;
import dev.keralens.filter.Filters;
import dev.keralens.method.Gradients;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.method.Occlusion;
import dev.keralens.method.Rise;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Baselines mean the same for every method; what a map should add up to is looked after. */
class BaselineTest {
  /** Pixels of X lie a quarter apart around this. */
  private static final double MEAN = 0;

  private static double blurred(int pixel, double deviation) {
    double sum = 0;
    double weights = 0;
    for (int i = 0; i < PIXELS; i++) {
      double y = (double) (i / SIDE - pixel / SIDE) / deviation;
      double x = (double) (i % SIDE - pixel % SIDE) / deviation;
      double weight = Math.exp(-(x * x + y * y) / 2);
      sum += weight * X[i];
      weights += weight;
    }
    return sum / weights;
  }

  private static void assertReplaces(Function<Baseline, Method> method) {
    float[] w = SmallNetwork.random(6, PIXELS);
    Tensor row = Tensor.of(SmallNetwork.random(8, PIXELS), 1, SIDE, SIDE, 1);
    float[] other = row.toFloatArray();
    assertMap(i -> w[i] * (X[i] - 3), map(linear(w), method.apply(Baseline.of(3))), 1e-5);
    assertMap(i -> w[i] * (X[i] - other[i]), map(linear(w), method.apply(Baseline.of(row))), 1e-5);
    assertMap(i -> w[i] * (X[i] - MEAN), map(linear(w), method.apply(Baseline.mean())), 1e-5);
    assertMap(
        i -> w[i] * (X[i] - blurred(i, 2)), map(linear(w), method.apply(Baseline.blur(0.5))), 1e-5);
  }

  @Test
  void occlusion_ofALinearModel_isWeightTimesDistanceFromTheBaseline() {
    assertReplaces(Occlusion.create().window(1).stride(1)::baseline);
  }

  @Test
  void integratedGradients_ofALinearModel_areWeightTimesDistanceFromTheBaseline() {
    assertReplaces(IntegratedGradients.create().steps(2)::baseline);
  }

  @Test
  void rise_underMasksThatHideAll_isTheScoreOfTheBaseline() {
    // One cell: the mean of y(x) under masks that leave all; those that leave nothing count 0.
    float[] w = SmallNetwork.random(7, PIXELS);
    float[] zero = map(linear(w), Rise.create().masks(50).cells(1));
    float[] three = map(linear(w), Rise.create().masks(50).cells(1).baseline(Baseline.of(3)));
    assertMap(i -> zero[i], three, 1e-4);
  }

  @Test
  void gaps_ofStepsThatAreExact_areZero() {
    Tensor gaps =
        Objects.requireNonNull(explain(power(3), IntegratedGradients.create().steps(2)).gaps());
    assertEquals(0, gaps.get(0, 0));
  }

  @Test
  void gaps_arePartsOfTheRiseOfTheScore() {
    // The middle rule of two steps integrates 4 a^3 to 7/8, so the map is 1/8 short.
    IntegratedGradients middle =
        IntegratedGradients.create().steps(2).rule(IntegratedGradients.Rule.RIEMANN_MIDDLE);
    Tensor gaps = Objects.requireNonNull(explain(power(4), middle).gaps());
    assertEquals(1.0 / 8, gaps.get(0, 0), 1e-5);
  }

  @Test
  void gaps_areKnownOfHighestUnitsAndOfBatches_andNotOfOtherMethods() {
    Tensor x = Tensor.of(SmallNetwork.random(11, 5 * 60), 5, 6, 5, 2);
    ExplainOptions options =
        ExplainOptions.defaults()
            .withBatchSize(2)
            .withFilter(Filters::none)
            .withResize(Resize.none());
    try (Model model =
            SmallNetwork.model(
                (n, in) -> SmallNetwork.classifier(n, in.get(0), 3, 3), new int[] {6, 5, 2});
        Explainer explainer =
            Explainer.of(
                model, options, IntegratedGradients.create().steps(40), Gradients.create())) {
      List<Explanation> highest = explainer.explainAll(List.of(x), Units.top(2));
      assertNull(highest.get(1).gaps());
      Tensor gaps = Objects.requireNonNull(highest.get(0).gaps());
      List<Explanation> given =
          explainer.explainAll(List.of(x), Units.each(highest.get(0).units()));
      Tensor same = Objects.requireNonNull(given.get(0).gaps());
      assertEquals(List.of(5, 2), List.of(gaps.size(0), gaps.size(1)));
      Tensor scores = highest.get(0).scores();
      Units units = Units.each(highest.get(0).units());
      Tensor nothing = Tensor.of(new float[5 * 60], 5, 6, 5, 2);
      Tensor from = explainer.scores(List.of(nothing), units).scores();
      for (int i = 0; i < 5; i++) {
        for (int k = 0; k < 2; k++) {
          double sum = 0;
          for (float value : highest.get(0).map(i, k).toFloatArray()) {
            sum += value;
          }
          double rise = scores.get(i, k) - from.get(i, k);
          assertEquals(Math.abs(sum - rise) / Math.abs(rise), gaps.get(i, k), 1e-3);
          assertEquals(gaps.get(i, k), same.get(i, k), 1e-3);
        }
      }
    }
  }

  @Test
  void passes_areHeardOf() {
    List<String> heard = new ArrayList<>();
    PassListener listener = (method, done, total) -> heard.add(method.name() + done + "/" + total);
    ExplainOptions options = ExplainOptions.defaults().withPasses(listener);
    try (Model model = linear(SmallNetwork.random(7, PIXELS));
        Explainer explainer = Explainer.of(model, options, Rise.create().masks(70))) {
      assertNotNull(explainer.explain(FourByFour.x()));
    }
    assertEquals(List.of("rise1/3", "rise2/3", "rise3/3"), heard);
  }
}
