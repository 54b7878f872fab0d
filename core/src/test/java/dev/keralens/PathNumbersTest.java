package dev.keralens;

import static dev.keralens.FourByFour.PIXELS;
import static dev.keralens.FourByFour.SIDE;
import static dev.keralens.FourByFour.X;
import static dev.keralens.FourByFour.assertMap;
import static dev.keralens.FourByFour.explain;
import static dev.keralens.FourByFour.linear;
import static dev.keralens.FourByFour.map;
import static dev.keralens.FourByFour.power;
import static dev.keralens.FourByFour.twoSided;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Method;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.method.BlurIg;
import dev.keralens.method.DeepLift;
import dev.keralens.method.ExpectedGradients;
import dev.keralens.method.GuidedIg;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Methods that compare the input with something, on networks of 4 x 4 pixels. */
class PathNumbersTest {
  private static final Tensor OTHER = Tensor.of(SmallNetwork.random(8, PIXELS), 1, SIDE, SIDE, 1);

  private static double sum(float[] map) {
    double sum = 0;
    for (float element : map) {
      sum += element;
    }
    return sum;
  }

  /** The rise of the score of unit 0 from the baseline {@link #OTHER} to the image. */
  private static double rise(Model model) {
    try (model;
        Explainer explainer = Explainer.of(model, DeepLift.create())) {
      float to = explainer.scores(List.of(FourByFour.x()), Units.of(0)).scores().get(0, 0);
      float from = explainer.scores(List.of(OTHER), Units.of(0)).scores().get(0, 0);
      return to - from;
    }
  }

  /** The sum of the map is the rise of the score, whatever lies between. */
  private static void assertComplete(SmallNetwork.Body body) {
    int[] sizes = {SIDE, SIDE, 1};
    double rise = rise(SmallNetwork.model(body, sizes));
    Method method = DeepLift.create().baseline(Baseline.of(OTHER));
    double sum = sum(map(SmallNetwork.model(body, sizes), method));
    assertEquals(rise, sum, 2e-5 * Math.max(1, Math.abs(rise)));
    assertTrue(Math.abs(rise) > 1e-3, "nothing rises: " + rise);
  }

  private static KerasTensor flat(SmallNetwork n, Value value) {
    int size = value.shape().elements() < 0 ? 0 : (int) value.shape().elements();
    return KerasTensor.plain(n.b.reshape(value, Shape.of(-1, size)));
  }

  private static List<KerasTensor> end(SmallNetwork n, Value value) {
    KerasTensor plain = flat(n, value);
    int size = plain.value().shape().size(1);
    return List.of(n.dense("dense", plain, SmallNetwork.random(3, size), 1));
  }

  private static Value conv(SmallNetwork n, KerasTensor in) {
    float[] kernel = SmallNetwork.random(2, 3 * 9);
    return n.convolution("conv", in, kernel, new float[] {0.1f, -0.2f, 0.3f}, 3, 3).value();
  }

  @Test
  void deepLift_rescalesOnePixelAtATime() {
    // y = 2 mean(max(0, x)) - 3 mean(max(0, -x)): each pixel is on its own.
    float[] other = OTHER.toFloatArray();
    assertMap(
        i ->
            (2 * (Math.max(0, X[i]) - Math.max(0, other[i]))
                    - 3 * (Math.max(0, -X[i]) - Math.max(0, -other[i])))
                / PIXELS,
        map(twoSided(), DeepLift.create().baseline(Baseline.of(OTHER))),
        1e-5);
  }

  @Test
  void deepLift_ofALinearModelIsWeightTimesDifference() {
    float[] w = SmallNetwork.random(6, PIXELS);
    assertMap(i -> w[i] * X[i], map(linear(w), DeepLift.create()), 1e-5);
  }

  @Test
  void deepLift_wherePixelsAreTheirBaseline_theGradientStandsForTheSlope() {
    assertMap(i -> 0, map(power(3), DeepLift.create().baseline(Baseline.of(FourByFour.x()))), 1e-6);
  }

  @Test
  void deepLift_reusedActivation_hasTheValuesOfEachUse() {
    // One tanh, used twice: y = sum w tanh(2 tanh(x)). A library with one record for each module
    // takes the values of the last use for both, and the sum is off.
    assertComplete(
        (n, in) -> {
          Value once = n.b.node(Op.TANH, in.get(0).value());
          return end(n, n.b.node(Op.TANH, n.b.mul(once, 2)));
        });
  }

  @Test
  void deepLift_isCompleteThroughActivationsAndPooling() {
    for (Op op : List.of(Op.RELU, Op.SIGMOID, Op.TANH, Op.SOFTPLUS, Op.GELU, Op.HARD_SWISH)) {
      assertComplete((n, in) -> end(n, n.b.node(op, conv(n, in.get(0)))));
    }
    assertComplete(
        (n, in) ->
            end(
                n,
                n.b.node(
                    Op.MAX_POOL,
                    Attributes.of("kernel_shape", new int[] {2, 2})
                        .with("strides", new int[] {2, 2}),
                    conv(n, in.get(0)))));
    assertComplete((n, in) -> end(n, n.b.node(Op.GLOBAL_MAX_POOL, n.b.relu(conv(n, in.get(0))))));
    assertComplete(
        (n, in) -> end(n, n.b.node(Op.CLIP, conv(n, in.get(0)), n.b.scalar(0), n.b.scalar(1))));
  }

  @Test
  void deepLift_isCompleteThroughProductsAndQuotients() {
    assertComplete(
        (n, in) -> {
          Value x = conv(n, in.get(0)); // Swish, and a gate of the means of channels
          Value swish = n.b.mul(x, n.b.node(Op.SIGMOID, x));
          Value gate = n.b.node(Op.SIGMOID, n.b.reduceMean(swish, true, 2, 3));
          return end(n, n.b.mul(swish, gate));
        });
    assertComplete(
        (n, in) -> {
          Value x = conv(n, in.get(0));
          return end(n, n.b.div(x, n.b.add(n.b.scalar(1), n.b.node(Op.EXP, x))));
        });
    assertComplete(
        (n, in) -> {
          Value x = in.get(0).value();
          Value rows = n.b.reshape(x, Shape.of(-1, SIDE, SIDE));
          return end(n, n.b.matMul(rows, n.b.transpose(n.b.node(Op.TANH, rows), 0, 2, 1)));
        });
  }

  /** A row of tokens that see one another, as in a transformer. */
  @Test
  void deepLift_isCompleteThroughSoftmaxAndNormalization() {
    for (Op op : List.of(Op.SOFTMAX, Op.LOG_SOFTMAX)) {
      for (int axis : new int[] {1, 2}) {
        assertComplete(
            (n, in) -> {
              Value rows = n.b.reshape(in.get(0).value(), Shape.of(-1, SIDE, SIDE));
              return end(n, n.b.node(op, Attributes.of("axis", axis), n.b.mul(rows, 3)));
            });
      }
    }
    Tensor gamma = Tensor.of(new float[] {1, -2, 0.5f, 3}, SIDE);
    Tensor beta = Tensor.of(new float[] {0.1f, 0, -1, 2}, SIDE);
    assertComplete(
        (n, in) -> {
          Value rows = n.b.reshape(in.get(0).value(), Shape.of(-1, SIDE, SIDE));
          Value normal =
              n.b.node(
                  Op.LAYER_NORMALIZATION,
                  Attributes.of("axis", -1),
                  n.b.node(Op.TANH, rows),
                  n.b.constant(gamma),
                  n.b.constant(beta));
          Value products = n.b.matMul(normal, n.b.transpose(normal, 0, 2, 1));
          Value weights = n.b.node(Op.SOFTMAX, Attributes.of("axis", -1), products);
          return end(n, n.b.add(rows, n.b.matMul(weights, normal)));
        });
  }

  @Test
  void deepLift_ofASoftmaxOfTwo_isThatOfItsSigmoid() {
    // softmax(x, 0)_1 = sigmoid(x): one number that changes, so the slope between both points.
    SmallNetwork.Body body =
        (n, in) -> {
          Value x = n.b.reshape(in.get(0).value(), Shape.of(-1, PIXELS, 1));
          Value both = n.b.concat(2, List.of(x, n.b.mul(x, 0)));
          Value soft = n.b.node(Op.SOFTMAX, Attributes.of("axis", -1), both);
          Value first = n.b.slice(soft, new int[] {2}, new int[] {0}, new int[] {1});
          float[] ones = new float[PIXELS];
          Arrays.fill(ones, 1);
          return List.of(n.dense("dense", flat(n, first), ones, 1));
        };
    float[] other = OTHER.toFloatArray();
    assertMap(
        i -> 1 / (1 + Math.exp(-X[i])) - 1 / (1 + Math.exp(-other[i])),
        map(
            SmallNetwork.model(body, new int[] {SIDE, SIDE, 1}),
            DeepLift.create().baseline(Baseline.of(OTHER))),
        1e-5);
  }

  @Test
  void deepLift_operatorWithoutARule_isRefusedByName() {
    SmallNetwork.Body body =
        (n, in) ->
            end(
                n,
                n.b.node(
                    Op.LP_NORMALIZATION,
                    Attributes.of("axis", -1).with("p", 2),
                    flat(n, in.get(0).value()).value()));
    UnsupportedModelException e =
        assertThrows(
            UnsupportedModelException.class,
            () -> map(SmallNetwork.model(body, new int[] {SIDE, SIDE, 1}), DeepLift.create()));
    assertTrue(String.valueOf(e.getMessage()).contains("LpNormalization"), e.getMessage());
  }

  @Test
  void expectedGradients_withOneBaselineAndManyPlaces_areIntegratedGradients() {
    // y = sum x^2: the gradient is linear, so that its middle is its mean.
    float[] other = OTHER.toFloatArray();
    assertMap(
        i -> X[i] * X[i] - other[i] * other[i],
        map(power(2), ExpectedGradients.create().baselines(OTHER).places(0.2f, 0.8f).samples(2)),
        1e-5);
  }

  @Test
  void expectedGradients_convergeToTheirExpectation() {
    // Noise between the lowest and the highest pixel has their mean, and X lies around zero.
    float[] w = SmallNetwork.random(6, PIXELS);
    double mean = (X[0] + X[PIXELS - 1]) / 2.0;
    assertMap(
        i -> w[i] * (X[i] - mean), map(linear(w), ExpectedGradients.create().samples(4000)), 0.1);
  }

  @Test
  void guidedIg_ofALinearModelIsWeightTimesDifference() {
    float[] w = SmallNetwork.random(6, PIXELS);
    assertMap(i -> w[i] * X[i], map(linear(w), GuidedIg.create().steps(7)), 1e-5);
  }

  @Test
  void guidedIg_ofSeparatePixelsAddsUpToTheRise() {
    Explanation why = explain(power(2), GuidedIg.create().steps(400).baseline(Baseline.of(OTHER)));
    float[] other = OTHER.toFloatArray();
    assertMap(i -> X[i] * X[i] - other[i] * other[i], why.maps().toFloatArray(), 0.05);
    assertTrue(Objects.requireNonNull(why.gaps()).get(0, 0) < 0.02, () -> "" + why.gaps());
  }

  @Test
  void blurIg_addsUpToTheRiseFromTheBlurredImage() {
    float[] w = SmallNetwork.random(6, PIXELS);
    Explanation why = explain(linear(w), BlurIg.create().steps(400).deviation(1));
    double sum = sum(why.maps().toFloatArray());
    double[] values = new double[PIXELS];
    double rise = 0;
    for (int i = 0; i < PIXELS; i++) {
      for (int j = 0; j < PIXELS; j++) { // sides of 4 lie within the reach of the kernel
        values[i] += kernel(i / SIDE - j / SIDE) * kernel(i % SIDE - j % SIDE) * X[j];
      }
      rise += w[i] * (X[i] - values[i]);
    }
    assertEquals(rise, sum, 0.05 * Math.abs(rise));
    assertEquals(
        Math.abs(sum - rise) / Math.abs(rise), Objects.requireNonNull(why.gaps()).get(0, 0), 2e-3);
  }

  /** The Gaussian of deviation 1, cut off after 4. */
  private static double kernel(int distance) {
    double sum = 0;
    for (int i = -4; i <= 4; i++) {
      sum += Math.exp(-i * i / 2.0);
    }
    return Math.exp(-distance * distance / 2.0) / sum;
  }
}
