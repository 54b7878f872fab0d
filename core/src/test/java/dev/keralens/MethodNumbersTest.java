package dev.keralens;

import static dev.keralens.FourByFour.PIXELS;
import static dev.keralens.FourByFour.SIDE;
import static dev.keralens.FourByFour.X;
import static dev.keralens.FourByFour.assertMap;
import static dev.keralens.FourByFour.flattened;
import static dev.keralens.FourByFour.linear;
import static dev.keralens.FourByFour.map;
import static dev.keralens.FourByFour.power;
import static dev.keralens.FourByFour.twoSided;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.keralens.filter.Filters;
import dev.keralens.method.Deconvnet;
import dev.keralens.method.GradCamElementwise;
import dev.keralens.method.GradCamPlusPlus;
import dev.keralens.method.Gradients;
import dev.keralens.method.GuidedBackprop;
import dev.keralens.method.HiResCam;
import dev.keralens.method.InputXGradient;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.method.LayerCam;
import dev.keralens.method.Occlusion;
import dev.keralens.method.Rise;
import dev.keralens.method.ScoreCam;
import dev.keralens.method.Smooth;
import dev.keralens.method.XGradCam;
import dev.keralens.tensor.Tensor;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Each method on networks of 4 x 4 pixels, whose maps can be worked out by hand. */
class MethodNumbersTest {
  @Test
  void layerCam_weightsEachPlaceByItsPositiveGradient() {
    // Only the first channel has a positive gradient, 2/16.
    assertMap(i -> X[i] > 0 ? 2.0 / 16 * X[i] : 0, map(twoSided(), LayerCam.create()), 1e-6);
  }

  @Test
  void layerCam_placesOfOneChannelHaveWeightsOfTheirOwn() {
    float[] w = SmallNetwork.random(5, 2 * PIXELS);
    assertMap(
        i ->
            Math.max(0, w[2 * i]) * Math.max(0, X[i])
                + Math.max(0, w[2 * i + 1]) * Math.max(0, -X[i]),
        map(flattened(w), LayerCam.create()),
        1e-6);
  }

  @Test
  void hiResCam_isActivationTimesGradient() {
    float[] w = SmallNetwork.random(5, 2 * PIXELS);
    assertMap(
        i -> w[2 * i] * Math.max(0, X[i]) + w[2 * i + 1] * Math.max(0, -X[i]),
        map(flattened(w), HiResCam.create()),
        1e-6);
  }

  @Test
  void gradCamElementwise_cutsEachChannelAtZero() {
    float[] w = SmallNetwork.random(5, 2 * PIXELS);
    assertMap(
        i ->
            Math.max(0, w[2 * i] * Math.max(0, X[i]))
                + Math.max(0, w[2 * i + 1] * Math.max(0, -X[i])),
        map(flattened(w), GradCamElementwise.create()),
        1e-6);
  }

  @Test
  void xGradCam_weightsGradientsByTheActivation() {
    float[] w = SmallNetwork.random(5, 2 * PIXELS);
    double[] weights = new double[2];
    for (int c = 0; c < 2; c++) {
      double total = 0;
      for (int i = 0; i < PIXELS; i++) {
        double a = Math.max(0, c == 0 ? X[i] : -X[i]);
        weights[c] += a * w[2 * i + c];
        total += a;
      }
      weights[c] /= total;
    }
    assertMap(
        i -> weights[0] * Math.max(0, X[i]) + weights[1] * Math.max(0, -X[i]),
        map(flattened(w), XGradCam.create()),
        1e-6);
  }

  @Test
  void inputXGradient_sumsToTheScoreWithoutBiases() {
    assertMap(
        i -> (X[i] > 0 ? 2.0 / 16 : 3.0 / 16) * X[i],
        map(twoSided(), InputXGradient.create()),
        1e-6);
  }

  @Test
  void deconvnet_passesPositiveGradientsOnly() {
    // Backward, the ReLUs pass 2/16 to the first channel everywhere, and nothing to the second.
    Deconvnet signed = Deconvnet.create().gradientFilter(Filters::none);
    assertMap(i -> 2.0 / 16, map(twoSided(), signed), 1e-6);
  }

  @Test
  void guidedBackprop_passesPositiveGradientsOfPositiveInputs() {
    // dy/dx is 2/16 where x > 0 and 3/16 else; the latter passes a ReLU backward as -3/16.
    GuidedBackprop signed = GuidedBackprop.create().gradientFilter(Filters::none);
    assertMap(i -> X[i] > 0 ? 2.0 / 16 : 0, map(twoSided(), signed), 1e-6);
    Gradients plain = Gradients.create().gradientFilter(Filters::none);
    assertMap(i -> X[i] > 0 ? 2.0 / 16 : 3.0 / 16, map(twoSided(), plain), 1e-6);
  }

  @Test
  void integratedGradients_ofPiecesThatMeetAtTheBaselineIsExact() {
    assertMap(
        i -> (X[i] > 0 ? 2.0 / 16 : 3.0 / 16) * X[i],
        map(twoSided(), IntegratedGradients.create()),
        1e-6);
  }

  @Test
  void integratedGradients_rulesIntegratePolynomialsAsTheyShould() {
    IntegratedGradients two = IntegratedGradients.create().steps(2);
    assertMap(i -> Math.pow(X[i], 3), map(power(3), two), 1e-5);
    assertMap(
        i -> 15.0 / 16 * Math.pow(X[i], 3),
        map(power(3), two.rule(IntegratedGradients.Rule.RIEMANN_MIDDLE)),
        1e-5);
    assertMap(
        i -> 3.0 / 2 * Math.pow(X[i], 3),
        map(power(3), two.rule(IntegratedGradients.Rule.TRAPEZOID)),
        1e-5);
  }

  @Test
  void integratedGradients_startFromTheirBaseline() {
    assertMap(
        i -> X[i] * X[i] - 0.25, map(power(2), IntegratedGradients.create().baseline(0.5f)), 1e-5);
    float[] other = SmallNetwork.random(8, PIXELS);
    assertMap(
        i -> X[i] * X[i] - other[i] * other[i],
        map(power(2), IntegratedGradients.create().baseline(Tensor.of(other, 1, SIDE, SIDE, 1))),
        1e-5);
  }

  @Test
  void integratedGradients_refuseABaselineOfSeveralRows() {
    // Images come in batches, so rows of a baseline could be those of other images.
    Tensor rows = Tensor.of(new float[2 * PIXELS], 2, SIDE, SIDE, 1);
    assertThrows(
        IllegalArgumentException.class,
        () -> map(power(2), IntegratedGradients.create().baseline(rows)));
  }

  @Test
  void occlusion_windowLargerThanTheInputHidesAll() {
    float[] w = SmallNetwork.random(6, PIXELS);
    double all = 0;
    for (int i = 0; i < PIXELS; i++) {
      all += w[i] * X[i];
    }
    double drop = all;
    assertMap(i -> drop, map(linear(w), Occlusion.create().window(9).stride(7)), 1e-5);
  }

  @Test
  void occlusion_ofALinearModelIsWeightTimesInput() {
    float[] w = SmallNetwork.random(6, PIXELS);
    Occlusion pixels = Occlusion.create().window(1).stride(1);
    assertMap(i -> w[i] * X[i], map(linear(w), pixels), 1e-5);
    assertMap(i -> w[i] * (X[i] - 0.5), map(linear(w), pixels.baseline(0.5f)), 1e-5);
  }

  @Test
  void occlusion_isTheMeanOverTheWindowsThatCoverAPlace() {
    float[] w = SmallNetwork.random(6, PIXELS);
    double[] sums = new double[PIXELS];
    int[] covering = new int[PIXELS];
    for (int top = 0; top < 4; top += 2) { // windows of 3, 2 apart: the second is cut off
      for (int left = 0; left < 4; left += 2) {
        double drop = 0;
        for (int i = 0; i < PIXELS; i++) {
          drop += covers(top, left, i) ? w[i] * X[i] : 0;
        }
        for (int i = 0; i < PIXELS; i++) {
          sums[i] += covers(top, left, i) ? drop : 0;
          covering[i] += covers(top, left, i) ? 1 : 0;
        }
      }
    }
    assertMap(
        i -> sums[i] / covering[i], map(linear(w), Occlusion.create().window(3).stride(2)), 1e-5);
  }

  private static boolean covers(int top, int left, int pixel) {
    int y = pixel / SIDE - top;
    int x = pixel % SIDE - left;
    return y >= 0 && y < 3 && x >= 0 && x < 3;
  }

  @Test
  void rise_ofMasksThatLeaveAllIsTheScore() {
    float[] w = SmallNetwork.random(6, PIXELS);
    double score = 0;
    for (int i = 0; i < PIXELS; i++) {
      score += w[i] * X[i];
    }
    double y = score;
    assertMap(i -> y, map(linear(w), Rise.create().masks(40).probability(1)), 1e-4);
  }

  @Test
  void rise_convergesToItsExpectation() {
    // One cell: a mask is all ones or all zeros. E = 1/p (p y 1) = y, with y = 0 under no mask.
    float[] w = SmallNetwork.random(7, PIXELS);
    double y = 0;
    for (int i = 0; i < PIXELS; i++) {
      y += w[i] * X[i];
    }
    double score = y;
    assertMap(
        i -> score,
        map(linear(w), Rise.create().masks(4000).cells(1).probability(0.5)),
        0.06 * Math.abs(score));
  }

  @Test
  void scoreCamOfThePaper_weightsChannelsByTheSoftmaxOfScoresUnderThem() {
    float[] w = SmallNetwork.random(5, 2 * PIXELS);
    double[][] channels = new double[2][PIXELS];
    double[] scores = new double[2];
    for (int c = 0; c < 2; c++) {
      int sign = c == 0 ? 1 : -1;
      double highest = 0;
      for (int i = 0; i < PIXELS; i++) {
        channels[c][i] = Math.max(0, sign * X[i]);
        highest = Math.max(highest, channels[c][i]);
      }
      for (int i = 0; i < PIXELS; i++) {
        double masked = X[i] * channels[c][i] / highest;
        scores[c] += w[2 * i] * Math.max(0, masked) + w[2 * i + 1] * Math.max(0, -masked);
      }
    }
    double first = 1 / (1 + Math.exp(scores[1] - scores[0]));
    assertMap(
        i -> first * channels[0][i] + (1 - first) * channels[1][i],
        map(flattened(w), ScoreCam.paper()),
        1e-5);
  }

  @Test
  void gradCamPlusPlusExact_takesTheThirdDerivativeAtEachPlace() {
    float[] w = SmallNetwork.random(5, 2 * PIXELS);
    double y = 0;
    for (int i = 0; i < PIXELS; i++) {
      y += w[2 * i] * Math.max(0, X[i]) + w[2 * i + 1] * Math.max(0, -X[i]);
    }
    double[] weights = new double[2];
    for (int c = 0; c < 2; c++) {
      int sign = c == 0 ? 1 : -1;
      double third = 0;
      for (int i = 0; i < PIXELS; i++) {
        third += Math.max(0, sign * X[i]) * Math.pow(w[2 * i + c], 3);
      }
      for (int i = 0; i < PIXELS; i++) {
        double g = w[2 * i + c];
        weights[c] += g * g / (2 * g * g + third) * Math.max(0, Math.exp(y) * g);
      }
    }
    double largest = Math.max(Math.abs(weights[0]), Math.abs(weights[1]));
    assertMap(
        i -> weights[0] * Math.max(0, X[i]) + weights[1] * Math.max(0, -X[i]),
        map(flattened(w), GradCamPlusPlus.exact()),
        1e-5 * largest);
  }

  @Test
  void smooth_squareAndVarianceAreMomentsOfTheSamePasses() {
    Smooth two =
        Smooth.of(Gradients.create().gradientFilter(Filters::none)).repetitions(2).noise(0.3);
    float[] mean = map(power(2), two);
    // The first pass has no noise, so that the mean tells what the second one is.
    IntToDoubleFunction second = i -> 2 * mean[i] - 2 * X[i];
    assertMap(
        i -> (Math.pow(2 * X[i], 2) + Math.pow(second.applyAsDouble(i), 2)) / 2,
        map(power(2), two.form(Smooth.Form.SQUARE)),
        1e-5);
    assertMap(
        i -> Math.pow((2 * X[i] - second.applyAsDouble(i)) / 2, 2),
        map(power(2), two.form(Smooth.Form.VARIANCE)),
        1e-5);
  }
}
