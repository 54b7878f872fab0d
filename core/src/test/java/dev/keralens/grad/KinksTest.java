package dev.keralens.grad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a function has no derivative, the gradient is the one that TensorFlow takes. */
class KinksTest {
  @Test
  void relu_atZero() {
    assertGradient(new float[] {0, 0, 1}, GraphBuilder::relu, -1, 0, 1);
  }

  @Test
  void relu6_atItsCorners() {
    assertGradient(
        new float[] {0, 0, 1, 0, 0},
        (b, x) -> b.node(Op.CLIP, x, b.scalar(0), b.scalar(6)),
        -1,
        0,
        3,
        6,
        7);
  }

  @Test
  void abs_atZero() {
    assertGradient(new float[] {-1, 0, 1}, GraphBuilder::abs, -1, 0, 1);
  }

  @Test
  void leakyRelu_atZero() {
    Attributes alpha = Attributes.NONE.with("alpha", 0.25f);
    assertGradient(
        new float[] {0.25f, 0.25f, 1}, (b, x) -> b.node(Op.LEAKY_RELU, alpha, x), -1, 0, 1);
  }

  @Test
  void prelu_atZero() {
    assertGradient(
        new float[] {0.25f, 0, 1}, (b, x) -> b.node(Op.PRELU, x, b.scalar(0.25f)), -1, 0, 1);
  }

  @Test
  void elu_atZero() {
    assertGradient(new float[] {1, 1}, (b, x) -> b.node(Op.ELU, x), 0, 1);
  }

  @Test
  void selu_atZero() {
    assertGradient(new float[] {1.050701f, 1.050701f}, (b, x) -> b.node(Op.SELU, x), 0, 1);
  }

  @Test
  void hardSigmoid_atItsCorners() {
    assertGradient(new float[] {0, 0.2f, 0}, (b, x) -> b.node(Op.HARD_SIGMOID, x), -2.5f, 0, 2.5f);
  }

  @Test
  void hardSwish_atItsCorners() {
    assertGradient(new float[] {0, 0.5f, 1}, (b, x) -> b.node(Op.HARD_SWISH, x), -3, 0, 3);
  }

  @Test
  void maximum_tieGoesToTheFirst() {
    assertGradient(new float[] {2, 2, 1}, (b, x) -> b.max(b.mul(x, b.scalar(2)), x), 0, 1, -1);
    assertGradient(new float[] {1, 2, 1}, (b, x) -> b.max(x, b.mul(x, b.scalar(2))), 0, 1, -1);
  }

  @Test
  void minimum_tieGoesToTheFirst() {
    assertGradient(new float[] {2, 1, 2}, (b, x) -> b.min(b.mul(x, b.scalar(2)), x), 0, 1, -1);
  }

  @Test
  void reduceMax_tieIsShared() {
    assertGradient(
        new float[] {0, 0.5f, 0.5f, 0}, (b, x) -> b.reduce(Op.REDUCE_MAX, x, true, 1), 1, 3, 3, 2);
  }

  @Test
  void reduceMin_tieIsShared() {
    assertGradient(
        new float[] {1 / 3f, 0, 1 / 3f, 1 / 3f},
        (b, x) -> b.reduce(Op.REDUCE_MIN, x, true, 1),
        1,
        3,
        1,
        1);
  }

  @Test
  void globalMaxPool_tieIsShared() {
    assertGradient(
        new float[] {0.5f, 0.5f, 0, 0},
        (b, x) -> b.node(Op.GLOBAL_MAX_POOL, b.reshape(x, Shape.of(-1, 1, 2, 2))),
        5,
        5,
        1,
        2);
  }

  @Test
  void maxPool_tieGoesToTheFirst() {
    Attributes two = Attributes.of("kernel_shape", 2, 2);
    float[] equal = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    assertGradient(
        new float[] {1, 1, 0, 1, 1, 0, 0, 0, 0},
        (b, x) -> b.node(Op.MAX_POOL, two, b.reshape(x, Shape.of(-1, 1, 3, 3))),
        equal);
    float[] columns = {0, 1, 0, 1, 1, 0, 0, 0, 0};
    assertGradient(
        new float[] {0, 2, 0, 1, 1, 0, 0, 0, 0},
        (b, x) -> b.node(Op.MAX_POOL, two, b.reshape(x, Shape.of(-1, 1, 3, 3))),
        columns);
  }

  @Test
  void maxPool_tieOfZerosWithPadding() {
    Attributes padded =
        Attributes.of("kernel_shape", 2, 2).with("strides", 2, 2).with("pads", 1, 1, 1, 1);
    assertGradient(
        new float[] {1, 1, 1, 1},
        (b, x) -> b.node(Op.MAX_POOL, padded, b.reshape(x, Shape.of(-1, 1, 2, 2))),
        0,
        0,
        0,
        0);
  }

  /** Few different numbers, so that most windows have several maxima. */
  @ParameterizedTest
  @CsvSource({
    "2, 2, 2, 2, 0, 0",
    "3, 3, 2, 2, 1, 1",
    "3, 3, 1, 1, 1, 1",
    "3, 2, 1, 2, 0, 1",
    "2, 3, 3, 2, 1, 0",
    "1, 3, 2, 2, 0, 1",
    "5, 4, 2, 3, 2, 3"
  })
  void maxPool_ofManyTies(int height, int width, int down, int right, int top, int left) {
    int size = 9;
    float[] x = new float[size * size];
    Random random = new Random(7);
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(3) - 1;
    }
    float[] expected = new float[x.length];
    for (int y = -top; y + height <= size + top; y += down) {
      for (int z = -left; z + width <= size + left; z += right) {
        int best = -1;
        for (int i = Math.max(0, y); i < Math.min(size, y + height); i++) {
          for (int j = Math.max(0, z); j < Math.min(size, z + width); j++) {
            best = best < 0 || x[i * size + j] > x[best] ? i * size + j : best;
          }
        }
        expected[best]++;
      }
    }
    Attributes window =
        Attributes.of("kernel_shape", height, width)
            .with("strides", down, right)
            .with("pads", top, left, top, left);
    assertGradient(
        expected,
        (b, flat) -> b.node(Op.MAX_POOL, window, b.reshape(flat, Shape.of(-1, 1, size, size))),
        x);
  }

  @Test
  void norm_ofZeros() {
    assertGradient(new float[] {0, 0}, (b, x) -> b.reduce(Op.REDUCE_L2, x, true, 1), 0, 0);
    assertGradient(new float[] {0, 0}, (b, x) -> b.reduce(Op.REDUCE_L1, x, true, 1), 0, 0);
  }

  @Test
  void product_withZeros() {
    BiFunction<GraphBuilder, Value, Value> product = (b, x) -> b.reduce(Op.REDUCE_PROD, x, true, 1);
    assertGradient(new float[] {0, 6, 0}, product, 2, 0, 3);
    assertGradient(new float[] {0, 0, 0}, product, 0, 0, 3);
  }

  /** Where ResNets take every second pixel. */
  @Test
  void maxPooling_ofSizeOneWithStride() {
    Attributes one = Attributes.of("kernel_shape", 1, 1).with("strides", 2, 2);
    assertGradient(
        new float[] {6, 0, 4, 0, 0, 0, 2, 0, 10, 0, 0, 0},
        (b, x) -> {
          Value pooled = b.node(Op.MAX_POOL, one, b.reshape(x, Shape.of(-1, 1, 4, 3)));
          return b.mul(pooled, pooled);
        },
        3,
        9,
        2,
        9,
        9,
        9,
        1,
        9,
        5,
        9,
        9,
        9);
  }

  @Test
  void power_ofZero() {
    assertGradient(new float[] {0}, (b, x) -> b.node(Op.POW, x, b.scalar(2)), 0);
    assertGradient(new float[] {1}, (b, x) -> b.node(Op.POW, x, b.scalar(1)), 0);
    assertGradient(new float[] {-4}, (b, x) -> b.node(Op.POW, x, b.scalar(2)), -2);
  }

  /** The gradient of the sum of all elements of a function's value. */
  private static void assertGradient(
      float[] expected, BiFunction<GraphBuilder, Value, Value> function, float... at) {
    GraphBuilder b = new GraphBuilder();
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(-1, at.length));
    Value y = function.apply(b, x);
    Value seed = b.input("seed", y.type(), y.shape());
    Map<Value, Value> gradients = Differentiator.of(b).gradients(Map.of(y, seed), List.of(x));
    try (CompiledGraph compiled = CompiledGraph.compile(b.build(List.copyOf(gradients.values())))) {
      int[] shape = y.shape().forBatch(1);
      float[] ones = new float[(int) Tensor.elements(shape)];
      Arrays.fill(ones, 1);
      Tensor gradient =
          compiled.run(List.of(Tensor.of(at, 1, at.length), Tensor.of(ones, shape))).get(0);
      assertArrayEquals(expected, gradient.toFloatArray(), 1e-6f);
    }
  }
}
