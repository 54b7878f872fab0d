package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/** Networks of 4 x 4 pixels, whose maps can be worked out by hand. */
final class FourByFour {
  static final int SIDE = 4;
  static final int PIXELS = SIDE * SIDE;

  /** Pixels from -8/4 to 7/4, none of them zero. */
  static final float[] X = new float[PIXELS];

  static {
    for (int i = 0; i < PIXELS; i++) {
      X[i] = (i - 8 + 0.5f) / 4;
    }
  }

  static Tensor x() {
    return Tensor.of(X, 1, SIDE, SIDE, 1);
  }

  static Model model(SmallNetwork.Body body) {
    return SmallNetwork.model(body, new int[] {SIDE, SIDE, 1});
  }

  /** y = 2 mean(max(0, x)) - 3 mean(max(0, -x)). */
  static Model twoSided() {
    return model(
        (n, in) -> {
          KerasTensor both =
              n.convolution("conv", in.get(0), new float[] {1, -1}, new float[2], 1, 1);
          KerasTensor mean = n.globalAverage("gap", n.relu("relu", both));
          return List.of(n.dense("dense", mean, new float[] {2, -3}, 1));
        });
  }

  /** y = sum over the places and the channels c of w_ijc max(0, k_c x_ij), with k = (1, -1). */
  static Model flattened(float[] w) {
    return model(
        (n, in) -> {
          KerasTensor both =
              n.convolution("conv", in.get(0), new float[] {1, -1}, new float[2], 1, 1);
          KerasTensor relu = n.relu("relu", both);
          Value last = n.b.transpose(relu.value(), KerasTensor.channelsLast(4));
          Value flat = n.b.reshape(last, Shape.of(-1, 2 * PIXELS));
          KerasTensor plain = n.layer("flatten", "Flatten", relu, flat, Layout.PLAIN);
          return List.of(n.dense("dense", plain, w, 1));
        });
  }

  /** y = sum of a power of each pixel. */
  static Model power(int exponent) {
    return model(
        (n, in) -> {
          Value y = in.get(0).value();
          for (int i = 1; i < exponent; i++) {
            y = n.b.mul(y, in.get(0).value());
          }
          Value sum = n.b.reduceSum(n.b.reshape(y, Shape.of(-1, PIXELS)), true, 1);
          return List.of(KerasTensor.plain(sum));
        });
  }

  /** y = sum over the pixels of w_ij x_ij. */
  static Model linear(float[] w) {
    return model(
        (n, in) -> {
          Value flat = n.b.reshape(in.get(0).value(), Shape.of(-1, PIXELS));
          KerasTensor plain = n.layer("flatten", "Flatten", in.get(0), flat, Layout.PLAIN);
          return List.of(n.dense("dense", plain, w, 1));
        });
  }

  static float[] map(Model model, Method method) {
    return explain(model, method).maps().toFloatArray();
  }

  /** Explains unit 0, neither filtered nor resized. */
  static Explanation explain(Model model, Method method) {
    ExplainOptions raw =
        ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
    try (model;
        Explainer explainer = Explainer.of(model, raw, method)) {
      return explainer.explain(x(), Units.of(0));
    }
  }

  static void assertMap(IntToDoubleFunction expected, float[] map, double tolerance) {
    assertEquals(PIXELS, map.length);
    for (int i = 0; i < PIXELS; i++) {
      assertEquals(expected.applyAsDouble(i), map[i], tolerance, "pixel " + i);
    }
  }

  private FourByFour() {}
}
