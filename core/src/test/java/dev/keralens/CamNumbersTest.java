package dev.keralens;

import static dev.keralens.FourByFour.PIXELS;
import static dev.keralens.FourByFour.SIDE;
import static dev.keralens.FourByFour.X;
import static dev.keralens.FourByFour.assertMap;
import static dev.keralens.FourByFour.flattened;
import static dev.keralens.FourByFour.map;
import static dev.keralens.FourByFour.twoSided;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.method.AblationCam;
import dev.keralens.method.Cam;
import dev.keralens.method.EigenCam;
import dev.keralens.method.EigenGradCam;
import dev.keralens.method.Fem;
import dev.keralens.method.FinerCam;
import dev.keralens.method.GradCam;
import dev.keralens.method.GuidedGradCam;
import dev.keralens.method.HiResCam;
import dev.keralens.method.ReciproCam;
import dev.keralens.method.ShapleyCam;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Maps of activations on networks of 4 x 4 pixels, worked out by hand. */
class CamNumbersTest {
  private static final float[] W = SmallNetwork.random(5, 2 * PIXELS);

  private static double channel(int c, int i) {
    return Math.max(0, c == 0 ? X[i] : -X[i]);
  }

  private static double product(int c, int i) {
    return W[2 * i + c] * channel(c, i);
  }

  /** The interface of one number of a channel and a place. */
  private interface Numbers {
    double at(int channel, int place);
  }

  /** The first principal component of two channels, which a rotation by one angle finds. */
  private static double[] component(Numbers numbers) {
    double[] mean = new double[2];
    for (int i = 0; i < PIXELS; i++) {
      mean[0] += numbers.at(0, i) / PIXELS;
      mean[1] += numbers.at(1, i) / PIXELS;
    }
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (int i = 0; i < PIXELS; i++) {
      double x = numbers.at(0, i) - mean[0];
      double y = numbers.at(1, i) - mean[1];
      xx += x * x;
      xy += x * y;
      yy += y * y;
    }
    double angle = Math.atan2(2 * xy, xx - yy) / 2;
    double[] projected = new double[PIXELS];
    double largest = 0;
    for (int i = 0; i < PIXELS; i++) {
      projected[i] =
          Math.cos(angle) * (numbers.at(0, i) - mean[0])
              + Math.sin(angle) * (numbers.at(1, i) - mean[1]);
      largest = Math.abs(projected[i]) > Math.abs(largest) * (1 + 1e-7) ? projected[i] : largest;
    }
    for (int i = 0; i < PIXELS; i++) {
      projected[i] *= Math.signum(largest);
    }
    return projected;
  }

  @Test
  void eigenCam_isTheFirstComponentOfThePlaces() {
    double[] expected = component(CamNumbersTest::channel);
    assertMap(i -> expected[i], map(flattened(W), EigenCam.create()), 1e-5);
  }

  @Test
  void eigenGradCam_isTheFirstComponentOfActivationTimesGradient() {
    double[] expected = component(CamNumbersTest::product);
    assertMap(i -> expected[i], map(flattened(W), EigenGradCam.create()), 1e-5);
  }

  @Test
  void kernelEigenCam_isAnEigenvectorOfTheCentredKernel() {
    float[] map = map(flattened(W), EigenCam.kernel());
    double[][] kernel = new double[PIXELS][PIXELS];
    double[] mean = new double[PIXELS];
    double all = 0;
    double[] means = {0, 0};
    for (int i = 0; i < PIXELS; i++) {
      means[0] += channel(0, i) / PIXELS;
      means[1] += channel(1, i) / PIXELS;
    }
    for (int i = 0; i < PIXELS; i++) {
      for (int j = 0; j < PIXELS; j++) {
        double dot = 0;
        for (int c = 0; c < 2; c++) {
          dot += (channel(c, i) - means[c]) * (channel(c, j) - means[c]);
        }
        kernel[i][j] = Math.tanh(dot / 2 + 1);
        mean[i] += kernel[i][j] / PIXELS;
      }
      all += mean[i] / PIXELS;
    }
    double value = 0; // the map has the length sqrt(value)
    for (float element : map) {
      value += element * element;
    }
    for (int i = 0; i < PIXELS; i++) {
      double row = 0;
      for (int j = 0; j < PIXELS; j++) {
        row += (kernel[i][j] - mean[i] - mean[j] + all) * map[j];
      }
      assertEquals(value * map[i], row, 1e-4 * value);
    }
    assertTrue(value > 0.1, "the largest eigenvalue is " + value);
  }

  @Test
  void fem_addsTheMeansOfChannelsWhereTheyAreStrong() {
    // Of the paper and of Xplique. pytorch-grad-cam weights the activation with the share of strong
    // places, which is another method: a channel that is strong at few places counts less there.
    double[] mean = new double[2];
    double[] deviation = new double[2];
    for (int c = 0; c < 2; c++) {
      for (int i = 0; i < PIXELS; i++) {
        mean[c] += channel(c, i) / PIXELS;
      }
      for (int i = 0; i < PIXELS; i++) {
        deviation[c] += Math.pow(channel(c, i) - mean[c], 2) / PIXELS;
      }
      deviation[c] = Math.sqrt(deviation[c]);
    }
    float[] map = map(flattened(W), Fem.create().deviations(1));
    assertMap(
        i ->
            (channel(0, i) > mean[0] + deviation[0] ? mean[0] : 0)
                + (channel(1, i) > mean[1] + deviation[1] ? mean[1] : 0),
        map,
        1e-6);
    assertTrue(map[PIXELS - 1] > 0 && map[0] > 0 && map[8] == 0);
  }

  @Test
  void ablationCam_weightsChannelsByTheDropOfTheScore() {
    double[] parts = new double[2];
    for (int i = 0; i < PIXELS; i++) {
      parts[0] += product(0, i);
      parts[1] += product(1, i);
    }
    double y = parts[0] + parts[1];
    assertMap(
        i -> (parts[0] * channel(0, i) + parts[1] * channel(1, i)) / Math.abs(y),
        map(flattened(W), AblationCam.create()),
        1e-5);
  }

  @Test
  void ablationCam_aScoreBelowZeroDoesNotTurnTheMapRound() {
    // y = 2 mean(max(0, x)) - 3 mean(max(0, -x)) is below zero; the first channel speaks for it.
    double mean = 0;
    for (int i = 0; i < PIXELS; i++) {
      mean += channel(0, i) / PIXELS;
    }
    double y = 2 * mean - 3 * mean;
    double size = mean;
    assertMap(
        i -> (2 * size * channel(0, i) - 3 * size * channel(1, i)) / Math.abs(y),
        map(twoSided(), AblationCam.create()),
        1e-5);
  }

  @Test
  void reciproCam_isTheScoreWithOnePlaceLeft() {
    assertMap(i -> product(0, i) + product(1, i), map(flattened(W), ReciproCam.create()), 1e-5);
  }

  @Test
  void guidedGradCam_isGuidedBackpropWhereGradCamIsPositive() {
    // Grad-CAM is 2/16 max(0, x) - 3/16 max(0, -x); guided back-propagation 2/16 where x > 0.
    GuidedGradCam signed = GuidedGradCam.create().gradientFilter(Filters::none);
    assertMap(i -> X[i] > 0 ? 2.0 / 16 * X[i] * 2.0 / 16 : 0, map(twoSided(), signed), 1e-6);
  }

  /** y_u = sum over the channels of k_cu mean(max(0, +-x)) of three units. */
  private static Model threeUnits(float[] kernel) {
    return SmallNetwork.model(
        (n, in) -> {
          KerasTensor both =
              n.convolution("conv", in.get(0), new float[] {1, -1}, new float[2], 1, 1);
          KerasTensor mean = n.globalAverage("gap", n.relu("relu", both));
          return List.of(n.dense("dense", mean, kernel, kernel.length / 2));
        },
        new int[] {SIDE, SIDE, 1});
  }

  @Test
  void shapleyCam_ofSquares_takesHalfOfTheCurvature() {
    // y = sum w A^2: the gradient is 2 w A and so is the second derivative times A.
    Model squares =
        FourByFour.model(
            (n, in) -> {
              KerasTensor both =
                  n.convolution("conv", in.get(0), new float[] {1, -1}, new float[2], 1, 1);
              KerasTensor relu = n.relu("relu", both);
              Value square = n.b.mul(relu.value(), relu.value());
              Value last = n.b.transpose(square, KerasTensor.channelsLast(4));
              Value flat = n.b.reshape(last, Shape.of(-1, 2 * PIXELS));
              return List.of(
                  n.dense("dense", n.layer("flatten", "Flatten", relu, flat, Layout.PLAIN), W, 1));
            });
    double[] weights = new double[2];
    for (int i = 0; i < PIXELS; i++) {
      weights[0] += product(0, i) / PIXELS;
      weights[1] += product(1, i) / PIXELS;
    }
    assertMap(
        i -> weights[0] * channel(0, i) + weights[1] * channel(1, i),
        map(squares, ShapleyCam.create()),
        1e-5);
  }

  /** Where an element is zero, the derivative of the other elements' product is not known. */
  @Test
  void shapleyCam_refusesProductsOfElements() {
    Model products =
        FourByFour.model(
            (n, in) -> {
              KerasTensor both =
                  n.convolution("conv", in.get(0), new float[] {1, -1}, new float[2], 1, 1);
              KerasTensor relu = n.relu("relu", both);
              Value last = n.b.transpose(relu.value(), KerasTensor.channelsLast(4));
              Value rows = n.b.reshape(last, Shape.of(-1, PIXELS, 2));
              Value product = n.b.reduce(Op.REDUCE_PROD, rows, false, 2);
              float[] kernel = SmallNetwork.random(5, PIXELS);
              return List.of(
                  n.dense(
                      "dense", n.layer("product", "Prod", relu, product, Layout.PLAIN), kernel, 1));
            });
    UnsupportedModelException e =
        assertThrows(UnsupportedModelException.class, () -> map(products, ShapleyCam.create()));
    assertTrue(String.valueOf(e.getMessage()).contains("ReduceProd"), e::toString);
    map(products, GradCam.create());
  }

  @Test
  void finerCam_isGradCamOfTheDifferenceFromSimilarUnits() {
    float[] kernel = {2, 1.5f, -1, -3, 1, 2}; // (channel, unit)
    double mean = 0;
    for (int i = 0; i < PIXELS; i++) {
      mean += channel(0, i) / PIXELS; // both channels have this mean
    }
    double[] y = new double[3];
    for (int u = 0; u < 3; u++) {
      y[u] = mean * (kernel[u] + kernel[3 + u]);
    }
    // z = y_0 - r_1 y_1 - r_2 y_2; its derivatives by differences of the formula itself.
    double[] slopes = new double[3];
    for (int u = 0; u < 3; u++) {
      double[] up = y.clone();
      double[] down = y.clone();
      up[u] += 1e-5;
      down[u] -= 1e-5;
      slopes[u] = (difference(up) - difference(down)) / 2e-5;
    }
    double[] weights = new double[2];
    for (int u = 0; u < 3; u++) {
      weights[0] += slopes[u] * kernel[u] / PIXELS;
      weights[1] += slopes[u] * kernel[3 + u] / PIXELS;
    }
    assertMap(
        i -> weights[0] * channel(0, i) + weights[1] * channel(1, i),
        map(threeUnits(kernel), FinerCam.create()),
        1e-5);
  }

  private static double difference(double[] y) {
    double first = Math.exp(y[1]);
    double second = Math.exp(y[2]);
    double share = first / (first + second);
    return y[0] - share * y[1] - (1 - share) * y[2];
  }

  @Test
  void finerCam_ofOneUnit_saysThatThereIsNoneToCompareWith() {
    UnsupportedModelException e =
        assertThrows(UnsupportedModelException.class, () -> map(flattened(W), FinerCam.create()));
    assertTrue(String.valueOf(e.getMessage()).contains("one unit"), e.getMessage());
  }

  /** Before a global average and one dense layer, all three are the same up to a factor. */
  @Test
  void hiResCam_equalsGradCamAndCamBeforeAGlobalAverage() {
    float[] cam = map(twoSided(), Cam.create());
    for (Method method : List.of(GradCam.create(), HiResCam.create())) {
      assertMap(i -> cam[i] / PIXELS, map(twoSided(), method), 1e-6);
    }
    assertMap(i -> 2 * channel(0, i) - 3 * channel(1, i), cam, 1e-5);
  }

  /** A network that goes around the activation: y = sum of w (max(0, x) + x). */
  @Test
  void tail_aWayAroundTheActivation_isThatOfTheImage() {
    float[] w = SmallNetwork.random(9, PIXELS);
    SmallNetwork.Body body =
        (n, in) -> {
          KerasTensor one = n.convolution("conv", in.get(0), new float[] {1}, new float[1], 1, 1);
          KerasTensor relu = n.relu("relu", one);
          KerasTensor sum =
              n.layer("add", "Add", relu, n.b.add(relu.value(), one.value()), relu.layout());
          KerasTensor flat =
              n.layer(
                  "flatten",
                  "Flatten",
                  sum,
                  n.b.reshape(sum.value(), Shape.of(-1, PIXELS)),
                  Layout.PLAIN);
          return List.of(n.dense("dense", flat, w, 1));
        };
    double around = 0;
    for (int i = 0; i < PIXELS; i++) {
      around += w[i] * X[i];
    }
    double rest = around;
    ExplainOptions raw =
        ExplainOptions.defaults()
            .withLayers("relu")
            .withFilter(Filters::none)
            .withResize(Resize.none());
    try (Model model = SmallNetwork.model(body, new int[] {SIDE, SIDE, 1});
        Explainer explainer = Explainer.of(model, raw, ReciproCam.create())) {
      Tensor maps = explainer.explain(FourByFour.x(), Units.of(0)).maps();
      assertMap(i -> w[i] * channel(0, i) + rest, maps.toFloatArray(), 1e-5);
    }
  }
}
