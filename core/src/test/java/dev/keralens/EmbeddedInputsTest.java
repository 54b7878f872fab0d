package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.filter.Filters;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.method.Gradients;
import dev.keralens.method.ScoreCam;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Inputs of real numbers that embeddings read as indices, in the ways that exporters write it. */
class EmbeddedInputsTest {
  private static final int WORDS = 5;

  /** Makes indices, int64, of words, float (batch, 4). */
  private interface Indices extends BiFunction<GraphBuilder, Value, Value> {}

  private static final Map<String, Indices> WAYS = new LinkedHashMap<>();

  private static Value whole(GraphBuilder b, Value words) {
    return b.cast(words, ElementType.INT64);
  }

  private static Value number(GraphBuilder b, long number) {
    return b.scalar((double) number, ElementType.INT64);
  }

  static {
    WAYS.put("cast", EmbeddedInputsTest::whole);
    WAYS.put("cast in two steps", (b, x) -> whole(b, b.cast(x, ElementType.INT32)));
    WAYS.put("rounded", (b, x) -> whole(b, b.node(Op.ROUND, x)));
    WAYS.put("cut", (b, x) -> whole(b, b.node(Op.CLIP, x, b.scalar(0), b.scalar(WORDS - 1))));
    WAYS.put("reshaped", (b, x) -> b.reshape(whole(b, b.unsqueeze(x, 2)), x.shape()));
    // As tf2onnx writes negative indices that count from the end, without Where.
    WAYS.put(
        "chosen by products",
        (b, x) -> {
          Value index = whole(b, x);
          Value isNegative = b.node(Op.LESS, b.cast(index, ElementType.FLOAT32), b.scalar(0));
          Value shifted = b.add(index, number(b, WORDS));
          Value first = b.mul(whole(b, isNegative), shifted);
          Value second = b.mul(index, whole(b, b.node(Op.NOT, isNegative)));
          return b.add(first, second);
        });
    WAYS.put(
        "chosen by where",
        (b, x) -> {
          Value index = whole(b, x);
          Value isNegative = b.node(Op.LESS, index, number(b, 0));
          return b.where(isNegative, b.add(index, number(b, WORDS)), index);
        });
  }

  static List<String> ways() {
    return List.copyOf(WAYS.keySet());
  }

  private static Model model(Indices indices) {
    return SmallNetwork.model(
        (n, in) -> {
          GraphBuilder b = n.b;
          Value table = b.constant(Tensor.of(SmallNetwork.random(3, WORDS * 2), WORDS, 2));
          Value index = indices.apply(b, in.get(0).value());
          Value vectors = b.node(Op.GATHER, Attributes.of("axis", 0), table, index);
          Value squares = b.mul(vectors, vectors);
          Value kernel = b.constant(Tensor.of(SmallNetwork.random(4, 4), 2, 2));
          Value scores = b.matMul(b.reduceSum(squares, false, 1), kernel);
          return List.of(n.layer("scores", "Dense", in.get(0), scores, Layout.PLAIN));
        },
        new int[] {4});
  }

  private static Explanation explain(Indices indices) {
    ExplainOptions raw =
        ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
    try (Model model = model(indices);
        Explainer explainer = Explainer.of(model, raw, Gradients.create())) {
      return explainer.explain(Tensor.of(new float[] {0, 3, 1, 4}, 1, 4), Units.all());
    }
  }

  /** The gradient of a word is that of its vector, however its number becomes an index. */
  @ParameterizedTest
  @MethodSource("ways")
  void gradients_areThoseOfTheVectors(String way) {
    Indices indices = WAYS.get(way);
    if (indices == null) {
      throw new IllegalArgumentException(way);
    }
    float[] expected = explain(EmbeddedInputsTest::whole).maps().toFloatArray();
    float[] maps = explain(indices).maps().toFloatArray();
    assertTrue(maps[0] > 0);
    assertArrayEquals(expected, maps, 1e-6f);
  }

  @ParameterizedTest
  @MethodSource("ways")
  void masks_areRefused(String way) {
    Indices indices = WAYS.get(way);
    if (indices == null) {
      throw new IllegalArgumentException(way);
    }
    try (Model model = model(indices);
        Explainer explainer = Explainer.of(model, ScoreCam.create())) {
      Tensor x = Tensor.of(new float[4], 1, 4);
      assertThrows(UnsupportedModelException.class, () -> explainer.explain(x));
    }
  }

  /** An output that only comparisons of the input lead to depends on it, and has no gradient. */
  @Test
  void comparisons_haveNoGradientAndThatIsSaid() {
    SmallNetwork.Body body =
        (n, in) -> {
          KerasTensor x = in.get(0);
          Value above = n.b.node(Op.GREATER, x.value(), n.b.scalar(0));
          Value scores = n.b.cast(above, ElementType.FLOAT32);
          return List.of(n.layer("steps", "Lambda", x, scores, Layout.PLAIN));
        };
    try (Model model = SmallNetwork.model(body, new int[] {4});
        Explainer explainer = Explainer.of(model, Gradients.create())) {
      Tensor x = Tensor.of(new float[4], 1, 4);
      Exception e = assertThrows(UnsupportedModelException.class, () -> explainer.explain(x));
      assertTrue(
          String.valueOf(e.getMessage()).contains("No gradient of the explained output reaches"),
          e.getMessage());
    }
  }
}
