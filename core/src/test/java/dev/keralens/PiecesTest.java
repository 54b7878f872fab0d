package dev.keralens;

import static dev.keralens.FourByFour.PIXELS;
import static dev.keralens.FourByFour.SIDE;
import static dev.keralens.FourByFour.X;
import static dev.keralens.FourByFour.assertMap;
import static dev.keralens.FourByFour.linear;
import static dev.keralens.FourByFour.map;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Baseline;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.method.KernelShap;
import dev.keralens.method.Lime;
import dev.keralens.method.Superpixels;
import dev.keralens.method.Xrai;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Methods that hide and show pieces of an image. */
class PiecesTest {
  /** Quarters of the 4 x 4 pixels. */
  private static final int[] QUARTERS = {0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3};

  private static Superpixels quarters() {
    long[] labels = Arrays.stream(QUARTERS).asLongStream().toArray();
    return Superpixels.given(Tensor.of(labels, SIDE, SIDE));
  }

  private static double[] sums(float[] w, double from) {
    double[] sums = new double[4];
    for (int i = 0; i < PIXELS; i++) {
      sums[QUARTERS[i]] += w[i] * (X[i] - from);
    }
    return sums;
  }

  /** y = product over the quarters of (1 + mean of the quarter). */
  private static Model product() {
    return SmallNetwork.model(
        (n, in) -> {
          Value image = in.get(0).value();
          Value y = null;
          for (int q = 0; q < 4; q++) {
            int top = q / 2 * 2;
            int left = q % 2 * 2;
            Value part =
                n.b.slice(
                    image, new int[] {1, 2}, new int[] {top, left}, new int[] {top + 2, left + 2});
            Value mean = n.b.reduceMean(n.b.reshape(part, Shape.of(-1, 4)), true, 1);
            Value factor = n.b.add(mean, n.b.scalar(1));
            y = y == null ? factor : n.b.mul(y, factor);
          }
          return List.of(KerasTensor.plain(y == null ? image : y));
        },
        new int[] {SIDE, SIDE, 1});
  }

  @Test
  void kernelShap_withAllSubsets_isTheMeanOverAllOrders() {
    double[] factors = {1, 1, 1, 1};
    for (int i = 0; i < PIXELS; i++) {
      factors[QUARTERS[i]] += X[i] / 4.0;
    }
    double[] expected = new double[4];
    int[] sizes = {6, 2, 2, 6}; // orders of the others, by how many come before
    for (int piece = 0; piece < 4; piece++) {
      for (int subset = 0; subset < 16; subset++) {
        if ((subset >> piece & 1) == 0) {
          double before = 1;
          for (int other = 0; other < 4; other++) {
            before *= (subset >> other & 1) == 1 ? factors[other] : 1;
          }
          expected[piece] += sizes[Integer.bitCount(subset)] / 24.0 * before * (factors[piece] - 1);
        }
      }
    }
    float[] map = map(product(), KernelShap.create().superpixels(quarters()));
    assertMap(i -> expected[QUARTERS[i]], map, 1e-5);
  }

  @Test
  void kernelShap_ofALinearModel_isExactFromFewSubsets() {
    // Each pixel is a piece: 16 of them have 65,534 subsets, of which 200 are drawn.
    float[] w = SmallNetwork.random(6, PIXELS);
    KernelShap pixels = KernelShap.create().superpixels(Superpixels.slic(PIXELS)).samples(200);
    assertMap(i -> w[i] * X[i], map(linear(w), pixels), 1e-4);
    assertMap(
        i -> w[i] * (X[i] - 2), map(linear(w), pixels.baseline(Baseline.of(2)).seed(5)), 1e-4);
  }

  @Test
  void lime_ofALinearModelWithoutARidge_isTheSumOfEachPiece() {
    float[] w = SmallNetwork.random(6, PIXELS);
    Lime lime = Lime.create().superpixels(quarters()).samples(60).ridge(0);
    double[] sums = sums(w, 0);
    assertMap(i -> sums[QUARTERS[i]], map(linear(w), lime), 1e-4);
    double[] moved = sums(w, 0.5);
    assertMap(
        i -> moved[QUARTERS[i]], map(linear(w), lime.baseline(Baseline.of(0.5f)).seed(3)), 1e-4);
  }

  @Test
  void lime_aRidgeDrawsTheWeightsToZero() {
    float[] w = SmallNetwork.random(6, PIXELS);
    Lime lime = Lime.create().superpixels(quarters()).samples(60);
    double[] sums = sums(w, 0);
    float[] map = map(linear(w), lime.ridge(20));
    double length = 0;
    double whole = 0;
    for (int i = 0; i < PIXELS; i++) {
      length += map[i] * map[i];
      whole += sums[QUARTERS[i]] * sums[QUARTERS[i]];
    }
    assertTrue(length < whole / 2 && length > 0, length + " of " + whole);
  }

  @Test
  void pieces_ofATable_areItsColumns() {
    float[] w = SmallNetwork.random(4, 6);
    SmallNetwork.Body table = (n, in) -> List.of(n.dense("dense", in.get(0), w, 1));
    ExplainOptions raw = ExplainOptions.defaults().withFilter(Filters::none);
    float[] x = {1, -2, 3, 0.5f, -1, 2};
    try (Model model = SmallNetwork.model(table, new int[] {6});
        Explainer explainer =
            Explainer.of(model, raw, KernelShap.create(), Lime.create().ridge(0))) {
      for (Explanation why : explainer.explainAll(List.of(Tensor.of(x, 1, 6)), Units.of(0))) {
        float[] map = why.maps().toFloatArray();
        for (int i = 0; i < 6; i++) {
          assertEquals(w[i] * x[i], map[i], 1e-4, why.method());
        }
      }
    }
  }

  @Test
  void pieces_ofAnotherShape_areRefused() {
    Superpixels wrong = Superpixels.given(Tensor.of(new long[4], 2, 2));
    float[] w = SmallNetwork.random(6, PIXELS);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> map(linear(w), Lime.create().superpixels(wrong)));
    assertTrue(String.valueOf(e.getMessage()).contains("(4, 4)"), e.getMessage());
  }

  @Test
  void slic_followsTheEdgesOfThePicture() {
    int side = 32;
    float[] picture = new float[side * side];
    for (int i = 0; i < picture.length; i++) {
      picture[i] = (i % side < 13 ? 0 : 200) + (i / side < 21 ? 0 : 100);
    }
    int[] labels = Superpixels.slic(16).of(picture, new int[] {side, side}, 1);
    int count = Arrays.stream(labels).max().orElse(0) + 1;
    assertTrue(count >= 8 && count <= 24, "pieces: " + count);
    float[] values = new float[count];
    Arrays.fill(values, Float.NaN);
    for (int i = 0; i < labels.length; i++) {
      float known = values[labels[i]];
      assertTrue(Float.isNaN(known) || known == picture[i], "a piece crosses an edge at " + i);
      values[labels[i]] = picture[i];
    }
  }

  @Test
  void slic_piecesHangTogetherAndAreCountedWithoutAGap() {
    int height = 30;
    int width = 41;
    float[] noise = SmallNetwork.random(4, height * width * 3);
    int[] labels = Superpixels.slic(40).of(noise, new int[] {height, width}, 3);
    int count = Arrays.stream(labels).max().orElse(0) + 1;
    assertEquals(count, (int) Arrays.stream(labels).distinct().count());
    int parts = 0;
    boolean[] seen = new boolean[labels.length];
    for (int start = 0; start < labels.length; start++) {
      parts += seen[start] ? 0 : 1;
      fill(labels, seen, start, width);
    }
    assertEquals(count, parts);
  }

  private static void fill(int[] labels, boolean[] seen, int start, int width) {
    ArrayDeque<Integer> open = new ArrayDeque<>(List.of(start));
    while (!open.isEmpty()) {
      int pixel = open.pop();
      if (!seen[pixel]) {
        seen[pixel] = true;
        int[] beside = {
          pixel % width > 0 ? pixel - 1 : pixel,
          pixel % width < width - 1 ? pixel + 1 : pixel,
          Math.max(pixel % width, pixel - width),
          pixel + width < labels.length ? pixel + width : pixel
        };
        for (int other : beside) {
          if (labels[other] == labels[pixel] && !seen[other]) {
            open.push(other);
          }
        }
      }
    }
  }

  @Test
  void xrai_ranksRegionsByTheirMeanAttribution() {
    // A picture of two halves of one colour each; only the right one speaks for the unit.
    int side = 64;
    float[] picture = new float[side * side];
    float[] w = new float[side * side];
    for (int i = 0; i < picture.length; i++) {
      picture[i] = i % side < 32 ? 0.2f : 1;
      w[i] = i % side < 32 ? 0 : 1;
    }
    SmallNetwork.Body body =
        (n, in) ->
            List.of(
                n.dense(
                    "dense",
                    KerasTensor.plain(n.b.reshape(in.get(0).value(), Shape.of(-1, side * side))),
                    w,
                    1));
    ExplainOptions raw = ExplainOptions.defaults().withFilter(Filters::none);
    try (Model model = SmallNetwork.model(body, new int[] {side, side, 1});
        Explainer explainer = Explainer.of(model, raw, Xrai.create().steps(2))) {
      Tensor x = Tensor.of(picture, 1, side, side, 1);
      float[] map = explainer.explain(x, Units.of(0)).maps().toFloatArray();
      // From the lowest 0.2 and the highest 1, the mean attribution of a right pixel is 0.4; a
      // region
      // has a margin of 5 pixels, and the smoothed edge is a few wide.
      float right = map[side - 1];
      assertTrue(right > 0.3 && right <= 0.4 + 1e-5, "right: " + right);
      for (int i = 0; i < map.length; i++) {
        if (i % side < 20 || i % side >= 44) {
          assertEquals(i % side < 20 ? 0 : right, map[i], 1e-5, "pixel " + i);
        }
      }
    }
  }

  @Test
  void xrai_ofATable_saysThatItIsNoPicture() {
    SmallNetwork.Body table =
        (n, in) -> List.of(n.dense("dense", in.get(0), SmallNetwork.random(4, 6), 1));
    try (Model model = SmallNetwork.model(table, new int[] {6});
        Explainer explainer = Explainer.of(model, Xrai.create())) {
      Tensor x = Tensor.of(new float[6], 1, 6);
      UnsupportedModelException e =
          assertThrows(UnsupportedModelException.class, () -> explainer.explain(x));
      assertTrue(String.valueOf(e.getMessage()).contains("none"), e.getMessage());
    }
  }
}
