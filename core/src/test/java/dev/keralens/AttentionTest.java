package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.method.AttentionRollout;
import dev.keralens.method.GradCam;
import dev.keralens.method.LeGrad;
import dev.keralens.method.ReciproCam;
import dev.keralens.method.TransformerAttribution;
import dev.keralens.method.VitReciproCam;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Methods that follow attention, on a small vision transformer (parity/methods/make_attention.py).
 */
class AttentionTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/methods");

  private static ExplainOptions raw() {
    return ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
  }

  private static Tensor maps(Method method, ExplainOptions options) throws IOException {
    try (Model model = Model.load(FOLDER.resolve("vit.onnx"));
        Explainer explainer = Explainer.of(model, options, method)) {
      return explainer.explain(Npy.read(FOLDER.resolve("vit_x.npy")), Units.all()).maps();
    }
  }

  private static void assertGolden(String name, Method method) throws IOException {
    Tensor expected = Npy.read(FOLDER.resolve(name + ".npy"));
    Tensor maps = maps(method, raw());
    assertArrayEquals(expected.shape(), maps.shape());
    assertArrayEquals(expected.toFloatArray(), maps.toFloatArray(), 1e-5f);
  }

  @Test
  void rollout_isTheProductOfTheMeanAttentions() throws IOException {
    assertGolden("attention_rollout", AttentionRollout.create());
  }

  @Test
  void transformerAttribution_isGradientTimesAttentionThroughTheLayers() throws IOException {
    assertGolden("transformer_attribution", TransformerAttribution.create());
  }

  @Test
  void leGrad_isThePositiveGradientOfEachLayersOwnScore() throws IOException {
    assertGolden("legrad", LeGrad.create());
  }

  @Test
  void vitReciproCam_isTheScoreWithOneTokenLeft() throws IOException {
    assertGolden("vit_reciprocam", VitReciproCam.create());
  }

  @Test
  void tokens_lieAsThePatchesDo() throws IOException {
    ExplainOptions layer = raw().withLayers("/blocks.1/Add_1_output_0");
    for (Method method : List.of(GradCam.create(), ReciproCam.create())) {
      Tensor found = maps(method, layer);
      assertArrayEquals(new int[] {2, 3, 4, 3}, found.shape(), method.name());
      Tensor given = maps(method, layer.withTokens(3, 4));
      assertArrayEquals(given.toFloatArray(), found.toFloatArray(), method.name());
    }
    int[] resized = maps(AttentionRollout.create(), raw().withResize(Resize.toInput())).shape();
    assertArrayEquals(new int[] {2, 12, 16, 3}, resized);
  }

  private static Model tokens(boolean extraFirst) {
    ModelBuilder b = ModelBuilder.create("tokens");
    SymbolicTensor patches = b.conv2d(6, 4).strides(4).apply(b.input(8, 12, 3));
    SymbolicTensor rows = b.reshape(6, 6).apply(patches);
    SymbolicTensor extra = b.reshape(1, 6).apply(b.globalAveragePooling2d().apply(patches));
    SymbolicTensor all =
        b.concatenate().set("axis", 1).apply(extraFirst ? extra : rows, extraFirst ? rows : extra);
    SymbolicTensor x = b.dense(6).activation("relu").name("mixed").apply(all);
    return Model.of(b.build(b.dense(3).apply(b.flatten().apply(x))), 1);
  }

  /** Tokens in front are left out, and seven tokens whose order is not known are asked for. */
  @Test
  void tokens_besideThePatchesStandInFrontOrAreAskedFor() {
    Tensor x = Tensor.of(SmallNetwork.random(4, 8 * 12 * 3), 1, 8, 12, 3);
    try (Model front = tokens(true);
        Explainer explainer = Explainer.of(front, raw().withLayers("mixed"), GradCam.create())) {
      assertArrayEquals(new int[] {1, 2, 3, 1}, explainer.explain(x, Units.of(0)).maps().shape());
    }
    ExplainOptions sized = ExplainOptions.defaults().withLayers("mixed");
    try (Model behind = tokens(false);
        Explainer explainer = Explainer.of(behind, sized, GradCam.create())) {
      Exception e =
          assertThrows(UnsupportedModelException.class, () -> explainer.explain(x, Units.of(0)));
      assertTrue(String.valueOf(e.getMessage()).contains("tokens"), e.getMessage());
    }
    try (Model behind = tokens(false);
        Explainer explainer = Explainer.of(behind, sized.withTokens(2, 3), GradCam.create())) {
      Exception e =
          assertThrows(UnsupportedModelException.class, () -> explainer.explain(x, Units.of(0)));
      assertTrue(String.valueOf(e.getMessage()).contains("before 1 others"), e.getMessage());
    }
  }

  @Test
  void networkWithoutAttention_saysSo() {
    for (Method method :
        List.of(
            AttentionRollout.create(),
            TransformerAttribution.create(),
            LeGrad.create(),
            VitReciproCam.create())) {
      UnsupportedModelException e =
          assertThrows(
              UnsupportedModelException.class, () -> FourByFour.map(FourByFour.twoSided(), method));
      assertTrue(String.valueOf(e.getMessage()).contains("no attention"), e.getMessage());
    }
  }

  /** One head of attention over the rows of the picture; in two windows where asked for. */
  private static Model attending(int windows) {
    return SmallNetwork.model(
        (n, in) -> {
          Value rows = n.b.reshape(in.get(0).value(), Shape.of(-windows, 1, 4 / windows, 4));
          Value scores = n.b.matMul(rows, n.b.transpose(rows, 0, 1, 3, 2));
          Value weights = n.b.node(Op.SOFTMAX, Attributes.of("axis", -1), n.b.mul(scores, 0.5));
          Value mixed = n.b.reshape(n.b.matMul(weights, rows), Shape.of(-1, 16));
          return List.of(n.dense("dense", KerasTensor.plain(mixed), SmallNetwork.random(2, 16), 1));
        },
        new int[] {4, 4});
  }

  private static final float[] W = SmallNetwork.random(2, 16);

  /**
   * One head of attention over the rows X of the picture, and them: y = W (X + softmax(X X^T) X).
   */
  private static Model residual() {
    return SmallNetwork.model(
        (n, in) -> {
          Value rows = n.b.reshape(in.get(0).value(), Shape.of(-1, 4, 4));
          float[] ones = new float[16];
          for (int i = 0; i < 4; i++) {
            ones[5 * i] = 1;
          }
          Value queries = n.b.matMul(rows, n.b.constant(Tensor.of(ones, 4, 4)));
          Value scores = n.b.matMul(queries, n.b.transpose(rows, 0, 2, 1));
          Value weights = n.b.node(Op.SOFTMAX, Attributes.of("axis", -1), scores);
          Value sum = n.b.add(rows, n.b.matMul(weights, rows));
          Value flat = n.b.reshape(sum, Shape.of(-1, 16));
          return List.of(n.dense("dense", KerasTensor.plain(flat), W, 1));
        },
        new int[] {4, 4});
  }

  private static float[] ofRows(Method method, Tensor x) {
    try (Model model = residual();
        Explainer explainer = Explainer.of(model, raw().withTokens(4), method)) {
      return explainer.explain(x, Units.of(0)).maps().toFloatArray();
    }
  }

  @Test
  void leGrad_ofOneHead_isTheMeanPositiveGradientOfEachColumn() {
    float[] x = SmallNetwork.random(5, 16);
    float[] map = ofRows(LeGrad.create(), Tensor.of(x, 1, 4, 4));
    for (int j = 0; j < 4; j++) {
      double sum = 0;
      for (int i = 0; i < 4; i++) {
        double gradient = 0; // of the weight (i, j): W_i x_j
        for (int f = 0; f < 4; f++) {
          gradient += W[4 * i + f] * x[4 * j + f];
        }
        sum += Math.max(0, gradient);
      }
      assertEquals(sum / 4, map[j], 1e-5);
    }
  }

  @Test
  void vitReciproCam_ofOneHead_isTheScoreOfEachRowAlone() {
    float[] x = SmallNetwork.random(5, 16);
    float[] map = ofRows(VitReciproCam.create(), Tensor.of(x, 1, 4, 4));
    for (int t = 0; t < 4; t++) {
      double own = 0;
      for (int f = 0; f < 4; f++) {
        own += x[4 * t + f] * x[4 * t + f];
      }
      double seen = Math.exp(own) / (Math.exp(own) + 3); // the others are zero, and see all alike
      double score = 0;
      for (int i = 0; i < 4; i++) {
        for (int f = 0; f < 4; f++) {
          score += W[4 * i + f] * x[4 * t + f] * (i == t ? 1 + seen : 0.25);
        }
      }
      assertEquals(score, map[t], 1e-5);
    }
  }

  /** Queries of other tokens than keys: each token of the one picture sees the other one's. */
  @Test
  void attentionToTokensOfOthers_isRefusedByName() {
    Model crossed =
        SmallNetwork.model(
            (n, in) -> {
              Value rows = n.b.reshape(in.get(0).value(), Shape.of(-1, 4, 4));
              Value few = n.b.slice(rows, new int[] {1}, new int[] {0}, new int[] {3});
              Value scores = n.b.matMul(few, n.b.transpose(rows, 0, 2, 1));
              Value weights = n.b.node(Op.SOFTMAX, Attributes.of("axis", -1), scores);
              Value flat = n.b.reshape(n.b.matMul(weights, rows), Shape.of(-1, 12));
              return List.of(
                  n.dense("dense", KerasTensor.plain(flat), SmallNetwork.random(2, 12), 1));
            },
            new int[] {4, 4});
    try (crossed;
        Explainer explainer = Explainer.of(crossed, raw().withTokens(4), LeGrad.create())) {
      Tensor x = Tensor.of(SmallNetwork.random(5, 16), 1, 4, 4);
      UnsupportedModelException e =
          assertThrows(UnsupportedModelException.class, () -> explainer.explain(x, Units.of(0)));
      assertTrue(String.valueOf(e.getMessage()).contains("tokens of others"), e.getMessage());
    }
  }

  @Test
  void attentionWithinWindows_isRefusedByName() {
    ExplainOptions options = raw().withTokens(4);
    try (Model whole = attending(1);
        Model windows = attending(2);
        Explainer ofWhole = Explainer.of(whole, options, AttentionRollout.create());
        Explainer ofWindows = Explainer.of(windows, options, AttentionRollout.create())) {
      Tensor x = Tensor.of(SmallNetwork.random(5, 16), 1, 4, 4);
      float[] map = ofWhole.explain(x, Units.of(0)).maps().toFloatArray();
      double sum = 0; // no token stands before the others, so the map is the mean of all rows
      for (float value : map) {
        sum += value;
      }
      assertEquals(4, map.length);
      assertEquals(1, sum, 1e-6);
      UnsupportedModelException e =
          assertThrows(UnsupportedModelException.class, () -> ofWindows.explain(x, Units.of(0)));
      assertTrue(String.valueOf(e.getMessage()).contains("windows"), e.getMessage());
    }
  }
}
